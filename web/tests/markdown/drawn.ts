/** Markdown, drawn into an element. */
import { type LitElement, render } from "lit";
import { en } from "../../src/locale/en";
import { type MarkdownContext, markdown } from "../../src/markdown";

// Formulas want a page with a doctype.
Object.defineProperty(document, "compatMode", { value: "CSS1Compat" });

export const context: MarkdownContext = { strings: en, streaming: false, allowedImageDomains: undefined };

export class Page {
  readonly element = document.createElement("div");

  constructor() {
    document.body.append(this.element);
  }

  show(text: string, options: Partial<MarkdownContext> = {}): HTMLElement {
    render(markdown(text, { ...context, ...options }), this.element);
    return this.element;
  }

  /** With what inner elements draw, and load, a moment later. */
  async settled(): Promise<HTMLElement> {
    await import("../../src/markdown/tex");
    for (const inner of this.element.querySelectorAll<LitElement>("chatkit-code, chatkit-formula")) {
      await inner.updateComplete;
      await inner.updateComplete;
    }
    return this.element;
  }

  remove(): void {
    this.element.remove();
  }
}

/** Its HTML, without what templates leave behind and without what is said of it for style alone. */
export function htmlOf(element: Element): string {
  return [...element.querySelectorAll(".markdown-part")]
    .map(part => part.innerHTML)
    .join("")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/ (?:dir|part|class|tabindex|role|aria-label)="[^"]*"/g, "")
    .replace(/\s*\n\s*/g, "\n")
    .trim();
}

export function drawn(text: string, options: Partial<MarkdownContext> = {}): string {
  const page = new Page();
  const html = htmlOf(page.show(text, options));
  page.remove();
  return html;
}
