/**
 * Formulas as the lexer's own syntax: `$...$` and `\(...\)` in a line, `$$...$$` and `\[...\]` in a block of their own. No
 * formula has an empty line in it, as in TeX. Dollars are money more often than not: `$5 and $10` has no formula.
 */
import type { MarkedExtension, TokenizerExtension, Tokens } from "marked";

export interface Formula extends Tokens.Generic {
  type: "formula";
  tex: string;
  isBlock: boolean;
  /** More of it is to come. */
  isOpen?: boolean;
}

const DOLLARS_BLOCK = /^ {0,3}\$\$((?:(?!\n[ \t]*\n|\$\$)[\s\S]){1,8000})\$\$[ \t]*(?:\n+|$)/;
const BRACKETS_BLOCK = /^ {0,3}\\\[((?:(?!\n[ \t]*\n|\\\])[\s\S]){1,8000})\\\][ \t]*(?:\n+|$)/;
const BLOCK_BEGINS = /\n {0,3}(?:\$\$|\\\[)/;

// Bounded: each is tried at every dollar or bracket of a text.
const DOLLARS = /^\$\$((?:\\.|(?!\n[ \t]*\n|\$\$)[^\\]){1,2000})\$\$/s;
const DOLLAR = /^\$((?![\s$])(?:\\.|(?!\n[ \t]*\n)[^\\$`]){1,2000})\$(?!\d)/s;
const BRACKETS = /^\\\[((?:(?!\n[ \t]*\n|\\\])[\s\S]){1,2000})\\\]/;
const PARENTHESES = /^\\\(((?:(?!\n[ \t]*\n|\\\))[\s\S]){1,2000})\\\)/;

const ANY = new RegExp([DOLLARS, DOLLAR, PARENTHESES].map(({ source }) => source.slice(1)).join("|"), "gs");

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

/** What a line's text begins with, if that is a formula. `before` is the text up to there. */
export function formulaAt(source: string, before: string): Formula | undefined {
  const block = DOLLARS.exec(source) ?? BRACKETS.exec(source);
  if (block?.[1]?.trim()) return formula(block[0], block[1], true);
  const parentheses = PARENTHESES.exec(source);
  if (parentheses?.[1]?.trim()) return formula(parentheses[0], parentheses[1], false);
  const dollar = DOLLAR.exec(source);
  if (!dollar?.[1] || isText(dollar[1], before, source.slice(dollar[0].length))) return undefined;
  return formula(dollar[0], dollar[1], false);
}

function first(...positions: number[]): number | undefined {
  const found = positions.filter(position => position >= 0);
  return found.length > 0 ? Math.min(...found) : undefined;
}

const inLine: TokenizerExtension = {
  name: "formula",
  level: "inline",
  start: source => first(source.indexOf("$"), source.indexOf("\\("), source.indexOf("\\[")),
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
    const match = DOLLARS_BLOCK.exec(source) ?? BRACKETS_BLOCK.exec(source);
    return match?.[1]?.trim() ? formula(match[0], match[1], true) : undefined;
  },
};

/** Stars and underscores in a formula are no emphasis. */
const emStrongMask = (source: string) => source.replace(ANY, match => "a".repeat(match.length));

export const formulas: MarkedExtension = { extensions: [inLine, ownBlock], hooks: { emStrongMask } };
