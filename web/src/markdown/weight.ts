/** How much there is to draw of a text. */
import type { Token, Tokens } from "marked";

/** They have elements of their own inside. */
const HEAVY: ReadonlySet<string> = new Set(["code", "formula", "formulaBlock"]);

/** About as many as there will be elements. */
export function weightOf(tokens: readonly Token[]): number {
  return tokens.reduce((weight, token) => weight + own(token) + inside(token as Tokens.Generic), 0);
}

const own = ({ type }: Token) => (HEAVY.has(type) ? 16 : 1);

function inside({ type, tokens = [], ...token }: Tokens.Generic): number {
  if (type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows].flat().reduce((weight, cell) => weight + 1 + weightOf(cell.tokens), 0);
  }
  return weightOf(type === "list" ? (token as Tokens.List).items : tokens);
}
