/**
 * Formulas as the lexer's own syntax: `$...$` and `\(...\)` in a line, `$$...$$` and `\[...\]` in a block of their own. No
 * formula has an empty line in it, as in TeX. Dollars are money more often than not: `$5 and $10` has no formula.
 */
import type { MarkedExtension, TokenizerExtension, Tokens } from "marked";

export interface Formula extends Tokens.Generic {
  type: "formula" | "formulaBlock";
  tex: string;
  isBlock: boolean;
  /** More of it is to come. */
  isOpen?: boolean;
}

const BEGINS = /\$|\\[([]/g;
const BLOCK_BEGINS = /\n {0,3}(?:\$\$|\\\[)/;
const DOLLAR = /^\$((?![\s$])(?:\\.|(?!\n[ \t]*\n)[^\\$`]){1,2000})\$(?!\d)/s;
const TOO_LONG = 8_000;

const LETTER_OR_DIGIT = /[\p{L}\p{N}]$/u;
const TEX = /[\\^_{}]/;
const OPERATOR = /[\\^_{}=+*/<>|-]/;
const WORD = /(?<![\\\p{L}])\p{L}{3,}/u;

/** Of the formula between two dollars: whether it is none, but text between two prices or variables. */
function isText(tex: string, before: string, after: string): boolean {
  if (/\s$/.test(tex) || LETTER_OR_DIGIT.test(before)) return true;
  if (/^\d/.test(tex) && /\s/.test(tex) && (!OPERATOR.test(tex) || WORD.test(tex))) return true;
  return /^[\p{L}\p{N}]/u.test(after) && tex.length > 1 && !TEX.test(tex);
}

function formula(raw: string, tex: string, isBlock: boolean): Formula {
  return { type: "formula", raw, tex: tex.trim(), isBlock };
}

/** Between two marks; what is no formula costs no more than a look for the second. */
function between(source: string, open: string, close: string): Formula | undefined {
  if (!source.startsWith(open)) return undefined;
  const end = source.indexOf(close, open.length);
  if (end < 0 || end > TOO_LONG) return undefined;
  const tex = source.slice(open.length, end);
  if (tex.trim() === "" || /\n[ \t]*\n/.test(tex)) return undefined;
  return formula(source.slice(0, end + close.length), tex, open !== "\\(");
}

const ownBlockAt = (source: string) => between(source, "$$", "$$") ?? between(source, "\\[", "\\]");

/** What a line's text begins with, if that is a formula. `before` is the text up to there. */
export function formulaAt(source: string, before: string): Formula | undefined {
  const marked = ownBlockAt(source) ?? between(source, "\\(", "\\)");
  if (marked) return marked;
  const dollar = DOLLAR.exec(source);
  if (!dollar?.[1] || isText(dollar[1], before, source.slice(dollar[0].length))) return undefined;
  return formula(dollar[0], dollar[1], false);
}

const inLine: TokenizerExtension = {
  name: "formula",
  level: "inline",
  // Asked at each mark for all that follows: looking for characters alone is many times as fast as for a pattern.
  start: source => {
    const positions = ["$", "\\(", "\\["].map(begin => source.indexOf(begin)).filter(at => at >= 0);
    return positions.length > 0 ? Math.min(...positions) : undefined;
  },
  tokenizer: (source, tokens) => formulaAt(source, tokens.at(-1)?.raw ?? ""),
};

const ownBlock: TokenizerExtension = {
  name: "formulaBlock",
  level: "block",
  start: source => {
    const position = source.search(BLOCK_BEGINS);
    return position < 0 ? undefined : position + 1;
  },
  tokenizer: source => {
    const indent = /^ {0,3}/.exec(source)?.[0] ?? "";
    const found = ownBlockAt(source.slice(indent.length));
    const end = found && /^[ \t]*(?:\n+|$)/.exec(source.slice(indent.length + found.raw.length));
    return end ? { ...found, type: "formulaBlock", raw: indent + found.raw + end[0] } : undefined;
  },
};

/** Stars and underscores in a formula are no emphasis. */
function emStrongMask(source: string): string {
  let masked = "";
  let from = 0;
  for (const { index } of source.matchAll(BEGINS)) {
    if (index < from) continue;
    const found = formulaAt(source.slice(index), source.charAt(index - 1));
    if (!found) continue;
    masked += source.slice(from, index) + "a".repeat(found.raw.length);
    from = index + found.raw.length;
  }
  return masked + source.slice(from);
}

export const formulas = {
  extensions: [inLine, ownBlock],
  hooks: { emStrongMask },
} satisfies MarkedExtension;
