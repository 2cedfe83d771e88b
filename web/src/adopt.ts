/** Styles of what comes later than what is around it. */
import type { CSSResult } from "lit";

/** Gives them to the tree that an element stands in, once. */
export function adopt(element: Element, ...styles: readonly CSSResult[]): void {
  const root = element.getRootNode();
  if (!(root instanceof ShadowRoot || root instanceof Document)) return;
  for (const { styleSheet } of styles) {
    if (styleSheet && !root.adoptedStyleSheets.includes(styleSheet)) {
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
    }
  }
}
