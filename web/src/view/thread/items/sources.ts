/** What an answer refers to: numbers in its text, each with a card, and a list below. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../../icons";
import type { Annotation, AssistantContent, Source } from "../../../protocol/types";
import { hostOf, linkUrl } from "../urls";
import type { ItemView } from "../view";
import { day, words } from "../words";

export interface Cited {
  number: number;
  source: Source;
}

const MOST_SOURCES = 500;

/** Each source once, by identity, numbered as they come. */
export function citedIn(content: readonly AssistantContent[]): Map<string, Cited> {
  const cited = new Map<string, Cited>();
  for (const { source } of content.flatMap(part => part.annotations)) {
    const key = keyOf(source);
    if (!cited.has(key) && cited.size < MOST_SOURCES) cited.set(key, { number: cited.size + 1, source });
  }
  return cited;
}

function keyOf(source: Source): string {
  switch (source.type) {
    case "url":
      return `url ${words(source.url)}`;
    case "file":
      return `file ${words(source.filename)}`;
    case "entity":
      return `entity ${words(source.id)}`;
    default:
      return "";
  }
}

/** In the text. */
export function citation({ source }: Annotation, all: Map<string, Cited>, view: ItemView): TemplateResult {
  const cited = all.get(keyOf(source));
  if (cited === undefined) return html``;
  const label = source.type === "entity" ? words(source.inline_label) : "";
  const title = titleOf(source);
  const name = label ? `${label}: ${title}` : view.strings.sourceNumber(cited.number, title);
  return reference(source, view, {
    className: "thread-citation",
    part: "citation",
    name,
    content: html`${label || cited.number}`,
    hasCard: true,
  });
}

/** Below the text. */
export function sourceList(all: Map<string, Cited>, view: ItemView): TemplateResult {
  const { strings, notes, note } = view;
  const isOpen = notes.showsSources === true;
  return html`<div class="thread-sources" part="sources">
    <button
      type="button"
      class="thread-disclosure"
      aria-expanded=${isOpen}
      @click=${() => note({ showsSources: !isOpen })}
    >
      ${icon("book-open")}<span>${strings.sources(all.size)}</span>${icon("chevron-down")}
    </button>
    ${isOpen ? html`<ol class="thread-source-list">${[...all.values()].map(one => row(one, view))}</ol>` : nothing}
  </div>`;
}

function row({ number, source }: Cited, view: ItemView): TemplateResult {
  const content = html`<span class="thread-source-number">${number}</span>${about(source, view)}`;
  return html`<li>
    ${reference(source, view, { className: "thread-source", part: "source", name: null, content, hasCard: false })}
  </li>`;
}

/** A source among a task's. */
export function sourceChip(source: Source, view: ItemView): TemplateResult {
  const content = html`${icon(iconOf(source))}<span dir="auto">${titleOf(source)}</span>`;
  const name = titleOf(source);
  return reference(source, view, {
    className: "thread-chip",
    part: "source",
    name,
    content,
    hasCard: true,
  });
}

interface Reference {
  className: string;
  part: string;
  /** null: what is in it. */
  name: string | null;
  content: TemplateResult;
  hasCard: boolean;
}

/** A link where it leads somewhere, a button where the page does something with it. */
function reference(source: Source, view: ItemView, look: Reference): TemplateResult {
  const { className, part, name, content, hasCard } = look;
  const href = source.type === "url" ? linkUrl(source.url) : null;
  const card = hasCard ? () => cardOf(source, href, view) : null;
  if (href !== null) {
    return html`<a
      class=${className} part=${part} href=${href} target="_blank" rel="noopener noreferrer"
      aria-label=${name ?? nothing} ?data-card=${hasCard} .card=${card}
    >${content}</a>`;
  }
  const onClick = whenClicked(source, view);
  if (onClick === null && !hasCard) return html`<div class=${className} part=${part}>${content}</div>`;
  return html`<button
    type="button" class=${className} part=${part} aria-label=${name ?? nothing} ?data-card=${hasCard} .card=${card}
    @click=${onClick ?? nothing}
  >${content}</button>`;
}

function cardOf(source: Source, href: string | null, view: ItemView): TemplateResult {
  const content = about(source, view);
  if (href === null) return html`<div class="thread-card">${content}</div>`;
  return html`<a class="thread-card" href=${href} target="_blank" rel="noopener noreferrer" tabindex="-1">${content}</a>`;
}

function whenClicked(source: Source, { options }: ItemView): (() => void) | null {
  const onClick = options.entities?.onClick;
  if (source.type !== "entity" || source.interactive !== true || onClick === undefined) return null;
  const { id, title, data = {}, ...rest } = source;
  const optional = {
    ...(rest.icon === undefined ? {} : { icon: rest.icon as never }),
    ...(rest.group === undefined ? {} : { group: rest.group }),
  };
  return () => onClick({ id, title, interactive: true, data: data as Record<string, string>, ...optional });
}

function about(source: Source, { language }: ItemView): TemplateResult {
  const description = words(source.description);
  const date = day(source.timestamp, language);
  const origins = [originOf(source), date].filter(Boolean);
  return html`<span class="thread-source-about">
    ${origins.length > 0 ? origin(source, origins) : nothing}
    <span class="thread-source-title"><bdi>${titleOf(source)}</bdi></span>
    ${description ? html`<span class="thread-source-text"><bdi>${description}</bdi></span>` : nothing}
  </span>`;
}

function origin(source: Source, origins: readonly string[]): TemplateResult {
  return html`<span class="thread-source-origin">
    ${icon(iconOf(source))}
    <span>${origins.map((one, index) => html`${index > 0 ? " · " : nothing}<bdi>${one}</bdi>`)}</span>
  </span>`;
}

function titleOf(source: Source): string {
  if (words(source.title)) return words(source.title);
  if (source.type === "file") return words(source.filename);
  return source.type === "url" ? hostOf(source.url) : "";
}

function originOf(source: Source): string {
  switch (source.type) {
    case "url":
      return words(source.attribution) || hostOf(source.url);
    case "file":
      return words(source.filename) === words(source.title) ? "" : words(source.filename);
    case "entity":
      return words(source.label);
    default:
      return "";
  }
}

function iconOf(source: Source): string {
  if (source.type === "entity") return words(source.icon) || "cube";
  return source.type === "file" ? "file-text" : "globe";
}
