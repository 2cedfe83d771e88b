/** The way to what is newest, for who is elsewhere in a thread. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";

export interface Jump {
  isFar: boolean;
  /** There is something that was not seen. */
  hasNews: boolean;
  isResponding: boolean;
}

export function jump(
  { isFar, hasNews, isResponding }: Jump,
  strings: Strings,
  onClick: () => void,
): TemplateResult {
  const label = hasNews ? strings.jumpToNews : strings.jumpToLatest;
  return html`<div class="thread-jump" ?data-shown=${isFar}>
    ${
      isFar
        ? html`<button
            type="button"
            class="thread-jump-button"
            part="jump"
            aria-label=${label}
            data-tip=${label}
            ?data-news=${hasNews}
            ?data-running=${isResponding}
            @click=${onClick}
          >
            ${icon("arrow-down")}
          </button>`
        : nothing
    }
  </div>`;
}
