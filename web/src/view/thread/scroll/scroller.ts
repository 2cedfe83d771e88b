/**
 * Keeps a reader's place while a thread changes: at its end, at the message just sent, or wherever they are reading.
 * Browsers anchor scrolling themselves, if they do; this mends what they leave (the very top, Safari, jumps to the end).
 */

import {
  isFarFromEnd,
  isNearEnd,
  type Measures,
  type Place,
  roomBelow,
  scrolled,
  sent,
  target,
} from "./place";

export interface Scrolled {
  /** Whether the reader wants to be kept at the end. */
  follows(): boolean;
  /** Whether something is being written: then it moves softly. */
  isAlive(): boolean;
  /** What was sent here last; null: nothing was. */
  turn(): Element | null;
  /** What stands at a height of the viewport, if it is something that stays. */
  at(edge: number): Element | null;
  /** The end has come into reach, or is out of it. */
  changed(): void;
}

interface Boxes {
  scroller: HTMLElement;
  /** All of the thread. */
  content: HTMLElement;
  /** The room below it. */
  room: HTMLElement;
}

/** Between the top and a message that was sent. */
const ABOVE_TURN = 16;

export class Scroller {
  place: Place = "end";
  isFar = false;
  private boxes: Boxes | null = null;
  private lastTop = 0;
  private lastHeight = 0;
  private anchor: { element: Element; top: number } | null = null;
  private frame = 0;
  private readonly sizes = new ResizeObserver(() => this.settle());

  constructor(private readonly host: Scrolled) {}

  connect(boxes: Boxes): void {
    if (this.boxes?.scroller === boxes.scroller) return;
    this.disconnect();
    this.boxes = boxes;
    this.sizes.observe(boxes.content);
    this.sizes.observe(boxes.scroller);
    boxes.scroller.addEventListener("scroll", this.onScroll, { passive: true });
    boxes.scroller.addEventListener("wheel", this.onWheel, { passive: true });
    boxes.scroller.addEventListener("touchstart", this.stop, { passive: true });
    boxes.scroller.addEventListener("pointerdown", this.stop);
    boxes.scroller.addEventListener("keydown", this.stop);
  }

  disconnect(): void {
    this.stop();
    this.sizes.disconnect();
    if (this.boxes === null) return;
    const { scroller } = this.boxes;
    scroller.removeEventListener("scroll", this.onScroll);
    scroller.removeEventListener("wheel", this.onWheel);
    for (const name of ["touchstart", "pointerdown", "keydown"])
      scroller.removeEventListener(name, this.stop);
    this.boxes = null;
  }

  /** Shows the end of another thread, at once. */
  open(): void {
    this.stop();
    this.place = "end";
    this.moveToTarget();
  }

  /** Brings a message into view that was just sent. */
  send(): void {
    this.place = sent(this.host.follows());
    this.glide();
  }

  /** Something is said to what the reader did: who is near the end sees it. */
  keepNear(): void {
    const measures = this.measures();
    if (measures === null || isFarFromEnd(measures)) return;
    this.place = "end";
    this.glide();
  }

  /** Shows the end, and stays there: softly, where it is not far. */
  jump(): void {
    const measures = this.measures();
    if (measures === null) return;
    this.place = "end";
    const longest = (target("end", measures) ?? 0) - 1.5 * measures.height;
    if (measures.top < longest) this.moveTo(longest);
    this.glide();
  }

  /** After anything has got another size. */
  private settle(): void {
    this.makeRoom();
    if (this.frame === 0) {
      if (this.place !== "end") this.returnToAnchor();
      else if (this.host.isAlive()) this.glide();
      else this.moveToTarget();
    }
    this.note();
  }

  private readonly onScroll = (): void => {
    const { boxes } = this;
    if (boxes === null) return;
    const { scrollTop, scrollHeight, clientHeight } = boxes.scroller;
    const top = Math.min(Math.max(0, scrollTop), scrollHeight - clientHeight); // some bounce
    const by = top - this.lastTop;
    const shrank = scrollHeight < this.lastHeight && by < 0; // then it was not the reader who moved
    const measures = this.measures();
    if (Math.abs(by) >= 1 && !shrank && measures !== null) {
      this.place = scrolled(this.place, by, isNearEnd(measures), this.host.follows());
    }
    this.note();
  };

  private readonly onWheel = ({ deltaY }: WheelEvent): void => {
    this.stop();
    if (deltaY < 0) this.place = "free";
  };

  private readonly stop = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  };

  /** Remembers where things stand, as the reader sees them now. */
  private note(): void {
    const { boxes } = this;
    const measures = this.measures();
    if (boxes === null || measures === null) return;
    this.lastTop = measures.top;
    this.lastHeight = boxes.scroller.scrollHeight;
    const edge = boxes.scroller.getBoundingClientRect().top;
    const element = this.place === "end" ? null : this.host.at(edge);
    this.anchor = element && { element, top: element.getBoundingClientRect().top - edge };
    const isFar = isFarFromEnd(measures);
    if (isFar === this.isFar) return;
    this.isFar = isFar;
    this.host.changed();
  }

  private returnToAnchor(): void {
    const { anchor, boxes } = this;
    if (boxes === null || anchor === null || !anchor.element.isConnected) return;
    const top = anchor.element.getBoundingClientRect().top - boxes.scroller.getBoundingClientRect().top;
    if (Math.abs(top - anchor.top) >= 1) this.moveTo(boxes.scroller.scrollTop + top - anchor.top);
  }

  private makeRoom(): void {
    const measures = this.measures();
    if (this.boxes === null || measures === null) return;
    const height = `${roomBelow(measures).toFixed(2)}px`;
    const { style } = this.boxes.room;
    if (style.height !== height) style.height = height;
  }

  private measures(): Measures | null {
    if (this.boxes === null) return null;
    const { scroller, content } = this.boxes;
    const origin = scroller.getBoundingClientRect().top - scroller.scrollTop;
    const turn = this.host.turn();
    return {
      top: scroller.scrollTop,
      height: scroller.clientHeight,
      end: content.getBoundingClientRect().bottom - origin,
      turn: turn && Math.max(0, turn.getBoundingClientRect().top - origin - ABOVE_TURN),
    };
  }

  // --- moving ----------------------------------------------------------------------------------------------------------

  private moveTo(top: number): void {
    if (this.boxes === null) return;
    this.boxes.scroller.scrollTop = top;
    this.lastTop = this.boxes.scroller.scrollTop;
  }

  private moveToTarget(): void {
    this.makeRoom();
    const measures = this.measures();
    const top = measures && target(this.place, measures);
    if (top !== null) this.moveTo(top);
    this.note();
  }

  /** Moves softly to where one should be, which may move, too. */
  private glide(): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.moveToTarget();
    else if (this.frame === 0) this.frame = requestAnimationFrame(this.step);
  }

  private readonly step = (): void => {
    this.frame = 0;
    this.makeRoom();
    const measures = this.measures();
    const to = measures && target(this.place, measures);
    if (measures === null || to === null) return;
    const distance = to - measures.top;
    const isThere = Math.abs(distance) < 2;
    this.moveTo(isThere ? to : measures.top + Math.sign(distance) * Math.max(1, Math.abs(distance) * 0.22));
    this.note();
    if (isThere || this.lastTop === measures.top) return; // as far as it goes
    this.frame = requestAnimationFrame(this.step);
  };
}
