/** A piece that is open, and what a line does to it: it goes on, it ends, or it ends and another begins. */
import { listStep, textStep } from "./follow";
import {
  closes,
  fenceAt,
  indentOf,
  isBlank,
  isHeading,
  isRule,
  type Line,
  type ListMarker,
  listMarkerAt,
} from "./lines";
import type { Piece } from "./split";

export interface Open extends Piece {
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

export interface Step {
  closed: Piece[];
  open: Open | null;
}

/** What is long for text; and for HTML, which is rather not cut. */
export const LONG = 6_000;
export const VERY_LONG = 64_000;

export const QUOTE = /^ {0,3}>/;
export const FORMULA = /^ {0,3}(\$\$|\\\[)(.*)$/;
export const DEFINITION = /^ {0,3}\[[^\]]+\]:/;
export const HTML = /^ {0,3}<(?:(details|script|pre|style|textarea)(?=[\s>])|!--)/i;

export function step(open: Open | null, line: Line): Step {
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

export function begun(line: Line) {
  const { text, start, end } = line;
  return { start, end, lastLine: line, content: contentOf(text, "definitions"), formula: formulaIn(text) };
}

export function extended(open: Open, line: Line): Open {
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

export function goesOn(open: Open, line: Line, limit: number): Step {
  if (line.end - open.start > limit) return next(open, line);
  return { closed: [], open: extended(open, line) };
}

/** Ends what is open; the line begins something. */
export function next(open: Open, line: Line): Step {
  const step = begin(line);
  return { closed: [closed(open), ...step.closed], open: step.open };
}

/** Without the line, which would keep the whole text in memory that it was cut from. */
export function closed({ start, end, fence, head }: Open): Piece {
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
