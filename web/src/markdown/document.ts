/**
 * A text as readings of its pieces, in order. Kept while the text grows: what is complete is read once, and again only where
 * a link is defined further down that it refers to.
 */
import type { Token } from "marked";
import { fencedCode, type Links, lex, lexTail, noLinks, plain } from "./lex";
import { detached } from "./lines";
import { LONG } from "./open-piece";
import { type FencedCode, type Piece, type Range, Splitter } from "./split";
import { weightOf } from "./weight";

/** A piece and its tokens: another array whenever it was read anew. */
export interface Reading extends Range {
  tokens: readonly Token[];
  /** What was read. */
  source: string;
  /** How much of it comes before the piece: the head of a table that is repeated. */
  repeated: number;
  /** Whether it was read as the end of a text that goes on. */
  isTail: boolean;
}

const LABEL = /\[((?:\\.|[^[\]\\]){1,999})\]/g;

const isHalfCharacter = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** Readings are kept in groups: a long text costs a comparison for each of these. */
const TOGETHER = 40;

/** So much text is read at once, and so much of it drawn; a page must not stand still for the rest. */
const AT_ONCE = 20_000;
const DRAWN_AT_ONCE = 2_000;

/** Where there is more, the rest is plain: a browser would be busy with it for longer than anybody waits. */
const TOO_HEAVY = 42_000;

export type Group = readonly Reading[];

export class Document {
  private text = "";
  private isComplete = false;
  private splitter = new Splitter();
  private links: Links = noLinks();
  private readonly labels = new Set<string>();
  /** What is settled: groups that are full, and the last one. */
  private full: Group[] = [];
  private last: Reading[] = [];
  private open: Reading[] = [];
  /** Pieces that are settled, and how much there is to draw of them. */
  private settled = 0;
  private weight = 0;
  /** Whether there is more of the text than was read: it goes on where the same text is read again. */
  isBehind = false;

  /**
   * `isStreaming`: more is to come, and what is open at the end is read as it will be. A group is another array whenever
   * something in it was read anew.
   */
  read(all: string, isStreaming: boolean): readonly Group[] {
    const text = isStreaming && isHalfCharacter(all.charCodeAt(all.length - 1)) ? all.slice(0, -1) : all;
    if (this.isComplete ? text !== this.text || isStreaming : !text.startsWith(this.text)) this.reset();
    this.text = text;
    this.isComplete = !isStreaming;
    const open = this.splitter.read(text);
    this.isBehind = !this.settle();
    const isTail = (index: number) => isStreaming && index === open.length - 1;
    this.open = this.isBehind ? [] : open.map((piece, index) => this.reading(piece, isTail(index)));
    this.readReferences();
    const end = [...this.last, ...this.open];
    return end.length > 0 ? [...this.full, end] : this.full;
  }

  private get isTooHeavy(): boolean {
    return this.weight > TOO_HEAVY;
  }

  /** Reads what is complete; not all of it, where that is much. */
  private settle(): boolean {
    const before = this.weight;
    let length = 0;
    for (let piece = this.next(); piece; piece = this.next()) {
      const reading = this.reading(piece, false);
      length += piece.end - piece.start;
      this.weight += weightOf(reading.tokens);
      this.last.push(reading);
      if (this.last.length === TOGETHER) {
        this.full.push(this.last);
        this.last = [];
      }
      if (length > AT_ONCE || this.weight - before > DRAWN_AT_ONCE) break;
    }
    return this.settled === this.splitter.pieces.length;
  }

  /** The next piece to settle. */
  private next(): Piece | undefined {
    const piece = this.splitter.pieces[this.settled];
    if (piece) this.settled += 1;
    return piece && this.isTooHeavy ? this.together(piece) : piece;
  }

  /** With what is beside it, before and after, as far as it fits into one plain paragraph. */
  private together({ start, end }: Piece): Piece {
    const { pieces } = this.splitter;
    const last = this.last.at(-1);
    if (last && isPlain(last) && end - last.start <= LONG) {
      start = last.start;
      this.last.pop();
    }
    for (let next = pieces[this.settled]; next && next.end - start <= LONG; next = pieces[this.settled]) {
      end = next.end;
      this.settled += 1;
    }
    return { start, end };
  }

  private reset(): void {
    this.splitter = new Splitter();
    this.links = noLinks();
    this.labels.clear();
    this.full = [];
    this.last = [];
    this.open = [];
    this.settled = this.weight = 0;
  }

  private reading(piece: Piece, isTail: boolean): Reading {
    const { start, end, head, fence }: Piece = this.isTooHeavy
      ? { start: piece.start, end: piece.end }
      : piece;
    const repeated = head && head.end <= start ? this.text.slice(head.start, head.end) : "";
    const source = repeated + this.text.slice(start, end);
    const before = this.open.find(reading => reading.start === start);
    if (before && before.source === source && before.isTail === isTail) return { ...before, start, end };
    const own = detached(source);
    const tokens = this.tokens(fence, own, isTail);
    return { start, end, tokens, source: own, repeated: repeated.length, isTail };
  }

  private tokens(fence: FencedCode | undefined, source: string, isTail: boolean): Token[] {
    if (this.isTooHeavy) return plain(source);
    if (fence) return [this.code(fence, source, isTail)];
    return (isTail ? lexTail : lex)(source, this.links);
  }

  private code(fence: FencedCode, source: string, isTail: boolean): Token {
    const body = this.text.slice(fence.body.start, fence.body.end);
    return fencedCode(fence, source, isTail ? body : detached(body), isTail);
  }

  /** What refers to links that have been defined since. */
  private readReferences(): void {
    const added = Object.keys(this.links).filter(label => !this.labels.has(label));
    if (added.length === 0) return;
    for (const label of added) this.labels.add(label);
    const labels = new Set(added.map(normalized));
    const again = (reading: Reading): Reading => {
      if (isPlain(reading)) return reading;
      const refers = [...reading.source.matchAll(LABEL)].some(([, label = ""]) =>
        labels.has(normalized(label)),
      );
      if (!refers) return reading;
      return { ...reading, tokens: (reading.isTail ? lexTail : lex)(reading.source, this.links) };
    };
    this.full = this.full.map(group => {
      const readings = group.map(again);
      return readings.some((reading, index) => reading !== group[index]) ? readings : group;
    });
    this.last = this.last.map(again);
    this.open = this.open.map(again);
  }
}

const isPlain = ({ tokens }: Reading) => tokens[0]?.type === "plain";

function normalized(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase();
}
