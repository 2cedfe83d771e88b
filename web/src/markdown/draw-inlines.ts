/** What stands in a line of text. */
import { html, nothing, type TemplateResult } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import type { Token, Tokens } from "marked";
import { icon } from "../icons";
import { type Draw, draw, plainText } from "./draw";
import { decoded } from "./entities";
import type { Formula } from "./formulas";
import "./formula";
import { growingText } from "./growing-text";
import { deepLink, imageAddress, linkAddress } from "./links";
import { PENDING } from "./mend-links";
import type { Scope } from "./scope";

export const inlines: Record<string, Draw> = {
  strong: ({ tokens = [] }, scope) => html`<strong>${draw(tokens, scope)}</strong>`,
  em: ({ tokens = [] }, scope) => html`<em>${draw(tokens, scope)}</em>`,
  del: ({ tokens = [] }, scope) => html`<del>${draw(tokens, scope)}</del>`,
  codespan: ({ text }) => html`<code>${growingText(text)}</code>`,
  escape: ({ text }) => growingText(text),
  br: () => html`<br />`,
  checkbox: ({ checked }, { strings }) => html`<span
    class="task-box ${checked ? "is-done" : ""}"
    role="img"
    aria-label=${checked ? strings.taskDone : strings.taskOpen}
    >${checked ? icon("check") : nothing}</span
  >`,
  formula: (token, { strings }) => {
    const { tex, isBlock, isOpen } = token as Formula;
    return html`<chatkit-formula
      class=${isBlock ? "formula-block" : "formula"}
      .tex=${tex}
      .isBlock=${isBlock}
      .isOpen=${isOpen === true}
      .strings=${strings}
    ></chatkit-formula>`;
  },
  link: (token, scope) => {
    const { href, title, tokens, text, autolink } = token as Tokens.Link;
    if (autolink) return link(href, null, [growingText(text)], scope);
    return link(
      decoded(href),
      title ? decoded(title) : null,
      draw(tokens, { ...scope, isInLink: true }),
      scope,
    );
  },
  image: (token, scope) => {
    const { href, title, text, tokens } = token as Tokens.Image;
    const alt = decoded(tokens ? plainText(tokens as Token[]) : text);
    return image(decoded(href), alt, title ? decoded(title) : null, scope);
  },
};

/** Text alone, where the address may be none, and in another link. */
export function link(
  href: string,
  title: string | null,
  content: unknown[],
  { isInLink, onDeepLink }: Scope,
): unknown {
  if (isInLink) return content;
  if (href === PENDING) return html`<a class="is-pending">${content}</a>`;
  const deep = deepLink(href);
  if (deep) {
    const onClick = (event: Event) => {
      event.preventDefault();
      onDeepLink()?.(deep.name, deep.data);
    };
    return onDeepLink()
      ? html`<a href=${href} title=${ifDefined(title ?? undefined)} @click=${onClick}>${content}</a>`
      : content;
  }
  const address = linkAddress(href);
  return address === null ? content : outerLink(address, title, content);
}

function outerLink(address: string, title: string | null, content: unknown): TemplateResult {
  return html`<a
    href=${address}
    title=${ifDefined(title ?? undefined)}
    target="_blank"
    rel="noopener noreferrer"
    >${content}</a
  >`;
}

/** A link to it, where it may not be shown; its text alone, where it may not even be a link. */
export function image(src: string, alt: string, title: string | null, scope: Scope): unknown {
  const address = imageAddress(src, scope.domains);
  if (address === null) return link(src, title, [alt || src], scope);
  return html`<img
    src=${address}
    alt=${alt}
    title=${ifDefined(title ?? undefined)}
    loading="lazy"
    decoding="async"
    referrerpolicy="no-referrer"
  />`;
}
