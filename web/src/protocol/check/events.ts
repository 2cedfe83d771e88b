/** What a stream says. */

import { own } from "../../own";
import type { ItemUpdate, StreamEvent } from "../types";
import { checkedItem, image, node, part, task } from "./items";
import { checkedThread } from "./threads";
import { type Check, type Fields, isId, isIndex, list, object, text } from "./values";

/** An event, or null where it makes no sense. */
export function checkedEvent(type: string, fields: Fields): StreamEvent | null {
  const check = own(EVENTS, type);
  const checked = check === undefined ? fields : check(fields);
  return checked === null ? null : ({ ...checked, type } as StreamEvent);
}

function withThread(event: Fields): Fields | null {
  const thread = checkedThread(event.thread);
  return thread && { ...event, thread };
}

function withItem(event: Fields): Fields | null {
  const item = checkedItem(event.item);
  return item && { ...event, item };
}

const EVENTS: Record<StreamEvent["type"], Check> = {
  "thread.created": withThread,
  "thread.updated": withThread,
  "thread.item.added": withItem,
  "thread.item.done": withItem,
  "thread.item.replaced": withItem,
  "thread.item.removed": event => (isId(event.item_id) ? event : null),
  "thread.item.updated": event => {
    const update = checkedUpdate(object(event.update) ?? {});
    return isId(event.item_id) && update !== null ? { ...event, update } : null;
  },
  stream_options: event => ({
    stream_options: { allow_cancel: object(event.stream_options)?.allow_cancel !== false },
  }),
  progress_update: event => (typeof event.text === "string" ? event : null),
  client_effect: event => (isId(event.name) ? { ...event, data: object(event.data) ?? {} } : null),
  error: event => ({
    code: text(event.code) || "stream.error",
    allow_retry: event.allow_retry === true,
    ...(typeof event.message === "string" ? { message: event.message } : {}),
  }),
  notice: event =>
    typeof event.message === "string" ? { ...event, level: text(event.level) || "info" } : null,
  "run.started": event => (isId(event.run_id) && isId(event.thread_id) ? event : null),
  "run.snapshot": event => {
    const items = list(event.items)
      .map(checkedItem)
      .filter(item => item !== null);
    return isId(event.run_id) && isId(event.thread_id) && isId(event.last_event_id)
      ? { ...event, items }
      : null;
  },
  "run.ended": event => ({ ...event, status: text(event.status) || "completed" }),
};

function checkedUpdate(update: Fields): Fields | null {
  const check = own(UPDATES, text(update.type));
  return check === undefined ? update : check(update);
}

const UPDATES: Record<ItemUpdate["type"], Check> = {
  "assistant_message.content_part.added": update =>
    isIndex(update.content_index) ? { ...update, content: part(object(update.content) ?? {}) } : null,
  "assistant_message.content_part.done": update =>
    isIndex(update.content_index) ? { ...update, content: part(object(update.content) ?? {}) } : null,
  "assistant_message.content_part.text_delta": update =>
    isIndex(update.content_index) && typeof update.delta === "string" ? update : null,
  "assistant_message.content_part.annotation_added": update =>
    isIndex(update.content_index) &&
    isIndex(update.annotation_index) &&
    object(object(update.annotation)?.source)
      ? update
      : null,
  "widget.streaming_text.value_delta": update => (typeof update.delta === "string" ? update : null),
  "widget.component.updated": update => (node(update.component) ? update : null),
  "widget.root.updated": update => (node(update.widget) ? update : null),
  "workflow.task.added": withTask,
  "workflow.task.updated": withTask,
  "generated_image.updated": update => (image(update.image) ? update : null),
};

function withTask(update: Fields): Fields | null {
  const found = object(update.task);
  return isIndex(update.task_index) && found !== null ? { ...update, task: task(found) } : null;
}
