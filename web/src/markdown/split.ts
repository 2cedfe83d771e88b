/**
 * Cuts a growing text into pieces that can each be read alone, so that what is added costs only the last piece. Pieces end
 * where blocks do: at blank lines outside of lists, fences and `<details>`. Where a text goes on for too long without one,
 * it is cut at a line or a space. Cuts depend on the text before them alone, never on how it arrived.
 */
import {
  closes,
  type Fence,
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

/** Offsets in the text. */
export interface Range {
  start: number;
  end: number;
}

/** A fenced code block at the top level, which needs no lexer. */
export interface FencedCode extends Fence {
  body: Range;
  isClosed: boolean;
}

export interface Piece extends Range {
  fence?: FencedCode;
  /** The head of a table that had to be cut: it is repeated. */
  head?: Range;
}

interface Open extends Piece {
  kind: "fence" | "html" | "indented" | "list" | "text";
  list?: ListMarker;
  /** What ends a block of HTML, and how often it has to. */
  until?: { begin: RegExp | null; end: RegExp; depth: number };
  lastLine: Line;
  /** What text is made of: what may follow it depends on that. */
  content: "definitions" | "paragraph" | "quote";
  /** What ends a formula that is open. */
  formula?: string | undefined;
}

interface Step {
  closed: Piece[];
  open: Open | null;
}

/** What is long for text; for lists and tables, whose items are read one by one; and for HTML, which is rather not cut. */
const LONG = 6_000;
const LONG_LIST = 16_000;
const LONG_TABLE = 24_000;
const VERY_LONG = 64_000;
const QUOTE = /^ {0,3}>/;
const FORMULA = /^ {0,3}(\$\$|\\\[)(.*)$/;
const DEFINITION = /^ {0,3}\[[^\]]+\]:/;
const HTML = /^ {0,3}<(?:(details|script|pre|style|textarea)(?=[\s>])|!--)/i;

export class Splitter {
  /** What is complete; only ever added to. */
  readonly pieces: Piece[] = [];
  private open: Open | null = null;
  private offset = 0;

  /** Reads on in a text that begins with the one before. Returns what is still open at its end: up to three pieces. */
  read(text: string): Piece[] {
    for (let line = this.next(text); line; line = this.next(text)) {
      const { closed, open } = step(this.open, line);
      this.pieces.push(...closed);
      this.open = open;
      this.offset = line.end;
    }
    if (this.offset === text.length) return this.open ? [this.open] : [];
    const { closed, open } = step(this.open, lineAt(text, this.offset, text.length));
    return open ? [...closed, open] : closed;
  }

  /** The next complete line, or as much of one as is too long. */
  private next(text: string): Line | null {
    const newline = text.indexOf("\n", this.offset);
    const end = newline < 0 ? text.length : newline + 1;
    if (end - this.offset > LONG && this.open?.kind !== "fence") {
      return lineAt(text, this.offset, breakIn(text, this.offset));
    }
    return newline < 0 ? null : lineAt(text, this.offset, end);
  }
}

function lineAt(text: string, start: number, end: number): Line {
  const isRest = start > 0 && text.charAt(start - 1) !== "\n";
  return { text: text.slice(start, end).replace(/\r?\n$/, ""), start, end, isRest };
}

/** At the last space of what is not too long; never inside a character. */
function breakIn(text: string, start: number): number {
  const space = text.lastIndexOf(" ", start + LONG - 1);
  if (space > start + LONG / 2) return space + 1;
  const isHighSurrogate = (text.charCodeAt(start + LONG - 1) & 0xfc00) === 0xd800;
  return start + LONG - (isHighSurrogate ? 1 : 0);
}

function step(open: Open | null, line: Line): Step {
  if (!open) return begin(line);
  if (open.kind === "fence") return fenceStep(open, line);
  if (line.isRest) return { closed: [closed(open)], open: { ...begun(line), kind: "text" } };
  switch (open.kind) {
    case "html":
      return htmlStep(open, line);
    case "indented":
      return isBlank(line.text) || indentOf(line.text) >= 4 ? goesOn(open, line, LONG) : next(open, line);
    case "list":
      return listStep(open, line);
    case "text":
      return textStep(open, line);
  }
}

function begun(line: Line) {
  const { text, start, end } = line;
  return { start, end, lastLine: line, content: contentOf(text, "definitions"), formula: formulaIn(text) };
}

function extended(open: Open, line: Line): Open {
  const content = contentOf(line.text, open.content);
  const isOver = open.formula !== undefined && line.text.includes(open.formula);
  const begins = content === "quote" || open.head ? undefined : formulaIn(line.text);
  return {
    ...open,
    end: line.end,
    lastLine: line,
    content,
    formula: isOver ? undefined : (open.formula ?? begins),
  };
}

function contentOf(line: string, before: Open["content"]): Open["content"] {
  if (before === "quote" || QUOTE.test(line)) return "quote";
  return DEFINITION.test(line) ? before : "paragraph";
}

/** What ends the formula that a line begins and does not end. */
function formulaIn(line: string): string | undefined {
  const [, open, rest = ""] = FORMULA.exec(line) ?? [];
  const close = open && (open === "$$" ? "$$" : "\\]");
  return close && !rest.includes(close) ? close : undefined;
}

function goesOn(open: Open, line: Line, limit: number): Step {
  if (line.end - open.start > limit) return next(open, line);
  return { closed: [], open: extended(open, line) };
}

/** Ends what is open; the line begins something. */
function next(open: Open, line: Line): Step {
  const step = begin(line);
  return { closed: [closed(open), ...step.closed], open: step.open };
}

/** Without the line, which would keep the whole text in memory that it was cut from. */
function closed({ start, end, fence, head }: Open): Piece {
  return { start, end, ...(fence && { fence }), ...(head && { head }) };
}

function begin(line: Line): Step {
  if (isBlank(line.text)) return { closed: [], open: null };
  const piece = begun(line);
  if (line.isRest) return { closed: [], open: { ...piece, kind: "text" } };
  if (isHeading(line.text) || isRule(line.text))
    return { closed: [{ start: line.start, end: line.end }], open: null };
  const fence = fenceAt(line.text);
  if (fence) {
    const body = { start: line.end, end: line.end };
    return { closed: [], open: { ...piece, kind: "fence", fence: { ...fence, body, isClosed: false } } };
  }
  const html = HTML.exec(line.text);
  if (html) return htmlStep({ ...piece, kind: "html", until: endOf(html[1]) }, line);
  if (indentOf(line.text) >= 4) return { closed: [], open: { ...piece, kind: "indented" } };
  const list = listMarkerAt(line.text);
  return { closed: [], open: list ? { ...piece, kind: "list", list } : { ...piece, kind: "text" } };
}

function fenceStep(open: Open, line: Line): Step {
  if (!open.fence) return next(open, line);
  if (closes(open.fence, line.text)) {
    const fence = { ...open.fence, isClosed: true };
    return { closed: [closed({ ...extended(open, line), fence })], open: null };
  }
  const fence = { ...open.fence, body: { start: open.fence.body.start, end: line.end } };
  return { closed: [], open: { ...extended(open, line), fence } };
}

/** Only `<details>` can be inside its like. */
function endOf(tag: string | undefined): NonNullable<Open["until"]> {
  if (!tag) return { begin: null, end: /-->/g, depth: 1 };
  const isNested = tag.toLowerCase() === "details";
  return {
    begin: isNested ? /<details(?=[\s>])/gi : null,
    end: new RegExp(`</${tag}\\s*>`, "gi"),
    depth: isNested ? 0 : 1,
  };
}

/** After its end it goes on to the next blank line, as other blocks of HTML do. */
function htmlStep(open: Open, line: Line): Step {
  const { until } = open;
  if (!until) return textStep(open, line);
  const count = (pattern: RegExp | null) => (pattern ? (line.text.match(pattern)?.length ?? 0) : 0);
  const depth = until.depth + count(until.begin) - count(until.end);
  const { until: _, ...rest } = extended(open, line);
  if (depth <= 0) return { closed: [], open: { ...rest, kind: "text" } };
  if (line.end - open.start > VERY_LONG) return next(open, line);
  return { closed: [], open: { ...rest, until: { ...until, depth } } };
}

/** Whether a line that is not indented begins something that ends any text and any list. */
function beginsBlock(line: string): boolean {
  return isHeading(line) || isRule(line) || fenceAt(line) !== null || HTML.test(line);
}

function listStep(open: Open, line: Line): Step {
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

function textStep(open: Open, line: Line): Step {
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
