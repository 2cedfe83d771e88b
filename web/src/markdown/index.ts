/**
 * Markdown as templates: GFM, formulas, code, citations. What is complete is drawn once and left alone while the text grows;
 * what is open at its end is drawn as it will be.
 */
import { html, type TemplateResult } from "lit";
import { Directive, directive } from "lit/directive.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Strings } from "../locale";
import type { Annotation } from "../protocol/types";
import { placesIn } from "./annotations";
import type { Places } from "./citations";
import { Document, type Reading } from "./document";
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
  return html`<div class="markdown" part="markdown">${growingMarkdown(text, context)}</div>`;
}

/** Readings are guarded together, so that a long text costs no more than a few comparisons for each. */
const TOGETHER = 50;
const NOWHERE: Places = new Map();

class GrowingMarkdown extends Directive {
  private readonly document = new Document();
  private context: MarkdownContext | undefined;

  override render(text: string, context: MarkdownContext): unknown {
    this.context = context;
    const readings = this.document.read(text, context.streaming);
    const places = placesIn(readings, text, context.cite ? (context.annotations ?? []) : []);
    const constant = [
      context.strings,
      context.allowedImageDomains?.join(" "),
      context.onDeepLink === undefined,
    ];
    const changing = (reading: Reading) => [reading.tokens, places.get(reading)];
    return groups(readings).map(group =>
      guard([...constant, ...group.flatMap(changing)], () =>
        repeat(
          group,
          ({ start }) => start,
          reading =>
            guard([...constant, ...changing(reading)], () => this.draw(reading, places.get(reading))),
        ),
      ),
    );
  }

  private draw({ tokens }: Reading, places: Places = NOWHERE): unknown {
    const scope = this.scope(places);
    const rest = places.get(null);
    return [draw(tokens, scope), rest ? html`<p>${cited(rest, scope)}</p>` : undefined];
  }

  /** Callbacks are those of the last time it was drawn: pages make new ones each time, and that is no reason to draw again. */
  private scope(places: Places): Scope {
    const { strings, allowedImageDomains } = this.context ?? {};
    return {
      strings: strings as Strings,
      domains: allowedImageDomains,
      places,
      depth: 0,
      isInLink: false,
      cite: annotation => this.context?.cite?.(annotation) ?? null,
      onDeepLink: () => this.context?.onDeepLink ?? null,
    };
  }
}

function groups(readings: readonly Reading[]): Reading[][] {
  const groups: Reading[][] = [];
  for (let from = 0; from < readings.length; from += TOGETHER)
    groups.push(readings.slice(from, from + TOGETHER));
  return groups;
}

const growingMarkdown = directive(GrowingMarkdown);
