/** A conversation as it is drawn. */

import { html, type TemplateResult } from "lit";
import type { ViewContext } from "../context";
import { Thread } from "./element";

export { threadStyles } from "./styles";

if (!customElements.get("chatkit-thread")) customElements.define("chatkit-thread", Thread);

export function thread(context: ViewContext): TemplateResult {
  return html`<chatkit-thread .context=${context}></chatkit-thread>`;
}
