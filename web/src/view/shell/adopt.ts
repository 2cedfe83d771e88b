/** Styles of what comes later than the chat around it. */

import type { CSSResult } from "lit";

/** Gives them to the shadow tree that an element stands in, once. */
export function adopt(element: Element, { styleSheet }: CSSResult): void {
  const root = element.getRootNode();
  if (!(root instanceof ShadowRoot) || !styleSheet || root.adoptedStyleSheets.includes(styleSheet)) return;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
}
