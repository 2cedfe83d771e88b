/**
 * A block of code: its language, a button that copies it, and the code, which scrolls by keys too. Colours come from a chunk
 * that is loaded when the first block is there; while code is written, it is coloured every now and then, and what has been
 * added since is plain.
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { Strings } from "../locale";
import { copyText } from "./clipboard";
import { linesInParts } from "./code-parts";
import { growingText } from "./growing-text";

/** Longer than that, it stays plain. */
const TOO_LONG = 50_000;
const PAUSE = 150;
const SHOWN = 2_000;

export class CodeElement extends LitElement {
  static override properties = {
    code: { attribute: false },
    language: { attribute: false },
    isOpen: { attribute: false },
    strings: { attribute: false },
    coloured: { state: true },
    isCopied: { state: true },
  };
  declare code: string;
  /** As it was named; empty: nobody said. */
  declare language: string;
  /** More of it is to come. */
  declare isOpen: boolean;
  declare strings: Strings;
  /** The beginning of the code, as far as it has colours. */
  declare private coloured: { code: string; spans: unknown[] } | null;
  declare private isCopied: boolean;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = PAUSE;

  constructor() {
    super();
    this.coloured = null;
    this.isCopied = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.coloured && (changed.has("language") || !this.code.startsWith(this.coloured.code)))
      this.coloured = null;
    if (changed.has("code") || changed.has("language") || changed.has("isOpen")) this.colourSoon();
  }

  private colourSoon(): void {
    if (this.language === "" || this.code.length > TOO_LONG) return;
    if (!this.isOpen) clearTimeout(this.timer);
    else if (this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.colour(), this.isOpen ? this.pause : 0);
  }

  /** Rests the longer, the longer it took: a long block does not keep the page busy. */
  private async colour(): Promise<void> {
    const { highlighted } = await import("./highlight");
    this.timer = undefined;
    const start = performance.now();
    const spans = highlighted(this.code, this.language);
    this.pause = Math.max(PAUSE, 10 * (performance.now() - start));
    this.coloured = spans && { code: this.code, spans };
  }

  private async copy(): Promise<void> {
    this.isCopied = await copyText(this.code);
    setTimeout(() => {
      this.isCopied = false;
    }, SHOWN);
  }

  protected override render(): TemplateResult {
    const { language, strings, isCopied } = this;
    return html`<div class="code-head">
        <span class="code-language">${language || strings.code}</span>
        <button type="button" class="code-copy" part="code-copy" @click=${this.copy}>
          ${icon(isCopied ? "check" : "copy")}<span>${isCopied ? strings.copied : strings.copy}</span>
        </button>
        <span class="code-status" role="status">${isCopied ? strings.copied : nothing}</span>
      </div>
      <pre
        role="group"
        tabindex="0"
        dir="ltr"
        aria-label=${language ? strings.codeIn(language) : strings.code}
      ><code>${this.content()}</code></pre>`;
  }

  private content(): unknown {
    const { code, coloured } = this;
    if (code.length > TOO_LONG) return linesInParts(code);
    return [coloured?.spans ?? nothing, growingText(code.slice(coloured?.code.length ?? 0))];
  }
}

if (!customElements.get("chatkit-code")) customElements.define("chatkit-code", CodeElement);
