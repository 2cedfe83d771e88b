/** `<input ${whenDrawn(input => ...)}>` calls back after each time that the element was drawn. */
import { noChange } from "lit";
import { Directive, type DirectiveParameters, directive, type ElementPart } from "lit/directive.js";

type Callback = (element: HTMLElement, isFirst: boolean) => void;

class WhenDrawn extends Directive {
  private isFirst = true;

  render(_callback: Callback): unknown {
    return noChange;
  }

  override update(part: ElementPart, [callback]: DirectiveParameters<this>): unknown {
    const { isFirst } = this;
    this.isFirst = false;
    queueMicrotask(() => {
      if (part.element.isConnected) callback(part.element as HTMLElement, isFirst);
    });
    return noChange;
  }
}

export const whenDrawn = directive(WhenDrawn);
