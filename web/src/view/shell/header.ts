/** What stands above the thread: its title, the page's actions, a new chat, the history. */
import type { HeaderOption } from "@openai/chatkit";
import { css, html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";
import type { ViewContext } from "../context";

export interface HeaderHands {
  newChat(): void;
  /** Null where there is no history. */
  showHistory: (() => void) | null;
}

export function header(
  context: ViewContext,
  isNew: boolean,
  hands: HeaderHands,
): TemplateResult | typeof nothing {
  const { options, locale, state } = context;
  const { strings } = locale;
  const { enabled = true, title, leftAction, rightAction } = options.header ?? {};
  if (!enabled) return nothing;
  const text = title?.text ?? (isNew ? "" : (state.conversation.thread?.title ?? ""));
  const newChat = html`
    <button type="button" class="shell-icon-button" part="new-chat-button" aria-label=${strings.newChat}
      title=${strings.newChat} @click=${hands.newChat}>${icon("compose")}</button>
  `;
  const history = html`
    <button type="button" class="shell-icon-button" part="history-button" aria-label=${strings.showHistory}
      title=${strings.showHistory} aria-haspopup="dialog" @click=${hands.showHistory}>${icon("history")}</button>
  `;
  return html`
    <div class="header" part="header">
      ${action(leftAction, "left", strings)}
      ${heading(title?.enabled === false ? "" : text, strings)}
      ${isNew ? nothing : newChat} ${hands.showHistory ? history : nothing} ${action(rightAction, "right", strings)}
    </div>
  `;
}

/** There is always one for who hears the page: what is below has headings of its own. */
function heading(text: string, strings: Strings): TemplateResult {
  if (text !== "") return html`<h2 class="header-title" part="title" title=${text} dir="auto">${text}</h2>`;
  return html`<h2 class="header-title" part="title"><span class="shell-hidden">${strings.chat}</span></h2>`;
}

function action(
  option: HeaderOption["leftAction"],
  side: "left" | "right",
  strings: Strings,
): TemplateResult | typeof nothing {
  if (!option) return nothing;
  const label = labelOf(option.icon, strings);
  return html`
    <button type="button" class="shell-icon-button" part="header-action header-${side}-action" aria-label=${label}
      title=${label} @click=${() => option.onClick()}>${icon(option.icon)}</button>
  `;
}

/** The page names an icon alone: what it usually stands for. */
function labelOf(name: string, strings: Strings): string {
  const found = LABELS.find(([pattern]) => pattern.test(name));
  return found ? strings[found[1]] : strings.headerAction;
}

const LABELS = [
  [/^close$/, "headerClose"],
  [/^(sidebar|collapse-(left|right)|open-|double-chevron)/, "headerSidebar"],
  [/^home/, "headerHome"],
  [/^back/, "headerBack"],
  [/^(expand|collapse)-/, "headerSize"],
  [/^settings/, "headerSettings"],
  [/^(menu|hamburger|grid)/, "headerMenu"],
  [/^dots/, "headerMore"],
  [/^share$/, "headerShare"],
  [/-mode$/, "headerScheme"],
  [/^compose$/, "newChat"],
  [/^history$/, "showHistory"],
] as const satisfies [RegExp, keyof Strings][];

export const headerStyles = css`
  .header {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 0.5);
    min-block-size: calc(var(--ck-space) * 13);
    padding-inline: calc(var(--ck-space) * 2);
    border-block-end: 1px solid transparent;
    transition: border-color var(--ck-slow) var(--ck-ease);
  }

  .root:not([data-new]) .header {
    border-color: var(--ck-border);
  }

  .header-title {
    flex: 1;
    min-inline-size: 0;
    margin: 0;
    padding-inline: calc(var(--ck-space) * 2);
    overflow: hidden;
    font-size: calc(var(--ck-size) * 0.94);
    font-weight: 600;
    line-height: 1.4;
    text-align: start;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`;
