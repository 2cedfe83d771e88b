/** Text that grows: what is new fades in, and what was there stays as it is. */
import { html } from "lit";
import { Directive, directive } from "lit/directive.js";
import { repeat } from "lit/directives/repeat.js";

/** Pieces that may still be fading in. */
const FRESH = 12;

class Grow extends Directive {
  private settled = "";
  private fresh: { key: number; text: string }[] = [];
  private made = 0;

  render(text: string, isStreaming: boolean): unknown {
    if (!isStreaming) this.settle(text);
    else this.take(text);
    return html`${this.settled}${repeat(
      this.fresh,
      piece => piece.key,
      piece => html`<span class="w-fresh">${piece.text}</span>`,
    )}`;
  }

  private settle(text: string): void {
    this.settled = text;
    this.fresh = [];
  }

  private take(text: string): void {
    const shown = this.settled + this.fresh.map(piece => piece.text).join("");
    if (!text.startsWith(shown)) {
      this.settle(text);
      return;
    }
    if (text.length > shown.length) {
      this.made += 1;
      this.fresh = [...this.fresh, { key: this.made, text: text.slice(shown.length) }];
    }
    while (this.fresh.length > FRESH) this.settled += this.fresh.shift()?.text ?? "";
  }
}

export const grow = directive(Grow);
