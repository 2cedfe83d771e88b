/**
 * Markdown as templates: GFM, formulas, code, citations. What is complete is drawn once and left alone while the text grows;
 * what is open at its end is drawn as it will be.
 */
import { html, nothing, type TemplateResult } from "lit";
import { AsyncDirective, directive } from "lit/async-directive.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Strings } from "../locale";
import type { Annotation } from "../protocol/types";
import { placesIn } from "./annotations";
import type { Places } from "./citations";
import { directionOf } from "./direction";
import { Document, type Group, type Reading } from "./document";
import { cited, draw } from "./draw";
import type { Scope } from "./scope";

export { copyText } from "./clipboard";
export { markdownStyles } from "./styles";

export interface MarkdownContext {
  strings: Strings;
  /** Whether more is to come: what is open at the end is drawn as it will be. */
  streaming: boolean;
  /** Images from elsewhere are links, where this is a list; undefined: all are shown. */
  allowedImageDomains: readonly string[] | undefined;
  /** Where citations belong, and how one is drawn. */
  annotations?: readonly Annotation[];
  cite?: (annotation: Annotation) => TemplateResult;
  /** A `chatkit-link://` link was clicked. */
  onDeepLink?: (name: string, data: Record<string, string>) => void;
}

export function markdown(text: string, context: MarkdownContext): TemplateResult {
  return html`<div class="markdown" part="markdown" dir=${directionOf(text)}>${growingMarkdown(text, context)}</div>`;
}

const NOWHERE: Places = new Map();

class GrowingMarkdown extends AsyncDirective {
  private readonly document = new Document();
  private text = "";
  private context: MarkdownContext | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override render(text: string, context: MarkdownContext): unknown {
    this.text = text;
    this.context = context;
    return this.content(context);
  }

  protected override disconnected(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  protected override reconnected(): void {
    if (this.document.isBehind) this.goOn();
  }

  /** A very long text comes bit by bit. */
  private goOn(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.context && this.isConnected) this.setValue(this.content(this.context));
    });
  }

  private content(context: MarkdownContext): unknown {
    const groups = this.document.read(this.text, context.streaming);
    if (this.document.isBehind) this.goOn();
    const annotations = context.cite ? (context.annotations ?? []) : [];
    const places = placesIn(groups, this.text, annotations);
    const constant = [
      context.strings,
      context.allowedImageDomains?.join(" "),
      context.onDeepLink === undefined,
    ];
    return groups.map(group => {
      const cited = places.size > 0 && group.some(reading => places.has(reading)) ? places : null;
      return guard([...constant, group, cited], () => this.group(group, places, constant));
    });
  }

  private group(group: Group, places: ReadonlyMap<Reading, Places>, constant: unknown[]): TemplateResult {
    const content = repeat(
      group,
      ({ start }) => start,
      reading => {
        const own = places.get(reading);
        return guard([...constant, reading.tokens, own], () => this.reading(reading, own));
      },
    );
    return html`<div class="markdown-part">${content}</div>`;
  }

  private reading({ tokens }: Reading, places: Places = NOWHERE): unknown {
    const scope = this.scope(places);
    const rest = places.get(null);
    return [draw(tokens, scope), rest ? html`<p>${cited(rest, scope)}</p>` : nothing];
  }

  /** Callbacks are those of the last time it was drawn: pages make new ones each time, and that is no reason to draw again. */
  private scope(places: Places): Scope {
    const { strings, allowedImageDomains } = this.context ?? {};
    return {
      strings: strings as Strings,
      domains: allowedImageDomains,
      places,
      direction: "ltr",
      depth: 0,
      isInLink: false,
      cite: annotation => this.context?.cite?.(annotation) ?? null,
      onDeepLink: () => this.context?.onDeepLink ?? null,
    };
  }
}

const growingMarkdown = directive(GrowingMarkdown);
