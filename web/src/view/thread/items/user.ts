/** What a user wrote. */

import { html, nothing, type TemplateResult } from "lit";
import type { UserContent, UserMessageItem } from "../../../protocol/types";
import { copyButton } from "../button";
import type { ItemView } from "../view";
import { words } from "../words";
import { attachments } from "./attachments";

export type UserMessage = Pick<UserMessageItem, "content" | "attachments" | "quoted_text">;

const LONG_CHARACTERS = 1200;
const LONG_LINES = 14;
/** More than can be seen of what is cut off. */
const CLIPPED_CHARACTERS = 2400;

export function userMessage(message: UserMessage, view: ItemView): TemplateResult {
  const { strings, notes, note } = view;
  const text = textOf(message);
  return html`
    ${message.quoted_text ? html`<blockquote class="thread-quote" dir="auto">${message.quoted_text}</blockquote>` : nothing}
    ${message.attachments.length > 0 ? attachments(message.attachments, view) : nothing}
    ${
      text.trim() === ""
        ? nothing
        : html`<div class="thread-said">
            <div class="thread-actions">
              ${copyButton(text, strings, notes.hasCopied === true, hasCopied => note({ hasCopied }))}
            </div>
            ${bubble(message.content, isLong(text), view)}
          </div>`
    }
  `;
}

function textOf({ content }: UserMessage): string {
  return content.map(part => words(part.text)).join("");
}

function isLong(text: string): boolean {
  return text.length > LONG_CHARACTERS || text.split("\n", LONG_LINES + 2).length > LONG_LINES + 1;
}

function bubble(content: readonly UserContent[], isLong: boolean, view: ItemView): TemplateResult {
  const isClipped = isLong && view.notes.isOpen !== true;
  const parts = isClipped ? clipped(content) : content;
  return html`<div class="thread-bubble" part="user-message">
    <div class="thread-bubble-text" dir="auto" ?data-clipped=${isClipped}>${parts.map(part => shown(part, view))}</div>
    ${isLong ? more(isClipped, view) : nothing}
  </div>`;
}

function more(isClipped: boolean, { strings, note }: ItemView): TemplateResult {
  return html`<button
    type="button"
    class="thread-more"
    aria-expanded=${!isClipped}
    @click=${() => note({ isOpen: isClipped })}
  >
    ${isClipped ? strings.readMore : strings.readLess}
  </button>`;
}

/** A million characters are a lot to lay out for the few that are seen. */
function clipped(content: readonly UserContent[]): UserContent[] {
  let left = CLIPPED_CHARACTERS;
  return content
    .map(part => {
      const text = words(part.text).slice(0, Math.max(0, left));
      left -= text.length;
      return { ...part, text };
    })
    .filter(part => part.text !== "");
}

function shown(part: UserContent, { options }: ItemView): TemplateResult {
  const text = words(part.text);
  if (part.type !== "input_tag") return html`${text}`;
  const onClick = part.interactive === true ? options.entities?.onClick : undefined;
  if (onClick === undefined) return html`<span class="thread-tag" part="tag">${text}</span>`;
  const data = part.data as Record<string, string> | undefined;
  const entity = { id: words(part.id), title: text, interactive: true, data: data ?? {} };
  return html`<button
    type="button"
    class="thread-tag"
    part="tag"
    @click=${() => onClick(part.group === undefined ? entity : { ...entity, group: part.group })}
  >${text}</button>`;
}
