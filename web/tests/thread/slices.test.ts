import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Item } from "../../src/protocol/types";
import { estimated } from "../../src/view/thread/scroll/estimate";
import { sliced } from "../../src/view/thread/scroll/slices";
import { assistant, turns, user } from "./chat";

const ids = (items: readonly Item[]) => items.map(({ id }) => id);

describe("slices", () => {
  test("have some tens of items each, and begin with a turn", () => {
    const slices = sliced(turns(500), []);
    expect(slices.length).toBe(50);
    expect(slices.every(({ items }) => items.length === 20 && items[0]?.type === "user_message")).toBe(true);
    expect(slices.every(({ continues }) => !continues)).toBe(true);
  });

  test("cut a turn that is too long", () => {
    const items = [user("u"), ...Array.from({ length: 99 }, (_, index) => assistant(`a${index}`))];
    const slices = sliced(items, []);
    expect(Math.max(...slices.map(slice => slice.items.length))).toBeLessThan(40);
    expect(slices.slice(0, -1).every(({ continues }) => continues)).toBe(true);
  });

  test("that have not changed are the same values", () => {
    const items = turns(100);
    const before = sliced(items, []);
    const last = items.length - 1;
    const after = sliced(items.with(last, assistant("a99", "more")), before);
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    expect(after.slice(0, -1).every((slice, index) => slice === before[index])).toBe(true);
    expect(after.at(-1)).not.toBe(before.at(-1));
  });

  test("stay as they are when older ones come before them", () => {
    const newer = turns(33, 27);
    const before = sliced(newer, []);
    const after = sliced([...turns(27), ...newer], before);
    expect(after.slice(-before.length).every((slice, index) => slice === before[index])).toBe(true);
  });

  test("show an item once, though a server sends it twice", () => {
    const items = [...turns(30), ...turns(30)];
    const slices = sliced(items, []);
    expect(new Set(slices.map(({ key }) => key)).size).toBe(slices.length);
    for (const slice of slices) expect(new Set(ids(slice.items)).size).toBe(slice.items.length);
  });

  test("hold every item, in order, whatever is added and taken away", () => {
    const item = fc
      .tuple(fc.nat(400), fc.boolean())
      .map(([n, isUser]) => (isUser ? user(`${n}`) : assistant(`${n}`)));
    const list = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 200 });
    fc.assert(
      fc.property(list, list, (some, others) => {
        const slices = sliced(others, sliced(some, []));
        expect(ids(slices.flatMap(slice => slice.items))).toEqual(ids(others));
        expect(slices.every(slice => slice.items.length > 0 && slice.items.length <= 32)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

test("more text is thought to be higher", () => {
  const short = estimated([assistant("a", "short")], 700);
  expect(estimated([assistant("a", "long ".repeat(500))], 700)).toBeGreaterThan(short * 5);
  expect(estimated([assistant("a", "long ".repeat(500))], 350)).toBeGreaterThan(
    estimated([assistant("a", "long ".repeat(500))], 700),
  );
});
