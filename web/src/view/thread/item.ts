/** An item of a thread, with what stands below it. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Item } from "../../protocol/types";
import type { Outgoing } from "../../state/chat";
import type { Notice } from "../../state/conversation";
import type { ViewContext } from "../context";
import { actions } from "./actions";
import { answerEndingAt, endsAnswer } from "./answers";
import { isolated } from "./isolated";
import { drawn, isVisible, nameOf } from "./items";
import { userMessage } from "./items/user";
import type { Memory } from "./memory";
import { notice } from "./notices";
import { sendingOf } from "./step";
import type { ItemView } from "./view";

export interface Drawing {
  context: ViewContext;
  memory: Memory;
  /** By the item below which they stand. */
  notices: ReadonlyMap<string | null, readonly Notice[]>;
  /** Ids of messages that were sent from here. */
  sent: ReadonlySet<string>;
}

/** `index`: where the item is in the conversation. */
export function itemAndBelow(item: Item, index: number, drawing: Drawing): TemplateResult {
  return html`${entry(item, drawing)}${answerActions(index, drawing)}${noticesBelow(item.id, drawing)}`;
}

function entry(item: Item, drawing: Drawing): TemplateResult | typeof nothing {
  const { context, sent } = drawing;
  const { state, locale } = context;
  if (!isVisible(item, state.responding)) return nothing;
  const isGrowing = state.conversation.open.has(item.id);
  const view = itemView(drawing, item.id, isGrowing);
  const dependencies = [item, isGrowing, ...dependenciesOf(view, context)];
  if (item.type === "structured_input") dependencies.push(view.isResponding);
  return html`<article
    class="thread-item"
    part="item"
    data-kind=${item.type}
    aria-label=${nameOf(item, locale.strings)}
    aria-busy=${isGrowing || nothing}
    ?data-fresh=${isGrowing || sent.has(item.id)}
    ${isolated(
      dependencies,
      () => drawn(item, view),
      error => unshown(error, item.id, item.type, context),
    )}
  ></article>`;
}

export function itemView({ context, memory }: Drawing, id: string, isGrowing: boolean): ItemView {
  const { session, state, options, widgets, locale } = context;
  return {
    session,
    options,
    widgets,
    strings: locale.strings,
    language: locale.language,
    imageDomains: state.conversation.thread?.allowed_image_domains,
    isGrowing,
    isResponding: state.responding,
    notes: memory.of(id),
    note: change => memory.note(id, change),
  };
}

function dependenciesOf(view: ItemView, { locale, colorScheme }: ViewContext): unknown[] {
  return [view.notes, view.options, view.session, view.imageDomains, locale, colorScheme];
}

// --- below -----------------------------------------------------------------------------------------------------------

function answerActions(index: number, drawing: Drawing): TemplateResult | typeof nothing {
  const { state } = drawing.context;
  const { items } = state.conversation;
  if (!endsAnswer(items, index)) return nothing;
  const isLast = index === items.length - 1;
  const isSending = sendingOf(state) !== null;
  const answer = isLast && state.responding && !isSending ? null : answerEndingAt(items, index);
  if (answer === null) return nothing;
  const verdict = answer.itemIds.map(id => state.feedback.get(id)).find(kind => kind !== undefined);
  return actions(answer, {
    ...itemView(drawing, `answer ${items[index]?.id}`, false),
    feedback: verdict ?? null,
    isNewest: isLast && !isSending,
  });
}

/** null: above all. */
export function noticesBelow(itemId: string | null, drawing: Drawing): TemplateResult[] {
  const { context, notices, memory } = drawing;
  return (notices.get(itemId) ?? []).map(one => {
    const id = `notice ${one.key}`;
    const view = itemView(drawing, id, false);
    return html`<article
      class="thread-item"
      data-kind="notice"
      data-fresh
      ${isolated(
        [one, memory.of(id), ...dependenciesOf(view, context)],
        () => notice(one, view),
        error => unshown(error, id, "notice", context),
      )}
    ></article>`;
  });
}

/** A message on its way, as it will be. */
export function sendingMessage({ key, input, attachments }: Outgoing, drawing: Drawing): TemplateResult {
  const { context } = drawing;
  const view = itemView(drawing, key, false);
  const message = { ...input, attachments: [...attachments] };
  return html`<article
    class="thread-item"
    part="item"
    data-kind="sending"
    aria-label=${context.locale.strings.yourMessage}
    ${isolated(
      [input, ...dependenciesOf(view, context)],
      () => userMessage(message, view),
      error => unshown(error, key, "sending", context),
    )}
  ></article>`;
}

function unshown(error: unknown, id: string, type: string, context: ViewContext): TemplateResult {
  context.emit("log", { name: "item.not_shown", data: { id, type, error: String(error) } });
  return html`<p class="thread-quiet">${icon("circle-alert")}<span>${context.locale.strings.cannotBeShown}</span></p>`;
}
