/** Markdown, drawn into an element. */
import { render } from "lit";
import { en } from "../../src/locale/en";
import { type MarkdownContext, markdown } from "../../src/markdown";

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

  /** Inner elements draw themselves a moment later. */
  async settled(): Promise<HTMLElement> {
    for (const inner of this.element.querySelectorAll("chatkit-code, chatkit-formula")) {
      await (inner as unknown as { updateComplete: Promise<unknown> }).updateComplete;
    }
    return this.element;
  }

  remove(): void {
    this.element.remove();
  }
}

/** Its HTML without what templates leave behind. */
export function htmlOf(element: Element): string {
  return (element.querySelector(".markdown") ?? element).innerHTML
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
