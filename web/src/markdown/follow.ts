/** What may follow text, lists and tables. */
import {
  fenceAt,
  indentOf,
  isBlank,
  isHeading,
  isRule,
  isTableDelimiter,
  type Line,
  type ListMarker,
  listMarkerAt,
} from "./lines";
import {
  begun,
  closed,
  extended,
  FORMULA,
  goesOn,
  HTML,
  LONG,
  next,
  type Open,
  QUOTE,
  type Step,
  VERY_LONG,
} from "./open-piece";
import type { Range } from "./split";

/** Their items and rows are read one by one. */
const LONG_LIST = 16_000;
const LONG_TABLE = 24_000;

/** Whether a line that is not indented begins something that ends any text and any list. */
function beginsBlock(line: string): boolean {
  return isHeading(line) || isRule(line) || fenceAt(line) !== null || HTML.test(line);
}

export function listStep(open: Open, line: Line): Step {
  const { list } = open;
  const isAfterBlank = isBlank(open.lastLine.text);
  if (!list || (line.start - open.start > VERY_LONG && isAfterBlank)) return next(open, line);
  if (isBlank(line.text) && list.isEmpty)
    return { closed: [], open: withoutContent(extended(open, line), list) };
  if (isBlank(line.text)) return goesOn(open, line, 2 * VERY_LONG);
  if (indentOf(line.text) >= list.content) {
    return goesOn({ ...open, list: { ...list, isEmpty: false } }, line, 2 * VERY_LONG);
  }
  if (beginsBlock(line.text) || QUOTE.test(line.text) || FORMULA.test(line.text)) return next(open, line);
  const marker = listMarkerAt(line.text);
  if (marker) {
    if (marker.kind !== list.kind || line.start - open.start > LONG_LIST) return next(open, line);
    return { closed: [], open: { ...extended(open, line), list: marker } };
  }
  const isAfterText = !isAfterBlank && !list.isEmpty && !fenceAt(open.lastLine.text.trim());
  return isAfterText ? goesOn(open, line, 2 * VERY_LONG) : next(open, line);
}

/** An item that begins with an empty line has no more. */
function withoutContent(open: Open, list: ListMarker): Open {
  return { ...open, list: { ...list, content: Number.POSITIVE_INFINITY } };
}

export function textStep(open: Open, line: Line): Step {
  if (isBlank(line.text)) return { closed: [closed(extended(open, line))], open: null };
  if (open.formula === undefined) {
    if (isUnderline(open, line.text)) return { closed: [closed(extended(open, line))], open: null };
    if (beginsBlock(line.text) || beginsList(open, line.text)) return next(open, line);
  } else if (fenceAt(line.text)) return next(open, line);
  else if (line.text.trimEnd().endsWith(open.formula))
    return { closed: [closed(extended(open, line))], open: null };
  if (open.head) return tableStep(open, open.head, line);
  if (isTableDelimiter(line.text) && open.lastLine.text.includes("|")) {
    return {
      closed: [],
      open: { ...extended(open, line), head: { start: open.lastLine.start, end: line.end } },
    };
  }
  if (line.end - open.start > LONG) return { closed: [closed(open)], open: { ...begun(line), kind: "text" } };
  return { closed: [], open: extended(open, line) };
}

/** A paragraph is followed by fewer lists than other text is. */
function beginsList({ content, head }: Open, line: string): boolean {
  const marker = listMarkerAt(line);
  if (!marker) return false;
  return marker.interrupts || (head ? /[-+*]/.test(marker.kind) : content !== "paragraph");
}

/** What makes a heading of the text above. Below a quote or a table it is something else. */
function isUnderline({ content, head }: Open, line: string): boolean {
  return /^ {0,3}(?:-+|=+)[ \t]*$/.test(line) && content === "paragraph" && !head;
}

function tableStep(open: Open, head: Range, line: Line): Step {
  if (indentOf(line.text) >= 4 || QUOTE.test(line.text)) return next(open, line);
  if (line.end - open.start <= LONG_TABLE) return { closed: [], open: extended(open, line) };
  return { closed: [closed(open)], open: { ...begun(line), kind: "text", head } };
}
