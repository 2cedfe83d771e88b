/** Text that grows at its end keeps its node, and what a reader has selected in it stays selected. */
import { noChange } from "lit";
import { Directive, directive } from "lit/directive.js";

class GrowingText extends Directive {
  private readonly node = document.createTextNode("");
  private isPlaced = false;

  override render(text: string): unknown {
    const { data } = this.node;
    if (text !== data) {
      if (text.startsWith(data)) this.node.appendData(text.slice(data.length));
      else this.node.data = text;
    }
    if (this.isPlaced) return noChange;
    this.isPlaced = true;
    return this.node;
  }
}

export const growingText = directive(GrowingText);
