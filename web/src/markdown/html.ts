/**
 * HTML in markdown, without a parser of HTML: the few elements that text needs are recognised tag by tag and drawn by
 * templates of ours; of their attributes a handful is read. Whatever else looks like a tag is text. Nothing that a server
 * sent is ever taken as HTML by the browser, so there is nothing to sanitize.
 */
import type { Token, Tokens } from "marked";
import { decoded } from "./entities";

/** Drawn as an element of the name. */
export interface Element {
  type: "element";
  raw: string;
  tag: string;
  attributes: Map<string, string>;
  children: Node[];
}

export type Node = Token | Element;

/** Their content is drawn, and they are not. */
export const TRANSPARENT: ReadonlySet<string> = new Set([
  "center",
  "div",
  "font",
  "section",
  "span",
  "tbody",
  "thead",
  "tfoot",
]);

export const VOID: ReadonlySet<string> = new Set(["br", "hr", "img"]);

export const ELEMENTS: ReadonlySet<string> = new Set(
  (
    "a b blockquote br caption cite code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s " +
    "samp small strike strong sub summary sup table td th tr u ul var"
  )
    .split(" ")
    .concat(...TRANSPARENT),
);

const TAG =
  /<!--[\s\S]*?-->|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*(\/?)>/g;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const TOO_DEEP = 40;

/** Whether what a text ends with may become a tag that is drawn, or a link in angle brackets. */
export function isTagBegun(begin: string, isNameOnly: boolean): boolean {
  const name = begin.toLowerCase();
  if (!isNameOnly) return ELEMENTS.has(name);
  return [...ELEMENTS, "https", "mailto"].some(known => known.startsWith(name));
}

/** Tokens as a tree: what stands between two tags is in their element. What is not closed ends with the tokens. */
export function nested(tokens: readonly Token[]): Node[] {
  if (!tokens.some(token => token.type === "html")) return tokens as Token[];
  const tree = new Tree();
  for (const token of tokens) {
    if (token.type === "html") tree.html(token.raw);
    else tree.add(token);
  }
  return tree.root;
}

class Tree {
  readonly root: Node[] = [];
  private readonly open: Element[] = [];

  add(node: Node): void {
    (this.open.at(-1)?.children ?? this.root).push(node);
  }

  html(source: string): void {
    let end = 0;
    for (const match of source.matchAll(TAG)) {
      this.text(source.slice(end, match.index));
      end = match.index + match[0].length;
      const [raw, slash, name, attributes = "", selfClosing] = match;
      const tag = name?.toLowerCase();
      if (tag === undefined) continue;
      if (!ELEMENTS.has(tag) || (slash === "" && this.open.length >= TOO_DEEP)) this.text(raw);
      else if (slash) this.close(tag);
      else this.begin(tag, raw, attributes, selfClosing === "/");
    }
    this.text(source.slice(end));
  }

  private begin(tag: string, raw: string, attributes: string, isClosed: boolean): void {
    const element: Element = {
      type: "element",
      raw,
      tag,
      attributes: attributesOf(attributes),
      children: [],
    };
    this.add(element);
    if (!isClosed && !VOID.has(tag)) this.open.push(element);
  }

  /** An end without its beginning is nothing. */
  private close(tag: string): void {
    const index = this.open.findLastIndex(element => element.tag === tag);
    if (index >= 0) this.open.length = index;
  }

  private text(text: string): void {
    if (text !== "") this.add({ type: "text", raw: text, text } satisfies Tokens.Text);
  }
}

function attributesOf(source: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single, bare] of source.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decoded(double ?? single ?? bare ?? ""));
  }
  return attributes;
}
