/** Answers: what stands between a user's message and the next one, or up to where the assistant ends its turn. */

import type { Item } from "../../protocol/types";
import { textOf } from "../../state/conversation";

export interface Answer {
  /** What it answers, where that is here. */
  userItemId: string | null;
  /** All that belongs to it and may be judged. */
  itemIds: readonly string[];
  /** Its messages, and what widgets say of themselves. */
  text: string;
}

/** Whether an answer ends with the item at an index. */
export function endsAnswer(items: readonly Item[], index: number): boolean {
  const item = items[index];
  if (item === undefined || item.type === "user_message") return false;
  if (item.type === "end_of_turn") return true;
  const next = items[index + 1];
  return next === undefined || next.type === "user_message";
}

/** The answer that ends with the item at an index; null: there is nothing in it. */
export function answerEndingAt(items: readonly Item[], index: number): Answer | null {
  const from = startOf(items, index);
  const own = items.slice(from, index + 1).filter(isJudged);
  if (own.length === 0) return null;
  const user = items.slice(0, from).findLast(item => item.type === "user_message");
  return {
    userItemId: user?.id ?? null,
    itemIds: own.map(item => item.id),
    text: own.map(copied).filter(Boolean).join("\n\n"),
  };
}

function startOf(items: readonly Item[], end: number): number {
  let start = end;
  while (start > 0) {
    const before = items[start - 1];
    if (before?.type === "user_message" || before?.type === "end_of_turn") break;
    start -= 1;
  }
  return start;
}

function isJudged({ type }: Item): boolean {
  return (
    type === "assistant_message" ||
    type === "widget" ||
    type === "generated_image" ||
    type === "workflow" ||
    type === "task"
  );
}

function copied(item: Item): string {
  if (item.type === "assistant_message") return textOf(item.content);
  return item.type === "widget" ? (item.copy_text ?? "") : "";
}
