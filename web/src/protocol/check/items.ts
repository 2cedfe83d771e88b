/** Items of a thread, and what is in them. */

import { own } from "../../own";
import type { AssistantContent, Item, Task, WidgetNode } from "../types";
import { type Check, type Fields, isId, object, objects, text, texts } from "./values";

/** An item, or null where it makes no sense. */
export function checkedItem(value: unknown): Item | null {
  const item = object(value);
  if (item === null || !isId(item.id) || typeof item.type !== "string") return null;
  const where = { thread_id: text(item.thread_id), created_at: text(item.created_at) };
  const check = own(ITEMS, item.type);
  const checked = check === undefined ? {} : check(item);
  return checked === null ? null : ({ ...item, ...where, ...checked } as unknown as Item);
}

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

export function part(fields: Fields): AssistantContent {
  const annotations = objects(fields.annotations).filter(annotation => object(annotation.source) !== null);
  return {
    type: "output_text",
    text: text(fields.text),
    annotations: annotations as unknown as AssistantContent["annotations"],
  };
}

export function task(fields: Fields): Task {
  return {
    ...fields,
    type: text(fields.type),
    ...(fields.type === "thought" ? { content: text(fields.content) } : {}),
    ...("sources" in fields ? { sources: objects(fields.sources) } : {}),
    ...("queries" in fields ? { queries: texts(fields.queries) } : {}),
  } as unknown as Task;
}

export function image(value: unknown): Fields | null {
  const found = object(value);
  return found !== null && typeof found.url === "string" ? found : null;
}

export function node(value: unknown): WidgetNode | null {
  const found = object(value);
  return found !== null && typeof found.type === "string" ? (found as WidgetNode) : null;
}
