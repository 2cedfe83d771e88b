/**
 * The direction of a text is that of its first letter, as `dir="auto"` has it. That would have the browser look through all
 * that is there each time something is added, which takes its time where there is much and none of it is a letter.
 */

export type Direction = "ltr" | "rtl";

/** What comes before the first letter that is read: tags, addresses, boxes of tasks and names of characters are none. */
const BEFORE = /^(?:<\/?[a-z][^<>]*>|\]\([^)\s]*|\[x\]|&#?\w+;|\P{L})*/iu;
const RIGHT_TO_LEFT = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Where there is no letter so far, none is looked for. */
const FAR = 2_000;

export function directionOf(source: string): Direction {
  const text = source.slice(0, FAR);
  const [before = ""] = BEFORE.exec(text) ?? [];
  return RIGHT_TO_LEFT.test(text.slice(before.length)) ? "rtl" : "ltr";
}
