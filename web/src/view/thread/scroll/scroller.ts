/**
 * Keeps a reader's place while a thread changes: at its end, at the message just sent, or wherever they are reading.
 * Browsers anchor scrolling themselves, if they do; this mends what they leave (the very top, Safari, jumps to the end).
 */

import { isFarFromEnd, isNearEnd, type Place, scrolled, sent, target } from "./place";
import { type Boxes, Viewport } from "./viewport";

export interface Host {
  /** Whether the reader wants to be kept at the end. */
  follows(): boolean;
  /** Whether something is being written: then it moves softly. */
  isAlive(): boolean;
  /** What was sent here last; null: nothing was. */
  turn(): Element | null;
  /** What stands at a height of the window, if it is something that stays. */
  at(edge: number): Element | null;
  /** The end has come into reach, or is out of it. */
  changed(): void;
}

/** What was seen last. */
interface Seen {
  top: number;
  height: number;
  whole: number;
  isAtEnd: boolean;
  /** What stood at the top, and how far below it. */
  anchor: { element: Element; below: number } | null;
}

const NOTHING_SEEN: Seen = { top: 0, height: 0, whole: 0, isAtEnd: true, anchor: null };

export class Scroller {
  isFar = false;
  private place: Place = "end";
  private view: Viewport | null = null;
  private seen = NOTHING_SEEN;
  private frame = 0;
  private readonly sizes = new ResizeObserver(() => this.settle());
  private listening: AbortController | null = null;

  constructor(private readonly host: Host) {}

  connect(boxes: Boxes): void {
    if (this.view?.scroller === boxes.scroller) return;
    this.disconnect();
    const { scroller, content } = boxes;
    this.view = new Viewport(boxes, () => this.host.turn());
    this.listening = new AbortController();
    const options = { signal: this.listening.signal, passive: true };
    scroller.addEventListener("scroll", () => this.scroll(), options);
    scroller.addEventListener("wheel", ({ deltaY }) => this.wheel(deltaY), options);
    scroller.addEventListener("touchstart", () => this.stop(), options);
    scroller.addEventListener("pointerdown", () => this.touch(), options);
    scroller.addEventListener("keydown", () => this.touch(), options);
    for (const element of [content, scroller]) this.sizes.observe(element);
  }

  disconnect(): void {
    this.stop();
    this.sizes.disconnect();
    this.listening?.abort();
    this.view = null;
  }

  // --- what one asks for ---------------------------------------------------------------------------------------------

  /** Shows the end of another thread at once, or what was just asked in it. */
  open(hasTurn: boolean): void {
    this.stop();
    this.place = hasTurn ? sent(this.host.follows()) : "end";
    this.moveToTarget();
  }

  /** Brings a message into view that was just sent. */
  send(): void {
    this.place = sent(this.host.follows());
    this.glide();
  }

  /** Something is said to what the reader did: who is near the end sees it. */
  keepNear(): void {
    if (this.view === null || isFarFromEnd(this.view.measures())) return;
    this.place = "end";
    this.glide();
  }

  /** Shows the end, and stays there: softly, where it is not far. */
  jump(): void {
    if (this.view === null) return;
    const measures = this.view.measures();
    this.place = "end";
    const longest = (target("end", measures) ?? 0) - 1.5 * measures.height;
    if (measures.top < longest) this.moveTo(longest);
    this.glide();
  }

  /** Leaves things where they are: the reader does something with them. */
  hold(): void {
    this.stop();
    this.place = "free";
    this.look();
  }

  // --- what happens --------------------------------------------------------------------------------------------------

  /** Something has got another size. */
  private settle(): void {
    const { view } = this;
    if (!view?.isShown) return;
    view.makeRoom();
    if (this.frame === 0) {
      if (this.place === "end") this.host.isAlive() ? this.glide() : this.moveToTarget();
      else if (this.seen.isAtEnd && this.seen.height !== view.scroller.clientHeight) this.moveToTarget("end");
      else this.returnToAnchor(view);
    }
    this.look();
  }

  private scroll(): void {
    if (!this.view?.isShown) return;
    const { scrollTop, scrollHeight, clientHeight } = this.view.scroller;
    const by = Math.min(Math.max(0, scrollTop), scrollHeight - clientHeight) - this.seen.top; // without any bounce
    const hasShrunk = scrollHeight < this.seen.whole && by < 0; // then it was not the reader who moved
    if (Math.abs(by) >= 1 && !hasShrunk) {
      this.place = scrolled(this.place, by, isNearEnd(this.view.measures()), this.host.follows());
    }
    this.look();
  }

  private wheel(deltaY: number): void {
    this.stop();
    if (deltaY < 0) this.place = "free";
  }

  /** Whoever does something with what is there wants it to stay where it is; while more is written, the end counts. */
  private touch(): void {
    if (this.host.isAlive()) this.stop();
    else this.hold();
  }

  /** Remembers where things stand, as the reader sees them now. */
  private look(): void {
    const { view } = this;
    if (!view?.isShown) return;
    const { edge, scroller } = view;
    const measures = view.measures();
    const { top, height } = measures;
    const element = this.place === "end" ? null : this.host.at(edge);
    const anchor = element && { element, below: element.getBoundingClientRect().top - edge };
    this.seen = { top, height, whole: scroller.scrollHeight, isAtEnd: isNearEnd(measures), anchor };
    const isFar = isFarFromEnd(measures);
    if (isFar === this.isFar) return;
    this.isFar = isFar;
    this.host.changed();
  }

  // --- moving --------------------------------------------------------------------------------------------------------

  private moveTo(top: number): void {
    if (this.view !== null) this.seen = { ...this.seen, top: this.view.moveTo(top) };
  }

  private moveToTarget(place = this.place): void {
    if (this.view === null) return;
    this.view.makeRoom();
    const top = target(place, this.view.measures());
    if (top !== null) this.moveTo(top);
    this.look();
  }

  private returnToAnchor({ scroller, edge }: Viewport): void {
    const { anchor } = this.seen;
    if (!anchor?.element.isConnected) return;
    const by = anchor.element.getBoundingClientRect().top - edge - anchor.below;
    if (Math.abs(by) >= 1) this.moveTo(scroller.scrollTop + by);
  }

  /** Moves softly to where one should be, which may move, too. */
  private glide(): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.moveToTarget();
    else if (this.frame === 0) this.frame = requestAnimationFrame(this.step);
  }

  private readonly step = (): void => {
    this.frame = 0;
    if (this.view === null) return;
    this.view.makeRoom();
    const measures = this.view.measures();
    const to = target(this.place, measures);
    if (to === null) return;
    const distance = to - measures.top;
    const isThere = Math.abs(distance) < 2;
    this.moveTo(isThere ? to : measures.top + Math.sign(distance) * Math.max(1, Math.abs(distance) * 0.22));
    const goesOn = !isThere && this.seen.top !== measures.top;
    this.look();
    if (goesOn) this.frame = requestAnimationFrame(this.step);
  };

  private stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }
}
