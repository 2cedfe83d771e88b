/** What floats above the page, beside the control that opened it, until it is left. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Align, place, type Side } from "./place";

export interface PopoverOptions {
  anchor(): HTMLElement | null;
  panel(): HTMLElement | null;
  side(): Side;
  align(): Align;
  /** Whether the panel is at least as wide as its anchor. */
  isAsWide: boolean;
}

export class Popover implements ReactiveController {
  isOpen = false;

  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly options: PopoverOptions,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.close();
  }

  hostUpdated(): void {
    if (this.isOpen) this.show();
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    document.addEventListener("pointerdown", this.onPointer, true);
    window.addEventListener("scroll", this.move, true);
    window.addEventListener("resize", this.move);
    this.host.addEventListener("focusout", this.onFocusOut);
    this.host.requestUpdate();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    document.removeEventListener("pointerdown", this.onPointer, true);
    window.removeEventListener("scroll", this.move, true);
    window.removeEventListener("resize", this.move);
    this.host.removeEventListener("focusout", this.onFocusOut);
    this.host.requestUpdate();
  }

  /** In the top layer, which nothing clips. */
  private show(): void {
    const panel = this.options.panel();
    if (panel === null) return;
    if (typeof panel.showPopover === "function" && !panel.matches(":popover-open")) panel.showPopover();
    this.move();
  }

  private readonly move = (event?: Event): void => {
    const anchor = this.options.anchor();
    const panel = this.options.panel();
    if (anchor === null || panel === null) return;
    if (event?.target instanceof Node && panel.contains(event.target)) return; // it scrolls itself
    const at = anchor.getBoundingClientRect();
    const isGone = at.bottom < 0 || at.top > innerHeight;
    if (event !== undefined && isGone) {
      this.close();
      return;
    }
    panel.style.setProperty("min-width", this.options.isAsWide ? `${at.width}px` : "0");
    panel.style.setProperty("max-height", "none");
    const viewport = { left: 0, top: 0, width: document.documentElement.clientWidth, height: innerHeight };
    const { left, top, height } = place(at, panel.getBoundingClientRect(), viewport, {
      side: this.options.side(),
      align: this.options.align(),
      isRtl: getComputedStyle(this.host).direction === "rtl",
    });
    panel.style.setProperty("left", `${left}px`);
    panel.style.setProperty("top", `${top}px`);
    panel.style.setProperty("max-height", `${height}px`);
  };

  private readonly onPointer = (event: Event): void => {
    if (!event.composedPath().includes(this.host)) this.close();
  };

  private readonly onFocusOut = (event: FocusEvent): void => {
    const { relatedTarget } = event;
    if (relatedTarget instanceof Node && !this.host.contains(relatedTarget)) this.close();
  };
}
