/** Blocks of text. The outermost has the direction of its own text, and what is inside of it the same. */
import { html, nothing, type TemplateResult } from "lit";
import type { Tokens } from "marked";
import "./code";
import { type Draw, draw } from "./draw";
import { inlines } from "./draw-inlines";
import { growingText } from "./growing-text";
import type { Code } from "./lex";
import type { Scope } from "./scope";

/** Of the outermost blocks. */
export const direction = ({ depth, direction }: Scope) => (depth <= 1 ? direction : nothing);

export const blocks: Record<string, Draw> = {
  space: () => nothing,
  def: () => nothing,
  plain: ({ text }, scope) =>
    html`<p class="plain" dir=${direction(scope)}>${growingText(text.trimEnd())}</p>`,
  hr: () => html`<hr />`,
  paragraph: ({ tokens = [] }, scope) => html`<p dir=${direction(scope)}>${draw(tokens, scope)}</p>`,
  heading: ({ depth, tokens = [] }, scope) => heading(depth, draw(tokens, scope), scope),
  blockquote: ({ tokens = [] }, scope) =>
    html`<blockquote dir=${direction(scope)}>${draw(tokens, scope)}</blockquote>`,
  code: (token, { strings }) => {
    const { text, lang, isOpen } = token as Code;
    return html`<chatkit-code
      class="code"
      part="code"
      .code=${text}
      .language=${/^\S*/.exec(lang ?? "")?.[0] ?? ""}
      .isOpen=${isOpen === true}
      .strings=${strings}
    ></chatkit-code>`;
  },
  formulaBlock: (token, scope) => inlines.formula?.(token, scope),
  list: (token, scope) => list(token as Tokens.List, scope),
  table: (token, scope) => table(token as Tokens.Table, scope),
};

/** A page has headings of its own above those of a message, which begin at the third level. */
export function heading(depth: number, content: unknown, scope: Scope): TemplateResult {
  const dir = direction(scope);
  switch (depth) {
    case 1:
      return html`<h3 class="heading-1" dir=${dir}>${content}</h3>`;
    case 2:
      return html`<h4 class="heading-2" dir=${dir}>${content}</h4>`;
    case 3:
      return html`<h5 class="heading-3" dir=${dir}>${content}</h5>`;
    default:
      return html`<h6 class="heading-4" dir=${dir}>${content}</h6>`;
  }
}

function list({ ordered, start, items }: Tokens.List, scope: Scope): TemplateResult {
  const dir = direction(scope);
  const content = items.map(
    ({ task, tokens }) => html`<li class=${task ? "task" : nothing}>${draw(tokens, scope)}</li>`,
  );
  if (!ordered) return html`<ul dir=${dir}>${content}</ul>`;
  return html`<ol dir=${dir} start=${start === 1 || start === "" ? nothing : start}>${content}</ol>`;
}

function table({ header, rows }: Tokens.Table, scope: Scope): TemplateResult {
  const cells = (row: Tokens.TableCell[], isHead: boolean) =>
    row.map(({ align, tokens }) => {
      const content = draw(tokens, scope);
      const side = align ? `align-${align}` : nothing;
      return isHead
        ? html`<th scope="col" class=${side}>${content}</th>`
        : html`<td class=${side}>${content}</td>`;
    });
  return tableBox(
    html`<thead><tr>${cells(header, true)}</tr></thead>
      ${rows.length > 0 ? html`<tbody>${rows.map(row => html`<tr>${cells(row, false)}</tr>`)}</tbody>` : nothing}`,
    scope,
  );
}

/** A wide table scrolls in its box, by keys too. */
export function tableBox(content: unknown, scope: Scope): TemplateResult {
  return html`<div class="table" part="table" role="group" tabindex="0" aria-label=${scope.strings.tableLabel}>
    <table dir=${direction(scope)}>${content}</table>
  </div>`;
}
