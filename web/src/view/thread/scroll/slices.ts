/**
 * A thread in slices: some tens of items that are drawn, or left out, together. A slice begins where a turn begins, if
 * it can; where one has begun it stays, whatever is loaded before it; and one whose items are the same is the same value.
 */

import type { Item } from "../../../protocol/types";

export interface Slice {
  key: string;
  items: readonly Item[];
  /** The last answer in it goes on in the next slice. */
  continues: boolean;
}

const USUAL_ITEMS = 20;
const MOST_ITEMS = 32;

/** The items in slices, cut as `before` was. */
export function sliced(items: readonly Item[], before: readonly Slice[]): readonly Slice[] {
  const known = new Map(before.map(slice => [slice.key, slice]));
  const slices: Slice[] = [];
  const keys = new Set<string>();
  let from = 0;
  for (let to = 1; to <= items.length; to += 1) {
    if (!isCut(items[to], to - from, known)) continue;
    const slice = reused(known.get(items[from]?.id ?? ""), items, from, to);
    slices.push(keys.has(slice.key) ? { ...slice, key: `${slice.key} ${from}` } : slice);
    keys.add(slice.key);
    from = to;
  }
  return slices;
}

/** Whether a slice of so many items ends before the next one. */
function isCut(next: Item | undefined, size: number, known: ReadonlyMap<string, Slice>): boolean {
  if (next === undefined || size >= MOST_ITEMS || known.has(next.id)) return true;
  return size >= USUAL_ITEMS && next.type === "user_message";
}

function reused(before: Slice | undefined, items: readonly Item[], from: number, to: number): Slice {
  const next = items[to];
  const continues = next !== undefined && next.type !== "user_message";
  if (before?.continues === continues && isSame(before.items, items, from, to)) return before;
  const ids = new Set<string>();
  const own = items.slice(from, to).filter(item => !ids.has(item.id) && ids.add(item.id));
  return { key: own[0]?.id ?? "", items: own, continues };
}

function isSame(some: readonly Item[], items: readonly Item[], from: number, to: number): boolean {
  return some.length === to - from && some.every((item, index) => item === items[from + index]);
}
