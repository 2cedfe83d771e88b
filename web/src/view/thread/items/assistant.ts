/** What the assistant wrote. */

import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { markdown } from "../../../markdown";
import type { AssistantMessageItem } from "../../../protocol/types";
import type { ItemView } from "../view";
import { citation, citedIn, sourceList } from "./sources";

export function assistantMessage({ content }: AssistantMessageItem, view: ItemView): TemplateResult {
  const cited = citedIn(content);
  const part = (index: number) => {
    const { text = "", annotations = [] } = content[index] ?? {};
    return markdown(text, {
      strings: view.strings,
      streaming: view.isGrowing && index === content.length - 1,
      allowedImageDomains: view.imageDomains,
      annotations,
      cite: annotation => citation(annotation, cited, view),
      onDeepLink: view.widgets.onDeepLink,
    });
  };
  return html`
    <div class="thread-answer" part="assistant-message" ?data-growing=${view.isGrowing}>
      ${content.map((one, index) => {
        const grows = view.isGrowing && index === content.length - 1;
        return guard([one, grows, cited.size, view.strings, view.options], () => part(index));
      })}
    </div>
    ${cited.size > 0 && !view.isGrowing ? sourceList(cited, view) : nothing}
  `;
}
