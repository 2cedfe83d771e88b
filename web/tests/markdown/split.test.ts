import fc from "fast-check";
import { Lexer, Marked, type Token, type Tokens } from "marked";
import { describe, expect, it } from "vitest";
import { Document } from "../../src/markdown/document";
import { formulas } from "../../src/markdown/formulas";
import { lines } from "./soup";

const { defaults } = new Marked({ gfm: true }, formulas);

/** What a token shows, without where it was. */
function essence(token: Token): unknown {
  const { type, text, depth, lang, tex, ordered } = token as Tokens.Generic;
  const inner = (tokens: Token[]) => tokens.filter(({ type }) => type !== "space").map(essence);
  if (type === "list") return [type, ordered, (token as Tokens.List).items.map(item => inner(item.tokens))];
  if (type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [type, header.map(cell => cell.text), rows.map(row => row.map(cell => cell.text))];
  }
  if (type === "code") return [type, lang || "", text.trimEnd()];
  if ("tokens" in token && token.tokens) return [type, depth, inner(token.tokens)];
  return [type, text, tex];
}

const shown = (tokens: readonly Token[]) =>
  tokens.filter(({ type }) => type !== "space" && type !== "def").map(essence);

const inPieces = (text: string) =>
  shown(
    new Document()
      .read(text, false)
      .flat()
      .flatMap(({ tokens }) => tokens),
  );

const inOne = (text: string) => shown(Lexer.lex(text, { ...defaults }));

describe("pieces", () => {
  it.each([
    "# A\ntext\n\nmore",
    "- a\n\n- b\n\n  c\n\nd",
    "1. a\n   ```\n   x\n\n   y\n   ```\n2. b",
    "text\n- a\n- b",
    "> a\n\n> b",
    "```\na\n\n# b\n```\nc",
    "~~~~\n~~~\n~~~~",
    "    a\n\n    b\nc",
    "| a |\n|---|\n| b |\n\n| c |",
    "a\n---\nb\n===\nc",
    "- a\n* b\n+ c",
    "[a]: http://x.y\n\n[a]",
  ])("of %j are read as the whole is", text => {
    expect(inPieces(text)).toEqual(inOne(text));
  });

  it("of any text are read as the whole is", () => {
    fc.assert(
      fc.property(lines, text => {
        fc.pre(!/^[ >]*</m.test(text)); // markdown directly below HTML is markdown here, and HTML in CommonMark
        expect(inPieces(text)).toEqual(inOne(text));
      }),
      { numRuns: 3000 },
    );
  });
});
