/** The items of a thread, in slices of which some are drawn. */

import { html, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { Item } from "../../protocol/types";
import { type Drawing, itemAndBelow } from "./item";
import { DrawnSlices } from "./scroll/drawn";
import { type Slice, sliced } from "./scroll/slices";

export class List {
  private slices: readonly Slice[] = [];
  private readonly near: DrawnSlices;
  private shown: ReadonlySet<string> = new Set();
  private selects = false;

  constructor(
    private readonly root: HTMLElement,
    changed: () => void,
  ) {
    this.near = new DrawnSlices(changed);
  }

  /** What there is now; the end of another thread. */
  take(items: readonly Item[], isAnother: boolean): void {
    this.slices = sliced(items, isAnother ? [] : this.slices);
    if (isAnother) this.near.open(this.slices);
    else this.near.show(this.slices);
  }

  get element(): Element | null {
    return this.root.querySelector(":scope > .thread-scroller > .thread-content > .thread-slices");
  }

  connect(scroller: Element): void {
    document.addEventListener("selectionchange", this.onSelection);
    this.near.connect(scroller);
    this.near.observe(this.element?.children ?? []);
  }

  disconnect(): void {
    document.removeEventListener("selectionchange", this.onSelection);
    this.near.disconnect();
  }

  /** All on which it depends what the items look like, beside themselves. */
  draw(drawing: Drawing, dependencies: readonly unknown[]): TemplateResult {
    const { slices, near } = this;
    this.shown = this.slicesToShow();
    const starts = startsOf(slices);
    const slice = (one: Slice, index: number) => {
      const start = starts[index] ?? 0;
      const isLast = index === slices.length - 1;
      return this.shown.has(one.key)
        ? guard([one, start, isLast, ...dependencies], () => whole(one, start, drawing))
        : guard([one, near.heightOf(one)], () => leftOut(one, near.heightOf(one)));
    };
    return html`<div class="thread-slices" @input=${this.onInput} @selectstart=${this.onSelectStart}>
      ${repeat(slices, ({ key }) => key, slice)}
    </div>`;
  }

  // --- what is shown beside what is near -----------------------------------------------------------------------------

  /** The newest, what has the focus, and what is being selected: all that would be lost. */
  private slicesToShow(): Set<string> {
    const { near, slices, selects, shown } = this;
    const { activeElement } = this.root.getRootNode() as Document | ShadowRoot;
    const kept = new Set([slices.at(-1)?.key, keyOf(activeElement)]);
    const keys = slices.map(({ key }) => key);
    return new Set(keys.filter(key => near.has(key) || kept.has(key) || (selects && shown.has(key))));
  }

  private readonly onInput = ({ target }: Event): void => {
    const key = keyOf(target);
    if (key !== null) this.near.keep(key);
  };

  private readonly onSelectStart = (): void => {
    this.selects = true;
  };

  private readonly onSelection = (): void => {
    if (this.selects && document.getSelection()?.type !== "Range") this.selects = false;
  };
}

function keyOf(target: EventTarget | null): string | null {
  const slice = target instanceof Element ? target.closest("[data-slice]") : null;
  return slice?.getAttribute("data-slice") ?? null;
}

function startsOf(slices: readonly Slice[]): number[] {
  let start = 0;
  return slices.map(({ items }) => {
    const own = start;
    start += items.length;
    return own;
  });
}

function whole({ key, items }: Slice, start: number, drawing: Drawing): TemplateResult {
  const all = drawing.context.state.conversation.items;
  const drawn = repeat(
    items,
    item => item.id,
    item => itemAndBelow(item, all.indexOf(item, start), drawing),
  );
  return html`<div class="thread-slice" data-slice=${key}>${drawn}</div>`;
}

function leftOut({ key }: Slice, height: number): TemplateResult {
  return html`<div class="thread-slice" data-slice=${key} data-left-out>
    <div class="thread-gap" .style=${`block-size: ${height}px`}></div>
  </div>`;
}
