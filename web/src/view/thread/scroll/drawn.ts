/** Which slices of a thread are drawn: those near what is in view. The others are as high as they were, or may be. */

import { estimated } from "./estimate";
import type { Slice } from "./slices";

/** How far beyond what is in view things are drawn. */
const MARGIN = "1200px 0px";
/** What fills a screen before anything was measured. */
const FIRST_SCREEN = 1600;
const USUAL_WIDTH = 736;

export class DrawnSlices {
  private slices: readonly Slice[] = [];
  private readonly near = new Set<string>();
  private readonly touched = new Set<string>();
  /** As they were measured, or are thought to be until then: that is thought once, or a scrollbar would tremble. */
  private readonly heights = new Map<string, number>();
  private readonly measured = new Set<string>();
  /** How high things turned out to be, and were thought to be. */
  private sums = { measured: 1, thought: 1 };
  private width = USUAL_WIDTH;
  private observed = new Set<Element>();
  private intersections: IntersectionObserver | null = null;
  private sizes: ResizeObserver | null = null;

  constructor(private readonly changed: () => void) {}

  connect(scroller: Element): void {
    if (this.intersections?.root === scroller) return;
    this.disconnect();
    const options = { root: scroller, rootMargin: MARGIN };
    this.intersections = new IntersectionObserver(entries => this.onIntersections(entries), options);
    this.sizes = new ResizeObserver(entries => this.onSizes(entries));
  }

  disconnect(): void {
    this.intersections?.disconnect();
    this.sizes?.disconnect();
    this.intersections = this.sizes = null;
    this.observed.clear();
  }

  /** Another thread: only its end is drawn. */
  open(slices: readonly Slice[]): void {
    for (const known of [this.near, this.touched, this.heights, this.measured]) known.clear();
    this.slices = slices;
    let height = 0;
    for (const slice of slices.toReversed()) {
      if (height >= FIRST_SCREEN) break;
      this.near.add(slice.key);
      height += this.heightOf(slice);
    }
  }

  /** What there is now. */
  show(slices: readonly Slice[]): void {
    this.slices = slices;
  }

  /** The elements of all slices, drawn or not, named by `data-slice`. */
  observe(elements: Iterable<Element>): void {
    const gone = this.observed;
    this.observed = new Set(elements);
    for (const element of this.observed) {
      if (gone.delete(element)) continue;
      this.intersections?.observe(element);
      this.sizes?.observe(element);
    }
    for (const element of gone) {
      this.intersections?.unobserve(element);
      this.sizes?.unobserve(element);
      this.near.delete(keyOf(element));
    }
  }

  has(key: string): boolean {
    return this.near.has(key) || this.touched.has(key);
  }

  /** Something was written there that is nowhere else: it stays. */
  keep(key: string): void {
    this.touched.add(key);
  }

  heightOf(slice: Slice): number {
    const known = this.heights.get(slice.key);
    if (known !== undefined) return known;
    const height = Math.round((estimated(slice.items, this.width) * this.sums.measured) / this.sums.thought);
    this.heights.set(slice.key, height);
    return height;
  }

  private onIntersections(entries: IntersectionObserverEntry[]): void {
    let hasChanged = false;
    for (const { target, isIntersecting } of entries) {
      const key = keyOf(target);
      hasChanged ||= isIntersecting !== this.near.has(key);
      if (isIntersecting) this.near.add(key);
      else this.near.delete(key);
    }
    if (hasChanged) this.changed();
  }

  private onSizes(entries: ResizeObserverEntry[]): void {
    for (const { target, contentRect } of entries) {
      if (Math.abs(contentRect.width - this.width) > 1) this.onWidth(contentRect.width);
      if (!target.hasAttribute("data-left-out")) this.onHeight(keyOf(target), contentRect.height);
    }
  }

  private onHeight(key: string, height: number): void {
    this.heights.set(key, height);
    if (this.measured.has(key)) return;
    this.measured.add(key);
    const slice = this.slices.find(one => one.key === key);
    if (slice === undefined) return;
    this.sums.measured += height;
    this.sums.thought += estimated(slice.items, this.width);
  }

  private onWidth(width: number): void {
    if (width === 0) return; // not shown
    this.width = width;
    this.heights.clear();
    this.measured.clear();
    this.changed();
  }
}

function keyOf(element: Element): string {
  return element.getAttribute("data-slice") ?? "";
}
