/** Tokens as templates. */
import { html } from "lit";
import type { Token, Tokens } from "marked";
import { isText, type Place } from "./citations";
import { directionOf } from "./direction";
import { blocks } from "./draw-blocks";
import { elements } from "./draw-elements";
import { inlines } from "./draw-inlines";
import { decoded } from "./entities";
import { growingText } from "./growing-text";
import { type Element, type Node, nested } from "./html";
import type { Scope } from "./scope";

/** Deeper than that, nothing is formatted: neither the stack nor a reader could follow. */
const TOO_DEEP = 60;

export type Draw = (token: Tokens.Generic, scope: Scope) => unknown;

export function draw(tokens: readonly Token[], scope: Scope): unknown[] {
  return drawNodes(nested(tokens), scope);
}

export function drawNodes(nodes: readonly Node[], scope: Scope): unknown[] {
  const within = { ...scope, depth: scope.depth + 1 };
  return joined(nodes, scope).map(node => {
    const inner = scope.depth > 0 ? within : { ...within, direction: directionOf(sourceOf(node)) };
    const places = scope.places.get(node as Token);
    if (!places) return drawNode(node, inner);
    if (isText(node as Token)) return cutText((node as Tokens.Text).text, places, inner);
    const citations = cited(places, inner);
    return [drawNode(node, inner), node.type in blocks ? html`<p>${citations}</p>` : citations];
  });
}

/** Text beside text is one: otherwise each character of `\\*\\*\\*` would be a node of its own. */
function joined(nodes: readonly Node[], { places }: Scope): readonly Node[] {
  const all: Node[] = [];
  let last: Tokens.Escape | null = null;
  for (const node of nodes) {
    const text = places.has(node as Token) ? null : literal(node);
    if (text === null) last = null;
    else if (last) {
      last.raw += node.raw;
      last.text += text;
      continue;
    } else last = { type: "escape", raw: node.raw, text };
    all.push(last ?? node);
  }
  return all;
}

/** What is there to read of what is text and nothing else. */
function literal(node: Node): string | null {
  if (node.type === "escape") return (node as Tokens.Escape).text;
  return isText(node as Token) ? decoded((node as Tokens.Text).text) : null;
}

function sourceOf(node: Node): string {
  return node.type === "element" ? (node as Element).children.map(sourceOf).join("") : node.raw;
}

function drawNode(node: Node, scope: Scope): unknown {
  if (scope.depth > TOO_DEEP) return node.raw;
  if (node.type === "element") {
    const { tag, attributes, children } = node as Element;
    return elements(tag, attributes, children, scope);
  }
  // In a list without empty lines, text stands where paragraphs would.
  if (node.type === "text") return draw((node as Tokens.Text).tokens ?? [], scope);
  const renderer = blocks[node.type] ?? inlines[node.type];
  return renderer ? renderer(node, scope) : node.raw;
}

/** Never inside of an entity. */
function cutText(text: string, places: readonly Place[], scope: Scope): unknown[] {
  const parts: unknown[] = [];
  let from = 0;
  for (const { at, annotations } of places) {
    const rest = /^(?:&#?[a-zA-Z0-9]*|[#a-zA-Z0-9]*);/.exec(text.slice(at));
    const isInEntity = rest && /&#?[a-zA-Z0-9]*$/.test(text.slice(from, at));
    const end = isInEntity ? at + rest[0].length : Math.min(at, text.length);
    parts.push(growingText(decoded(text.slice(from, end))), annotations.map(scope.cite));
    from = Math.max(from, end);
  }
  return [...parts, growingText(decoded(text.slice(from)))];
}

export function cited(places: readonly Place[], scope: Scope): unknown[] {
  return places.flatMap(({ annotations }) => annotations.map(scope.cite));
}

/** Without marks: for an image's alternative text. */
export function plainText(tokens: readonly Token[]): string {
  return tokens
    .map(token =>
      "tokens" in token && token.tokens ? plainText(token.tokens) : "text" in token ? String(token.text) : "",
    )
    .join("");
}
