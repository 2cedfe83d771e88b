/** What is scrolled, and what of it is in view. */

import { type Measures, roomBelow } from "./place";

export interface Boxes {
  scroller: HTMLElement;
  /** All of the thread. */
  content: HTMLElement;
  /** The room below it. */
  room: HTMLElement;
}

/** Between the top and a message that was sent. */
const ABOVE_TURN = 16;

export class Viewport {
  constructor(
    private readonly boxes: Boxes,
    private readonly turn: () => Element | null,
  ) {}

  get scroller(): HTMLElement {
    return this.boxes.scroller;
  }

  /** Where its upper edge is in the window. */
  get edge(): number {
    return this.scroller.getBoundingClientRect().top;
  }

  /** False where nothing of the chat is shown. */
  get isShown(): boolean {
    return this.scroller.clientHeight > 0;
  }

  measures(): Measures {
    const { scroller, content } = this.boxes;
    const turn = this.turn();
    return {
      top: scroller.scrollTop,
      height: scroller.clientHeight,
      end: this.topOf(content) + content.getBoundingClientRect().height,
      turn: turn && Math.max(0, this.topOf(turn) - ABOVE_TURN),
    };
  }

  /** Returns how far it came. */
  moveTo(top: number): number {
    this.scroller.scrollTop = top;
    return this.scroller.scrollTop;
  }

  makeRoom(): void {
    const height = `${roomBelow(this.measures()).toFixed(2)}px`;
    const { style } = this.boxes.room;
    if (style.height !== height) style.height = height;
  }

  private topOf(element: Element): number {
    return element.getBoundingClientRect().top - this.edge + this.scroller.scrollTop;
  }
}
