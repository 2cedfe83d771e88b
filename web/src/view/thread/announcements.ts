/**
 * What a screen reader is told while an answer is written: some sentences at a time, what goes on, and how it ended. Not
 * each token.
 */

import type { Strings } from "../../locale";
import type { ChatState } from "../../state/chat";
import { textOf } from "../../state/conversation";
import { endOf } from "./outcome";
import { words } from "./words";

/** So many characters are worth an interruption. */
const WORTH_SAYING = 200;
const LONGEST = 4000;
const NEWEST = 20;

export class Announcements {
  /** How much of each message was said. */
  private heard = new Map<string, number>();
  private progress = "";
  private isAnswering = false;

  /** What there is to say after a change. */
  next(state: ChatState, strings: Strings): string[] {
    const { conversation, responding } = state;
    const said: string[] = [];
    if (responding && !this.isAnswering) this.begin(state);
    if (!responding && !this.isAnswering) return said;
    this.isAnswering = responding;
    const progress = words(conversation.run?.progress?.text);
    if (progress !== "" && progress !== this.progress) said.push(progress);
    this.progress = progress;
    for (const item of conversation.items.slice(-NEWEST)) {
      if (item.type !== "assistant_message") continue;
      const text = this.unheard(item.id, textOf(item.content), responding && conversation.open.has(item.id));
      if (text !== "") said.push(text);
    }
    if (!responding) said.push(endOf(conversation, strings));
    return said.filter(Boolean);
  }

  /** What is there already was read, or can be. */
  private begin({ conversation }: ChatState): void {
    const lengths = conversation.items
      .slice(-NEWEST)
      .filter(item => item.type === "assistant_message" && !conversation.open.has(item.id))
      .map(item => [item.id, Number.POSITIVE_INFINITY] as const);
    this.heard = new Map(lengths);
  }

  private unheard(id: string, text: string, isGrowing: boolean): string {
    const from = this.heard.get(id) ?? 0;
    const to = isGrowing ? endOfSentence(text) : text.length;
    if (to <= from || (isGrowing && to - from < WORTH_SAYING)) return "";
    this.heard.set(id, to);
    return spoken(text.slice(from, to));
  }
}

/** After the last sentence, or paragraph, that is complete. */
function endOfSentence(text: string): number {
  const ends = [...text.slice(-2000).matchAll(/[.!?。！？؟]["'”’)\]]*\s|\n/g)];
  const last = ends.at(-1);
  return last === undefined ? 0 : Math.max(0, text.length - 2000) + last.index + last[0].length;
}

/** Markdown as it is read aloud. */
export function spoken(text: string): string {
  return text
    .slice(0, LONGEST)
    .replace(/```.*$/gm, "")
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+])\s+/gm, "")
    .replace(/[*_`~|]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

const MOST_SAID = 4;

/** Puts it where a screen reader finds it. */
export function say(region: Element, texts: readonly string[]): void {
  for (const text of texts) {
    const line = document.createElement("p");
    line.textContent = text;
    region.append(line);
  }
  while (region.childElementCount > MOST_SAID) region.firstElementChild?.remove();
}
