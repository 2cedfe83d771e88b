/**
 * Makes sure of the shape of what a server sends, so that everything behind this can rely on it. What misses something
 * that can be empty gets it; what misses what it is about is null. Kinds that are not known pass as they are.
 */

import { own } from "../own";
import type {
  AssistantContent,
  Item,
  ItemUpdate,
  Page,
  Run,
  StreamEvent,
  Task,
  Thread,
  WidgetNode,
} from "./types";

type Fields = Record<string, unknown>;

/** An event, or null where it makes no sense. */
export function checkedEvent(type: string, fields: Fields): StreamEvent | null {
  const check = own(EVENTS, type);
  const checked = check === undefined ? fields : check(fields);
  return checked === null ? null : ({ ...checked, type } as StreamEvent);
}

/** An item, or null where it makes no sense. */
export function checkedItem(value: unknown): Item | null {
  const item = object(value);
  if (item === null || !isId(item.id) || typeof item.type !== "string") return null;
  const where = { thread_id: text(item.thread_id), created_at: text(item.created_at) };
  const check = own(ITEMS, item.type);
  const checked = check === undefined ? {} : check(item);
  return checked === null ? null : ({ ...item, ...where, ...checked } as unknown as Item);
}

/** A page of what is checked by `check`; what makes no sense is left out. */
export function checkedPage<T>(value: unknown, check: (one: unknown) => T | null): Page<T> {
  const page = object(value) ?? {};
  return {
    data: list(page.data)
      .map(check)
      .filter(one => one !== null),
    has_more: page.has_more === true,
    ...(isId(page.after) ? { after: page.after } : {}),
  };
}

export function checkedThread(value: unknown): Thread | null {
  const thread = object(value);
  if (thread === null || !isId(thread.id)) return null;
  const status = object(thread.status);
  return {
    id: thread.id,
    created_at: text(thread.created_at),
    status: {
      ...status,
      type: status?.type === "locked" || status?.type === "closed" ? status.type : "active",
    },
    ...(typeof thread.title === "string" ? { title: thread.title } : {}),
    ...(Array.isArray(thread.allowed_image_domains)
      ? { allowed_image_domains: texts(thread.allowed_image_domains) }
      : {}),
  };
}

export function checkedRun(value: unknown): { run: Run } | null {
  const run = object(object(value)?.run);
  return run !== null && isId(run.id) && typeof run.status === "string"
    ? { run: run as unknown as Run }
    : null;
}

// --- values ----------------------------------------------------------------------------------------------------------

function object(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function objects(value: unknown): Fields[] {
  return list(value)
    .map(object)
    .filter(one => one !== null);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): string[] {
  return list(value).filter(one => typeof one === "string");
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** How far a list may be beyond what was said of it. */
const MAX_INDEX = 10_000;

function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INDEX;
}

// --- items -----------------------------------------------------------------------------------------------------------

type Check = (fields: Fields) => Fields | null;

const ITEMS: Record<Item["type"], Check> = {
  user_message: item => ({
    content: objects(item.content).filter(part => typeof part.text === "string"),
    attachments: objects(item.attachments).filter(attachment => isId(attachment.id)),
    quoted_text: typeof item.quoted_text === "string" ? item.quoted_text : undefined,
  }),
  assistant_message: item => ({ content: objects(item.content).map(part) }),
  client_tool_call: item =>
    isId(item.name) ? { call_id: text(item.call_id), arguments: object(item.arguments) ?? {} } : null,
  widget: item => {
    const widget = node(item.widget);
    return widget && { widget, copy_text: typeof item.copy_text === "string" ? item.copy_text : undefined };
  },
  generated_image: item => ({ image: image(item.image) ?? undefined }),
  structured_input: item => ({
    inputs: objects(item.inputs)
      .filter(input => isId(input.id) && typeof input.question === "string")
      .map(input => ({
        ...input,
        options: objects(input.options).filter(option => typeof option.value === "string"),
      })),
  }),
  workflow: item => {
    const workflow = object(item.workflow);
    if (workflow === null) return null;
    return {
      workflow: {
        ...workflow,
        tasks: objects(workflow.tasks).map(task),
        summary: object(workflow.summary) ?? undefined,
      },
    };
  },
  task: item => (object(item.task) ? { task: task(object(item.task) ?? {}) } : null),
  end_of_turn: () => ({}),
};

function part(fields: Fields): AssistantContent {
  const annotations = objects(fields.annotations).filter(annotation => object(annotation.source) !== null);
  return {
    type: "output_text",
    text: text(fields.text),
    annotations: annotations as unknown as AssistantContent["annotations"],
  };
}

function task(fields: Fields): Task {
  return {
    ...fields,
    type: text(fields.type),
    ...(fields.type === "thought" ? { content: text(fields.content) } : {}),
    ...("sources" in fields ? { sources: objects(fields.sources) } : {}),
    ...("queries" in fields ? { queries: texts(fields.queries) } : {}),
  } as unknown as Task;
}

function image(value: unknown): Fields | null {
  const found = object(value);
  return found !== null && typeof found.url === "string" ? found : null;
}

function node(value: unknown): WidgetNode | null {
  const found = object(value);
  return found !== null && typeof found.type === "string" ? (found as WidgetNode) : null;
}

// --- events ----------------------------------------------------------------------------------------------------------

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
