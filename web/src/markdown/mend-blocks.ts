/**
 * The end of a text that is still being written, before the lexer sees its blocks: a last line that may become anything
 * (`-`, `1.`, `##`) waits, a table is one from its first line on, a formula is closed.
 */
import { isTableDelimiter } from "./lines";

const CONTAINERS = /^(?:[ \t]{0,3}>[ \t]?|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)*/;
const UNDECIDED =
  /^[ \t]*(?:#{1,6}[ \t]*|[-=_*+][-=_*+ \t]*|\d{1,9}[.)]?|`{1,2}|~{1,2}|\|[ \t]*|>[ \t]*|:|<\/?|<!-{0,2}|\[[^\]]*\]:.*)?$/;
const OPEN_FORMULA = /(^|\n)[ \t]*(\$\$|\\\[)((?:(?!\n[ \t]*\n|\$\$|\\\])[\s\S])*)$/;
const OPEN_TAG = /<(?:\/?[a-zA-Z][^<>]*|!--(?:(?!-->)[\s\S])*|\/)?$/;

export interface Mended {
  source: string;
  /** Whether the formula that it ends with is not complete. */
  isFormulaOpen: boolean;
}

export function mendBlocks(source: string): Mended {
  const isHtml = /^ {0,3}<(?:\/?[a-zA-Z]|!--)/.test(source);
  const formula = OPEN_FORMULA.exec(source);
  if (formula && !isHtml) return withFormulaClosed(source, formula);
  const text = isHtml ? source.replace(OPEN_TAG, "") : source;
  return { source: withoutUndecided(withTable(text)), isFormulaOpen: false };
}

function withFormulaClosed(source: string, [all, , open = "", tex = ""]: RegExpExecArray): Mended {
  const known = tex.replace(/[$\\]$/, "");
  if (known.trim() === "")
    return { source: source.slice(0, source.length - all.length), isFormulaOpen: false };
  const text = source.slice(0, source.length - (tex.length - known.length));
  return { source: `${text}${open === "$$" ? "$$" : "\\]"}`, isFormulaOpen: true };
}

function withoutUndecided(source: string): string {
  const start = source.lastIndexOf("\n") + 1;
  const line = source.slice(start);
  const [containers = ""] = CONTAINERS.exec(line) ?? [];
  if (!UNDECIDED.test(line.slice(containers.length))) return source;
  return source.slice(0, Math.max(0, start - 1));
}

/** What begins like a row is one; the line below the head is completed. */
function withTable(source: string): string {
  const lines = source.split("\n");
  const last = lines.at(-1) ?? "";
  const before = lines.at(-2) ?? "";
  if (lines.slice(0, -1).some(isTableDelimiter) || isTableDelimiter(last))
    return completeDelimiter(lines, last, before);
  const isDelimiterBegun = /^ {0,3}[|:-][|:\- \t]*$/.test(last) && /[^\\]\|/.test(` ${before}`);
  if (isDelimiterBegun || (last === "" && isRow(before)))
    return [...lines.slice(0, -1), delimiter(before)].join("\n");
  return isRow(last) && columns(last) > 0 ? `${source}\n${delimiter(last)}` : source;
}

/** A line below the head that looks complete, with fewer columns than the head: there is more to come. */
function completeDelimiter(lines: string[], last: string, before: string): string {
  const isHead = isTableDelimiter(last) && !lines.slice(0, -1).some(isTableDelimiter);
  if (!isHead || columns(last) >= columns(before)) return lines.join("\n");
  return [...lines.slice(0, -1), delimiter(before)].join("\n");
}

const isRow = (line: string) => /^ {0,3}\|[^|]*[^|\s]/.test(line);

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/);
}

const columns = (line: string) => cells(line).length;

const delimiter = (head: string) => `|${"---|".repeat(columns(head))}`;
