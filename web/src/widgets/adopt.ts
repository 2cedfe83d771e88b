/** Styles that come with a lazy chunk: each root that has something of it takes them once. */
import type { CSSResult } from "lit";

export function adopt(root: Node, styles: readonly CSSResult[]): void {
  if (!(root instanceof ShadowRoot || root instanceof Document)) return;
  for (const { styleSheet } of styles) {
    if (styleSheet !== undefined && !root.adoptedStyleSheets.includes(styleSheet)) {
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
    }
  }
}
