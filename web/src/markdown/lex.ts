/** Pieces of a text as tokens, by `marked`'s lexer: GFM, and formulas. */
import { getDefaults, Lexer, type MarkedOptions, type Token, Tokenizer, type Tokens } from "marked";
import { type Formula, formulas } from "./formulas";
import { mend } from "./mend";
import { mendBlocks } from "./mend-blocks";
import type { FencedCode } from "./split";

export type Links = Lexer["tokens"]["links"];

/** A block of code; `isOpen` while more of it is to come. */
export interface Code extends Tokens.Code {
  isOpen?: boolean;
}

/** Without a prototype: any word may be the name of a link. */
export const noLinks = (): Links => Object.create(null);

type Level = "inline" | "block";

const tokenizers = (level: Level) =>
  formulas.extensions.filter(one => one.level === level).map(one => one.tokenizer);
const starts = (level: Level) =>
  formulas.extensions.flatMap(one => (one.level === level && one.start ? [one.start] : []));

/** As `Marked` makes them, which would bring along all that makes HTML of tokens. */
const options = {
  ...getDefaults(),
  extensions: {
    inline: tokenizers("inline"),
    startInline: starts("inline"),
    block: tokenizers("block"),
    startBlock: starts("block"),
    childTokens: {},
    renderers: {},
  },
  hooks: formulas.hooks,
} as MarkedOptions;

/** Tokens of a piece. `links` are the addresses that the whole text defines; those of the piece are added to it. */
export function lex(source: string, links: Links): Token[] {
  return lexed(source, links, ({ tokens }) => tokens);
}

/** Tokens of the last piece of a text that is still being written. */
export function lexTail(source: string, links: Links): Token[] {
  const mended = mendBlocks(source);
  const tokens = lexed(mended.source, Object.assign(noLinks(), links), lexer => {
    for (const run of lastRuns(lexer)) run.src = mend(run.src);
    return lexer.tokens;
  });
  const last = lastBlock(tokens);
  if (last?.type === "formulaBlock" && mended.isFormulaOpen) (last as Formula).isOpen = true;
  if (last?.type === "code") openCode(last as Code);
  return tokens;
}

/** Of a block of code that needs no lexer: `source` is all of it, with its fences, and `body` what is between. */
export function fencedCode(fence: FencedCode, source: string, body: string, isTail: boolean): Code {
  const isOpen = isTail && !fence.isClosed;
  const indent = fence.indent > 0 ? new RegExp(`^ {1,${fence.indent}}`, "gm") : null;
  const lines = body.includes("\r") ? body.replace(/\r\n?/g, "\n") : body;
  const text = (indent ? lines.replace(indent, "") : lines).replace(/\n$/, "");
  const code: Code = { type: "code", raw: "", lang: fence.info, text };
  return isOpen ? opened(code, source, fence.mark) : code;
}

/** Lists in quotes in lists: nobody means so many, and the lexer would go as deep. */
const TOO_DEEP = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){50}/m;

/** More marks in one paragraph: the lexer would try each with each of the others. */
const TOO_MANY = 600;
const MARKS = /[*_~]+|\$+|\\[([]/g;
const BLOCK_MARKS = /^ *(?:\$\$|\\\[)/gm;

const hasTooMany = (source: string, marks: RegExp) => (source.match(marks)?.length ?? 0) > TOO_MANY;

/** A piece as it is, line by line. */
export const plain = (source: string): Token[] => [{ type: "plain", raw: source, text: source }];

function lexed(source: string, links: Links, prepare: (lexer: Lexer) => Token[]): Token[] {
  if (TOO_DEEP.test(source) || hasTooMany(source, BLOCK_MARKS)) return plain(source);
  try {
    const lexer = new Lexer({ ...options, tokenizer: new Tokenizer() });
    lexer.tokens.links = links;
    lexer.blockTokens(source.replace(/\r\n?/g, "\n"), lexer.tokens);
    const tokens = prepare(lexer);
    for (const { src, tokens } of lexer.inlineQueue) {
      if (hasTooMany(src, MARKS)) tokens.push({ type: "text", raw: src, text: src } satisfies Tokens.Text);
      else lexer.inlineTokens(src, tokens);
    }
    return tokens;
  } catch {
    return plain(source); // nested too deeply for its recursion, or a text that it does not get on with
  }
}

type Run = Lexer["inlineQueue"][number];

/** What the lexer has yet to read of the lines that the text ends with: of a table the cells of its last row. */
function lastRuns(lexer: Lexer): Run[] {
  const last = lastBlock(lexer.tokens);
  if (!last) return [];
  const ends = last.type === "table" ? lastCells(last as Tokens.Table) : [(last as Tokens.Generic).tokens];
  return lexer.inlineQueue.filter(({ tokens }) => ends.includes(tokens));
}

function lastCells({ header, rows }: Tokens.Table): Token[][] {
  return (rows.at(-1) ?? header).map(cell => cell.tokens);
}

/** The block that has text in it and stands at the end, however deep. */
function lastBlock(tokens: readonly Token[]): Token | undefined {
  const last = tokens.findLast(token => token.type !== "space");
  if (last?.type === "list") return lastBlock((last as Tokens.List).items.at(-1)?.tokens ?? []);
  return last?.type === "blockquote" ? lastBlock(last.tokens ?? []) : last;
}

function openCode(code: Code): void {
  const mark = /^ {0,3}(`{3,}|~{3,})/.exec(code.raw)?.[1];
  if (mark === undefined || new RegExp(`\\n {0,3}${mark}+[ \\t]*$`).test(code.raw)) return;
  Object.assign(code, opened(code, code.raw, mark));
}

/** Its language is not known before the first line is complete. */
function opened(code: Code, source: string, mark: string): Code {
  const lang = source.includes("\n") ? (code.lang ?? "") : "";
  return { ...code, lang, text: withoutBegunFence(code.text, mark.charAt(0)), isOpen: true };
}

/** The last line of open code may be the fence that ends it. */
function withoutBegunFence(code: string, mark: string): string {
  const start = code.lastIndexOf("\n") + 1;
  const line = code.slice(start).trim();
  const isBegun = line === "" ? false : line === mark.repeat(line.length);
  return isBegun ? code.slice(0, Math.max(0, start - 1)) : code;
}
