/** What turns while an action goes on. */
import { html, type TemplateResult } from "lit";

export function spinner(): TemplateResult {
  return html`<span class="w-spinner" aria-hidden="true"></span>`;
}
