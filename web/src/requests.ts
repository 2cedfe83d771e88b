/** What a page asks of a chat by its methods: checked, and as the chat has it. */

import type { ComposerOption, OpenAIChatKit } from "@openai/chatkit";
import { boolean, isObject, nullable, shape, string, text } from "./checks";
import { attachments, content } from "./options";
import type { UserContent, WidgetAction } from "./protocol/types";
import type { Draft } from "./state/chat";
import type { Writing } from "./state/composition";
import { tagsOf, textOf } from "./state/tags";

export type UserMessage = Parameters<OpenAIChatKit["sendUserMessage"]>[0];
export type ComposerValue = Parameters<OpenAIChatKit["setComposerValue"]>[0];

const userMessage = shape({
  text: string,
  content,
  reply: string,
  attachments,
  newThread: boolean,
  toolChoice: shape({ "id!": text }),
  model: text,
});

/** Throws a TypeError where it is wrong, or says nothing. */
export function messageOf(message: UserMessage): Draft {
  userMessage(message, "sendUserMessage");
  const draft: Draft = {
    content: contentOf(message) ?? [],
    attachments: message.attachments ?? [],
    quotedText: message.reply ?? null,
    toolId: message.toolChoice?.id ?? null,
    modelId: message.model ?? null,
  };
  if (textOf(draft.content).trim() === "" && draft.attachments.length === 0)
    throw new TypeError("sendUserMessage needs a text, content or attachments");
  return draft;
}

const composerValue = shape({
  text: string,
  content,
  reply: nullable(string),
  attachments,
  selectedToolId: nullable(text),
  selectedModelId: text,
});

/** What of the draft is to change. Throws a TypeError where something is wrong, or no such tool or model is there. */
export function writingOf(value: ComposerValue, { tools, models }: ComposerOption): Partial<Writing> {
  composerValue(value, "setComposerValue");
  const { selectedToolId: toolId, selectedModelId: modelId, reply } = value;
  if (typeof toolId === "string" && !tools?.some(({ id }) => id === toolId))
    throw new TypeError(
      `selectedToolId must be the id of one of composer.tools, not ${JSON.stringify(toolId)}`,
    );
  if (modelId !== undefined && !models?.some(({ id, disabled }) => id === modelId && !disabled))
    throw new TypeError(
      `selectedModelId must be the id of one of composer.models, not ${JSON.stringify(modelId)}`,
    );
  const parts = contentOf(value);
  return {
    ...(parts ? { text: textOf(parts), tags: tagsOf(parts) } : {}),
    ...(reply === undefined ? {} : { quotedText: reply || null }),
    ...(value.attachments ? { attachments: value.attachments } : {}),
    ...(toolId === undefined ? {} : { toolId }),
  };
}

function contentOf({ text, content }: { text?: string; content?: UserContent[] }): UserContent[] | null {
  return content ?? (text === undefined ? null : [{ type: "input_text", text }]);
}

export function checkThreadId(threadId: unknown): void {
  nullable(text)(threadId, "threadId");
}

/** An action as it is sent. */
export function actionOf(action: unknown, itemId: unknown): WidgetAction {
  shape({ "type!": text })(action, "action");
  if (itemId !== undefined) text(itemId, "itemId");
  const { type, payload } = action as WidgetAction;
  if (payload !== undefined && !isObject(payload)) throw new TypeError("action.payload must be an object");
  return payload === undefined ? { type } : { type, payload };
}
