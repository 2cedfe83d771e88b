/**
 * Where in the tokens of a text its citations belong. They are found by the tokens' own text, so that no mark has to go
 * through the lexer, which might change what it reads.
 */
import type { Token, Tokens } from "marked";
import type { Annotation } from "../protocol/types";

/** Citations in a token: after `at` characters of its text, or behind it where it is not text. */
export interface Place {
  at: number;
  annotations: Annotation[];
}

/** By token; `null`: behind everything. */
export type Places = Map<Token | null, Place[]>;

interface Leaf {
  token: Token;
  start: number;
  end: number;
}

/** `at` is an offset in `source`. */
export interface Cited {
  at: number;
  annotation: Annotation;
}

export function placesOf(citations: readonly Cited[], tokens: readonly Token[], source: string): Places {
  const leaves = new Leaves(source).of(tokens);
  const places: Places = new Map();
  for (const { at, annotation } of citations) {
    const leaf = leafAt(leaves, at);
    const token = leaf?.token ?? null;
    add(
      places,
      token,
      leaf && isText(leaf.token) ? Math.max(0, at - leaf.start) : Number.POSITIVE_INFINITY,
      annotation,
    );
  }
  return places;
}

function leafAt(leaves: readonly Leaf[], at: number): Leaf | undefined {
  const index = leaves.findIndex(({ end }) => at <= end);
  const leaf = leaves[index];
  if (!leaf) return leaves.at(-1);
  return at < leaf.start ? (leaves[index - 1] ?? leaf) : leaf;
}

function add(places: Places, token: Token | null, at: number, annotation: Annotation): void {
  const list = places.get(token) ?? [];
  const same = list.find(place => place.at === at);
  if (same) same.annotations.push(annotation);
  else list.push({ at, annotations: [annotation] });
  places.set(
    token,
    list.sort((a, b) => a.at - b.at),
  );
}

export const isText = (token: Token) => token.type === "text" && !("tokens" in token && token.tokens);

const SPANS: ReadonlySet<string> = new Set(["strong", "em", "del"]);

/** What citations can stand behind or in, in the order of the text. Tags of HTML cannot: they become elements. */
class Leaves {
  private readonly found: Leaf[] = [];
  private cursor = 0;

  constructor(private readonly source: string) {}

  of(tokens: readonly Token[]): Leaf[] {
    for (const token of tokens) this.block(token);
    return this.found;
  }

  private block(token: Token): void {
    if (token.type === "list") for (const item of (token as Tokens.List).items) this.of(item.tokens);
    else if (token.type === "table") this.table(token as Tokens.Table);
    else if (token.type === "blockquote") this.of((token as Tokens.Blockquote).tokens);
    else if ("tokens" in token && token.tokens) this.run((token as Tokens.Paragraph).text, token.tokens);
    else if (token.type !== "space" && token.type !== "def") this.atom(token);
  }

  private table({ header, rows }: Tokens.Table): void {
    for (const cell of [header, ...rows].flat()) this.run(cell.text, cell.tokens);
  }

  private atom(token: Token): void {
    const start = this.pass(token.raw.trim());
    if (token.type !== "html") this.found.push({ token, start, end: this.cursor });
  }

  /** Goes on behind the next place of a text; returns where it begins. */
  private pass(text: string): number {
    const start = this.source.indexOf(text, this.cursor);
    if (start < 0) return this.cursor;
    this.cursor = start + text.length;
    return start;
  }

  /** The lines of a run are lines of the source, each without what it is indented by. */
  private run(text: string, tokens: readonly Token[]): void {
    const starts: [run: number, source: number][] = [];
    let at = 0;
    for (const line of text.split("\n")) {
      const isTask = at === 0 && /^\[[ xX]\] /.test(line);
      starts.push([at, isTask ? this.pass(line.slice(4)) - 4 : this.pass(line)]);
      at += line.length + 1;
    }
    this.spans(tokens, 0, offset => {
      const [run, source] = starts.findLast(([start]) => start <= offset) ?? [0, 0];
      return source + offset - run;
    });
  }

  private spans(tokens: readonly Token[], from: number, inSource: (offset: number) => number): void {
    let at = from;
    for (const token of tokens) {
      if (SPANS.has(token.type)) {
        const { raw, text, tokens: inner } = token as Tokens.Strong;
        this.spans(inner, at + Math.max(0, raw.indexOf(text)), inSource);
      } else if (token.type !== "html") {
        this.found.push({ token, start: inSource(at), end: inSource(at + token.raw.length) });
      }
      at += token.raw.length;
    }
  }
}
