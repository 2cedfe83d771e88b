/**
 * Cuts a growing text into pieces that can each be read alone, so that what is added costs only the last piece. Pieces end
 * where blocks do: at blank lines outside of lists, fences and `<details>`. Where a text goes on for too long without one,
 * it is cut at a line or a space. Cuts depend on the text before them alone, never on how it arrived.
 */
import type { Fence, Line } from "./lines";
import { LONG, type Open, step } from "./open-piece";

/** Offsets in the text. */
export interface Range {
  start: number;
  end: number;
}

/** A fenced code block at the top level, which needs no lexer. */
export interface FencedCode extends Fence {
  body: Range;
  isClosed: boolean;
}

export interface Piece extends Range {
  fence?: FencedCode;
  /** The head of a table that had to be cut: it is repeated. */
  head?: Range;
}

export class Splitter {
  /** What is complete; only ever added to. */
  readonly pieces: Piece[] = [];
  private open: Open | null = null;
  private offset = 0;

  /** Reads on in a text that begins with the one before. Returns what is still open at its end: up to three pieces. */
  read(text: string): Piece[] {
    for (let line = this.next(text); line; line = this.next(text)) {
      const { closed, open } = step(this.open, line);
      this.pieces.push(...closed);
      this.open = open;
      this.offset = line.end;
    }
    if (this.offset === text.length) return this.open ? [this.open] : [];
    const { closed, open } = step(this.open, lineAt(text, this.offset, text.length));
    return open ? [...closed, open] : closed;
  }

  /** The next complete line, or as much of one as is too long. */
  private next(text: string): Line | null {
    const newline = text.indexOf("\n", this.offset);
    const end = newline < 0 ? text.length : newline + 1;
    if (end - this.offset > LONG && this.open?.kind !== "fence") {
      return lineAt(text, this.offset, breakIn(text, this.offset));
    }
    return newline < 0 ? null : lineAt(text, this.offset, end);
  }
}

function lineAt(text: string, start: number, end: number): Line {
  const isRest = start > 0 && text.charAt(start - 1) !== "\n";
  return { text: text.slice(start, end).replace(/\r?\n$/, ""), start, end, isRest };
}

/** At the last space of what is not too long; never inside a character. */
function breakIn(text: string, start: number): number {
  const space = text.lastIndexOf(" ", start + LONG - 1);
  if (space > start + LONG / 2) return space + 1;
  const isHighSurrogate = (text.charCodeAt(start + LONG - 1) & 0xfc00) === 0xd800;
  return start + LONG - (isHighSurrogate ? 1 : 0);
}
