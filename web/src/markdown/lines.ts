/** What a line begins, or ends. */

/** A line of the text, without its end. */
export interface Line {
  text: string;
  /** Offsets in the text; `end` includes the line's end. */
  start: number;
  end: number;
  /** The rest of a line that was too long: it begins nothing. */
  isRest: boolean;
}

export interface Fence {
  indent: number;
  /** The character and how often: a closing fence has at least as many. */
  mark: string;
  info: string;
}

export interface ListMarker {
  /** Items of one list have the same. */
  kind: string;
  /** Where an item's content begins; what is indented as far is part of it. */
  content: number;
  isEmpty: boolean;
  /** Whether it may follow a line of text: a list that begins with 2 may not, and none that begins empty. */
  interrupts: boolean;
}

const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$/;
const LIST = /^( {0,3})([-*+]|(\d{1,9})[.)])(?:([ \t]+)(\S)?|$)/;
const TABLE_DELIMITER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export const isBlank = (line: string) => line.trim() === "";
export const isHeading = (line: string) => HEADING.test(line);
export const isRule = (line: string) => RULE.test(line);
export const isTableDelimiter = (line: string) => line.includes("|") && TABLE_DELIMITER.test(line);

export function fenceAt(line: string): Fence | null {
  const match = FENCE.exec(line);
  if (!match) return null;
  const [, indent = "", mark = "", info = ""] = match;
  return { indent: indent.length, mark, info: detached(info.trim()) };
}

export function closes(fence: Fence, line: string): boolean {
  const mark = line.trim();
  return (
    indentOf(line) < 4 &&
    mark.length >= fence.mark.length &&
    mark === fence.mark.charAt(0).repeat(mark.length)
  );
}

export function listMarkerAt(line: string): ListMarker | null {
  const match = isRule(line) ? null : LIST.exec(line);
  if (!match) return null;
  const [, indent = "", mark = "", number, space = "", text] = match;
  const gap = text && space.length <= 4 ? space.length : 1;
  return {
    kind: mark.slice(-1),
    content: indent.length + mark.length + gap,
    isEmpty: text === undefined,
    interrupts: text !== undefined && (number === undefined || Number(number) === 1),
  };
}

/** In columns; a tab goes on to the next multiple of four. */
export function indentOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === "\t") column += 4 - (column % 4);
    else if (character === " ") column += 1;
    else break;
  }
  return column;
}

/** A copy of its own: a part of a string otherwise keeps the whole of it in memory, and of a growing text every version. */
export function detached(part: string): string {
  return ` ${part}`.slice(1);
}
