import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isFarFromEnd,
  isNearEnd,
  type Measures,
  type Place,
  roomBelow,
  scrolled,
  sent,
  target,
} from "../../src/view/thread/scroll/place";

const measures = (change: Partial<Measures> = {}): Measures => ({
  top: 0,
  height: 600,
  end: 2000,
  turn: null,
  ...change,
});

describe("a thread that was opened", () => {
  test("shows its end", () => {
    expect(target("end", measures())).toBe(1400);
  });

  test("shows its beginning where all of it is in view", () => {
    expect(target("end", measures({ end: 200 }))).toBe(0);
  });
});

describe("a message that was sent", () => {
  const asked = measures({ end: 2100, turn: 2000 });

  test("stands at the top, with room below for its answer", () => {
    expect(roomBelow(asked)).toBe(500);
    expect(target(sent(false), asked)).toBe(2000);
    expect(target(sent(true), asked)).toBe(2000);
  });

  test("stays there while its answer grows into the room, so that nothing moves", () => {
    for (const end of [2200, 2400, 2600]) {
      const grown = { ...asked, end };
      expect(end + roomBelow(grown)).toBe(2600);
      expect(target("turn", grown)).toBe(2000);
      expect(target("end", grown)).toBe(2000);
    }
  });

  test("scrolls away under a longer answer only for who wants to follow", () => {
    const long = { ...asked, end: 5000 };
    expect(roomBelow(long)).toBe(0);
    expect(target(sent(false), long)).toBe(2000);
    expect(target(sent(true), long)).toBe(4400);
  });
});

describe("a reader who scrolls", () => {
  test("up is left alone from then on", () => {
    for (const place of ["end", "turn", "free"] as const)
      expect(scrolled(place, -1, true, true)).toBe("free");
    expect(target("free", measures())).toBeNull();
  });

  test("down to the end is kept there, if that is wished", () => {
    expect(scrolled("free", 40, true, true)).toBe("end");
    expect(scrolled("free", 40, true, false)).toBe("free");
    expect(scrolled("free", 40, false, true)).toBe("free");
  });

  test("down while the end is followed goes on following it", () => {
    expect(scrolled("end", 40, false, false)).toBe("end");
  });

  test("away from a message just sent is left alone", () => {
    expect(scrolled("turn", 40, false, true)).toBe("free");
  });
});

test("near and far leave something between, so that nothing flickers", () => {
  expect(isNearEnd(measures({ top: 1360 }))).toBe(true);
  expect(isNearEnd(measures({ top: 1300 }))).toBe(false);
  expect(isFarFromEnd(measures({ top: 1330 }))).toBe(false);
  expect(isFarFromEnd(measures({ top: 1000 }))).toBe(true);
});

test("nobody is taken to where one cannot scroll", () => {
  const places = fc.constantFrom<Place>("end", "turn", "free");
  const any = fc.record({
    top: fc.nat(10_000),
    height: fc.integer({ min: 1, max: 2000 }),
    end: fc.nat(10_000),
    turn: fc.option(fc.nat(10_000)),
  });
  fc.assert(
    fc.property(places, any, (place, wild) => {
      const found = { ...wild, turn: wild.turn === null ? null : Math.min(wild.turn, wild.end) };
      const to = target(place, found);
      const furthest = Math.max(0, found.end + roomBelow(found) - found.height);
      if (to !== null) {
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(furthest);
      }
    }),
  );
});
