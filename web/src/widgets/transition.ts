/** What is in a `Transition` changes softly: it grows to its new height, and something else in its place fades in. */
import { html, LitElement, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { WidgetNode } from "../protocol/types";
import type { Scope } from "./scope";
import { childrenOf, keysOf } from "./tree";

const EASE = "cubic-bezier(0.2, 0, 0, 1)";

export function drawTransition(node: WidgetNode, scope: Scope): TemplateResult {
  const children = childrenOf(node).slice(0, 1);
  const [child] = children;
  const what = child === undefined ? "" : `${child.type} ${keysOf(children)[0]}`;
  return html`<chatkit-transition class="w-transition" .what=${what} .content=${html`${scope.all(children)}`}></chatkit-transition>`;
}

export class ChatKitTransition extends LitElement {
  static override properties = {
    what: { attribute: false },
    content: { attribute: false, hasChanged: () => true },
  };

  /** Which component it is: another one is another key. */
  declare what: string;
  declare content: unknown;
  private last: { what: string; height: number } | null = null;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    if (this.hasUpdated) this.last = { what: this.shown, height: this.offsetHeight };
    this.shown = this.what;
  }

  private shown = "";

  protected override render(): unknown {
    return keyed(this.what, html`<div class="w-box w-col w-transition-inside">${this.content}</div>`);
  }

  protected override async updated(): Promise<void> {
    const before = this.last;
    if (before === null || !isMotionWelcome() || typeof this.animate !== "function") return;
    await Promise.resolve(); // what is inside draws itself in this task, too
    const height = this.offsetHeight;
    if (before.what !== this.what) {
      this.firstElementChild?.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 200, easing: EASE });
    }
    if (height !== before.height) {
      this.animate(
        [
          { height: `${before.height}px`, overflow: "clip" },
          { height: `${height}px`, overflow: "clip" },
        ],
        { duration: 200, easing: EASE },
      );
    }
  }
}

export function isMotionWelcome(): boolean {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

if (customElements.get("chatkit-transition") === undefined) {
  customElements.define("chatkit-transition", ChatKitTransition);
}
