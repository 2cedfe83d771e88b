/** Tips of buttons and cards of sources: one element above everything, which shows what belongs to what is pointed at. */

import { html, render, type TemplateResult } from "lit";

/** An element with `data-card`, and what its card shows. */
interface HasCard extends Element {
  card?: () => TemplateResult;
}

const POINTED = "[data-tip], [data-card]";
const TIP_DELAY_MS = 450;
const CARD_DELAY_MS = 120;
const LEAVE_DELAY_MS = 140;
const GAP = 6;
const EDGE = 8;

export class Floating {
  private owner: Element | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private listening: AbortController | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly element: () => HTMLElement | null,
  ) {}

  connect(): void {
    const { root } = this;
    this.listening = new AbortController();
    const options = { signal: this.listening.signal, capture: true };
    root.addEventListener("pointerover", event => this.point(event), options);
    root.addEventListener("pointerout", event => this.leave(event.relatedTarget), options);
    root.addEventListener("focusin", event => this.focus(event.target), options);
    root.addEventListener("focusout", () => this.hide(), options);
    root.addEventListener("click", event => this.click(event), options);
    root.addEventListener("keydown", event => this.press(event), options);
    root.addEventListener("scroll", () => this.hide(), options);
  }

  disconnect(): void {
    this.hide();
    this.listening?.abort();
  }

  private focus(target: EventTarget | null): void {
    const owner = pointedIn(target);
    if (owner?.matches(":focus-visible")) this.show(owner);
  }

  private press(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.owner === null) return;
    event.stopPropagation();
    this.hide();
  }

  private point({ target, pointerType }: PointerEvent): void {
    const isRead = target instanceof Node && this.element()?.contains(target);
    const owner = pointedIn(target);
    if (isRead) clearTimeout(this.timer);
    if (isRead || pointerType === "touch" || owner === null || owner === this.owner) return;
    const delay = owner.hasAttribute("data-card") ? CARD_DELAY_MS : TIP_DELAY_MS;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(owner), delay);
  }

  private leave(to: EventTarget | null): void {
    if (to instanceof Node && (this.owner?.contains(to) || this.element()?.contains(to))) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), LEAVE_DELAY_MS);
  }

  /** A card is what a finger and a button without anything else to do are for; a tip has said what it had to. */
  private click(event: MouseEvent): void {
    const owner = pointedIn(event.target);
    const isTouch = event instanceof PointerEvent && event.pointerType === "touch";
    if (!owner?.hasAttribute("data-card")) this.hide();
    else if (isTouch || owner.localName === "button") {
      if (isTouch && this.owner !== owner) event.preventDefault();
      this.show(owner);
    }
  }

  private show(owner: Element): void {
    const floating = this.element();
    if (floating === null || !owner.isConnected) return;
    clearTimeout(this.timer);
    const { card } = owner as HasCard;
    floating.toggleAttribute("data-is-tip", !card);
    render(card ? card() : html`${owner.getAttribute("data-tip")}`, floating);
    this.owner = owner;
    floating.showPopover?.();
    place(floating, owner.getBoundingClientRect());
  }

  private hide(): void {
    clearTimeout(this.timer);
    if (this.owner === null) return;
    this.owner = null;
    this.element()?.hidePopover?.();
  }
}

function pointedIn(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest(POINTED) : null;
}

/** Below what it belongs to, or above where there is no room; never outside of what is in view. */
function place(floating: HTMLElement, owner: DOMRect): void {
  const { width, height } = floating.getBoundingClientRect();
  const left = owner.left + owner.width / 2 - width / 2;
  const isAbove = owner.bottom + GAP + height > innerHeight - EDGE && owner.top - GAP - height > EDGE;
  floating.style.left = `${Math.round(Math.max(EDGE, Math.min(left, innerWidth - EDGE - width)))}px`;
  floating.style.top = `${Math.round(isAbove ? owner.top - GAP - height : owner.bottom + GAP)}px`;
}
