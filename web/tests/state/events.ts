/** Events for tests, and a server that keeps what it says. */

import type { AssistantMessageItem, Item, StreamEvent, UserMessageItem } from "../../src/protocol/types";

const WHERE = { thread_id: "thr_1", created_at: "2026-01-01T00:00:00.000000Z" };

export function user(id: string, text: string): UserMessageItem {
  return { type: "user_message", id, ...WHERE, content: [{ type: "input_text", text }], attachments: [] };
}

export function assistant(id: string, ...texts: string[]): AssistantMessageItem {
  const content = texts.map(text => ({ type: "output_text" as const, text, annotations: [] }));
  return { type: "assistant_message", id, ...WHERE, content };
}

export function added(item: Item): StreamEvent {
  return { type: "thread.item.added", item };
}

export function done(item: Item): StreamEvent {
  return { type: "thread.item.done", item };
}

export function delta(itemId: string, text: string, index = 0): StreamEvent {
  const update = {
    type: "assistant_message.content_part.text_delta" as const,
    content_index: index,
    delta: text,
  };
  return { type: "thread.item.updated", item_id: itemId, update };
}

export function started(runId = "run_1"): StreamEvent {
  return { type: "run.started", run_id: runId, thread_id: "thr_1", attempt: 1 };
}

export function ended(runId = "run_1"): StreamEvent {
  return { type: "run.ended", run_id: runId, status: "completed" };
}

/** What the server has stored once a run has said all this. */
export function stored(events: readonly StreamEvent[]): Item[] {
  const items = new Map<string, Item>();
  for (const event of events) {
    if (event.type === "thread.item.done" || event.type === "thread.item.replaced")
      items.set(event.item.id, event.item);
    if (event.type === "thread.item.removed") items.delete(event.item_id);
  }
  return [...items.values()];
}
