/** Pages of items, newest first as a server lists them, in a conversation. */

import type { Item, Page } from "../protocol/types";
import type { Conversation } from "./conversation";

/** Where the next page begins; null: there is none. */
export function nextOf({ has_more, after, data }: Page<{ id: string }>): string | null {
  return has_more ? (after ?? data.at(-1)?.id ?? null) : null;
}

export function firstPage(page: Page<Item>): Pick<Conversation, "items" | "older"> {
  return { items: unknown([], page.data), older: nextOf(page) };
}

/** Oldest first, and each once. */
function unknown(items: readonly Item[], newestFirst: readonly Item[]): Item[] {
  const known = new Set(items.map(item => item.id));
  return newestFirst.filter(({ id }) => !known.has(id) && known.add(id)).toReversed();
}

/** A page that brings nothing, and leads to itself, is the last one. */
export function withOlder(state: Conversation, page: Page<Item>): Conversation {
  const [older, next] = [unknown(state.items, page.data), nextOf(page)];
  return {
    ...state,
    items: [...older, ...state.items],
    older: older.length === 0 && next === state.older ? null : next,
  };
}

export function refreshed(state: Conversation, page: Page<Item>): Pick<Conversation, "items" | "older"> {
  const first = firstPage(page);
  const from = first.items[0] ? state.items.findIndex(item => item.id === first.items[0]?.id) : -1;
  if (from < 0) return first; // nothing in common: what is here may have been deleted
  const listed = new Set(first.items.map(item => item.id));
  const growing = state.items.slice(from).filter(item => state.open.has(item.id) && !listed.has(item.id));
  return { items: [...state.items.slice(0, from), ...first.items, ...growing], older: state.older };
}
