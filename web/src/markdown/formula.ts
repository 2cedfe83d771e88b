/** A formula: MathML, made by a chunk that is loaded when the first is there. Until then, and where it is no TeX: its source. */
import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
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
  };
  declare tex: string;
  declare isBlock: boolean;
  /** More of it is to come. */
  declare isOpen: boolean;
  declare strings: Strings;
  declare private math: Element | null;

  constructor() {
    super();
    this.math = null;
  }

  protected override createRenderRoot(): this {
    return this;
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

  protected override render(): TemplateResult {
    const content = this.math ?? html`<code class="tex">${this.tex}</code>`;
    if (!this.isBlock) return html`${content}`;
    return html`<span class="formula-box" role="group" tabindex="0" aria-label=${this.strings.formula}>${content}</span>`;
  }
}

if (!customElements.get("chatkit-formula")) customElements.define("chatkit-formula", FormulaElement);
