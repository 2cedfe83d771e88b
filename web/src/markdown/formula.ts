/**
 * A formula: MathML, made by a chunk that is loaded when the first is there. Until then, and where it is no TeX, it is its
 * source; while it is written, a place for it.
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Strings } from "../locale";

/** What nobody writes by hand would hold up the page. */
const TOO_LONG = 5_000;

export class FormulaElement extends LitElement {
  static override properties = {
    tex: { attribute: false },
    isBlock: { attribute: false },
    isOpen: { attribute: false },
    strings: { attribute: false },
    math: { state: true },
    isWide: { state: true },
  };
  declare tex: string;
  declare isBlock: boolean;
  /** More of it is to come. */
  declare isOpen: boolean;
  declare strings: Strings;
  declare private math: Element | null;
  /** Wider than its place: it scrolls, by keys too. */
  declare private isWide: boolean;
  private readonly resized = new ResizeObserver(() => this.measure());

  constructor() {
    super();
    this.math = null;
    this.isWide = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("tex") || changed.has("isBlock") || changed.has("isOpen")) void this.typeset();
  }

  private async typeset(): Promise<void> {
    const { tex, isBlock } = this;
    if (this.isOpen || tex.length > TOO_LONG) {
      this.math = null;
      return;
    }
    const { mathml } = await import("./tex");
    if (tex === this.tex && isBlock === this.isBlock) this.math = mathml(tex, isBlock);
  }

  private measure(): void {
    const { scrollWidth = 0, clientWidth = 0 } = this.querySelector(".formula-box") ?? {};
    this.isWide = scrollWidth > clientWidth + 1;
  }

  protected override render(): TemplateResult {
    const content = this.isOpen ? html`<span class="formula-wait"></span>` : (this.math ?? source(this.tex));
    if (!this.isBlock) return html`${content}`;
    return html`<span
      class="formula-box"
      role=${this.isWide ? "group" : nothing}
      tabindex=${this.isWide ? 0 : nothing}
      aria-label=${this.isWide ? this.strings.formula : nothing}
      >${content}</span
    >`;
  }
}

const source = (tex: string) => html`<code class="tex">${tex}</code>`;

if (!customElements.get("chatkit-formula")) customElements.define("chatkit-formula", FormulaElement);
