/** Elements that came as HTML. */
import { html, nothing } from "lit";
import { drawNodes } from "./draw";
import { direction, heading, tableBox } from "./draw-blocks";
import { image, link } from "./draw-inlines";
import { type Node, TRANSPARENT } from "./html";
import type { Scope } from "./scope";

type Attributes = ReadonlyMap<string, string>;
type DrawElement = (content: unknown[], attributes: Attributes, scope: Scope) => unknown;

const strong: DrawElement = content => html`<strong>${content}</strong>`;
const em: DrawElement = content => html`<em>${content}</em>`;
const del: DrawElement = content => html`<del>${content}</del>`;
const code: DrawElement = content => html`<code>${content}</code>`;

const known: Record<string, DrawElement> = {
  b: strong,
  strong,
  i: em,
  em,
  cite: em,
  var: em,
  s: del,
  strike: del,
  del,
  u: content => html`<u>${content}</u>`,
  ins: content => html`<ins>${content}</ins>`,
  mark: content => html`<mark>${content}</mark>`,
  small: content => html`<small>${content}</small>`,
  sub: content => html`<sub>${content}</sub>`,
  sup: content => html`<sup>${content}</sup>`,
  kbd: content => html`<kbd>${content}</kbd>`,
  q: content => html`<q>${content}</q>`,
  code,
  samp: code,
  pre: content => html`<pre>${content}</pre>`,
  br: () => html`<br />`,
  hr: () => html`<hr />`,
  p: content => html`<p>${content}</p>`,
  blockquote: content => html`<blockquote>${content}</blockquote>`,
  ul: content => html`<ul>${content}</ul>`,
  ol: (content, attributes) => html`<ol start=${count(attributes.get("start"))}>${content}</ol>`,
  li: content => html`<li>${content}</li>`,
  dl: content => html`<dl>${content}</dl>`,
  dt: content => html`<dt>${content}</dt>`,
  dd: content => html`<dd>${content}</dd>`,
  details: (content, attributes, scope) =>
    html`<details dir=${direction(scope)} ?open=${attributes.has("open")}>${content}</details>`,
  summary: content => html`<summary>${content}</summary>`,
  table: (content, _, scope) => tableBox(content, scope),
  caption: content => html`<caption>${content}</caption>`,
  tr: content => html`<tr>${content}</tr>`,
  th: (content, a) =>
    html`<th colspan=${count(a.get("colspan"))} rowspan=${count(a.get("rowspan"))}>${content}</th>`,
  td: (content, a) =>
    html`<td colspan=${count(a.get("colspan"))} rowspan=${count(a.get("rowspan"))}>${content}</td>`,
  a: (content, attributes, scope) => {
    const href = attributes.get("href");
    return href === undefined ? content : link(href, null, content, scope);
  },
  img: (_, attributes, scope) => image(attributes.get("src") ?? "", attributes.get("alt") ?? "", null, scope),
};

export function elements(
  tag: string,
  attributes: Attributes,
  children: readonly Node[],
  scope: Scope,
): unknown {
  const content = drawNodes(children, tag === "a" ? { ...scope, isInLink: true } : scope);
  if (TRANSPARENT.has(tag)) return content;
  const level = /^h([1-6])$/.exec(tag)?.[1];
  if (level) return heading(Number(level), content, scope);
  return known[tag]?.(content, attributes, scope) ?? content;
}

/** Of columns and rows, and where a list begins. */
function count(value: string | undefined): number | typeof nothing {
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 && number <= 1000 ? number : nothing;
}
