/** How high something will be that was never drawn, in pixels: near enough that a scrollbar is honest. */

import type { Item, UserContent } from "../../../protocol/types";

const LINE = 26;
const CHARACTER = 7.6;
/** Between two items. */
const GAP = 20;
const LONGEST_USER_LINES = 14;

export function estimated(items: readonly Item[], width: number): number {
  return items.reduce((height, item) => height + estimatedItem(item, Math.min(width, 736)), 0);
}

function estimatedItem(item: Item, width: number): number {
  switch (item.type) {
    case "user_message":
      return GAP + 24 + userLines(item.content, width) * LINE + (item.attachments.length ? 64 : 0);
    case "assistant_message":
      return GAP + 36 + item.content.reduce((height, part) => height + lines(part.text, width) * LINE, 0);
    case "widget":
      return GAP + 200;
    case "generated_image":
      return GAP + Math.min(width, 420);
    case "structured_input":
      return GAP + 40 + item.inputs.length * (item.status === "pending" ? 180 : 64);
    case "workflow":
    case "task":
      return GAP + 28;
    default:
      return 0;
  }
}

function userLines(content: readonly UserContent[], width: number): number {
  const text = content.map(part => part.text).join("");
  return Math.min(LONGEST_USER_LINES, lines(text, width * 0.75));
}

function lines(text: string, width: number): number {
  const breaks = text.length > 20_000 ? text.length / 80 : text.split("\n").length;
  return breaks + text.length / (width / CHARACTER);
}
