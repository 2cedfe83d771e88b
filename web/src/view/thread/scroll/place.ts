/** Where a reader is in a thread, and what follows from it: pure, in pixels from the top of what can be scrolled. */

/**
 * `end`: the newest is kept in view. `turn`: what was sent stands at the top, and what answers it grows below.
 * `free`: where the reader has scrolled to.
 */
export type Place = "end" | "turn" | "free";

export interface Measures {
  /** What is scrolled out above. */
  top: number;
  /** Of what is in view. */
  height: number;
  /** Where the thread ends; there may be room below. */
  end: number;
  /** Where the message stands that was sent here last. */
  turn: number | null;
}

/** So near the end, one is there. */
const NEAR = 48;
/** So far from it, one is offered a way there. */
const FAR = 80;

export function isNearEnd({ top, height, end }: Measures): boolean {
  return end - top - height <= NEAR;
}

export function isFarFromEnd({ top, height, end }: Measures): boolean {
  return end - top - height > FAR;
}

/** How much room is kept below the end, so that a message can stand at the top and nothing jumps while an answer grows. */
export function roomBelow({ height, end, turn }: Measures): number {
  return turn === null ? 0 : Math.max(0, turn + height - end);
}

/** Where to scroll to; null: nowhere. */
export function target(place: Place, { height, end, turn }: Measures): number | null {
  switch (place) {
    case "end":
      return Math.max(0, end - height, turn ?? 0);
    case "turn":
      return turn;
    case "free":
      return null;
  }
}

/** After the reader has scrolled by so many pixels. `follows`: coming to the end is asking to be kept there. */
export function scrolled(place: Place, by: number, isAtEnd: boolean, follows: boolean): Place {
  if (by < 0) return "free";
  if (place === "end" || (isAtEnd && follows)) return "end";
  return "free";
}

/** After a message was sent. */
export function sent(follows: boolean): Place {
  return follows ? "end" : "turn";
}
