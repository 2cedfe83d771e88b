/** What is seen while an answer is on its way: that it is thought about, or what is done for it. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";
import type { ChatState } from "../../state/chat";
import { isVisible } from "./items";
import { words } from "./words";

export function waiting(state: ChatState, strings: Strings): TemplateResult | typeof nothing {
  const progress = state.conversation.run?.progress;
  if (!state.responding) return nothing;
  if (progress) {
    const symbol = words(progress.icon);
    return html`<p class="thread-progress" part="progress">
      ${symbol ? icon(symbol) : nothing}<span dir="auto">${words(progress.text)}</span>
    </p>`;
  }
  if (isWriting(state)) return nothing;
  return html`<p class="thread-thinking" part="thinking">
    <span class="thread-hidden">${strings.thinking}</span><span></span><span></span><span></span>
  </p>`;
}

/** Whether one can see that it goes on: something grows, or waits for the page. */
function isWriting({ conversation }: ChatState): boolean {
  const { items, open } = conversation;
  return items
    .slice(-MOST_OPEN)
    .some(item => (open.has(item.id) || item.type === "client_tool_call") && isVisible(item, true));
}

const MOST_OPEN = 20;
