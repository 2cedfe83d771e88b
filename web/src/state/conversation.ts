/**
 * One thread as it is shown, and what the events of a stream make of it: a pure reducer. An event that is applied twice,
 * as after a reconnect from the start, leaves what there was; one for an item that is not there changes nothing.
 */

import type {
  AssistantContent,
  ErrorEvent,
  Item,
  NoticeEvent,
  Page,
  RunEvent,
  StreamEvent,
  Thread,
} from "../protocol/types";
import { closed, isEmpty, updated } from "./items";
import { firstPage, refreshed, withOlder } from "./pages";

export interface ActiveRun {
  /** Null where the server does not say it: then it cannot be resumed. */
  id: string | null;
  /** The newest event's id: where to go on after the connection was lost. */
  offset: string | null;
  canCancel: boolean;
  progress: { icon?: string; text: string } | null;
  /** The items that the run has said something of, the user's message among them. */
  itemIds: readonly string[];
}

export interface Notice {
  event: NoticeEvent;
  /** Below which item it stands; null: above all. */
  afterItemId: string | null;
  key: number;
}

export interface Failure {
  code: string;
  message: string | null;
  canRetry: boolean;
  /** Whether the answer may go on, and only cannot be followed. */
  isLost?: boolean;
}

export interface Conversation {
  thread: Thread | null;
  /** Oldest first. */
  items: readonly Item[];
  /** Where to ask for older ones; null where there are none, or all are here. */
  older: string | null;
  /** Ids of items that still grow. */
  open: ReadonlySet<string>;
  run: ActiveRun | null;
  notices: readonly Notice[];
  /** How the newest run failed. */
  failure: Failure | null;
  /** How the newest run ended, where it did. */
  ended: (RunEvent & { type: "run.ended" }) | null;
}

/** What happens here, beside what a server says. */
export type LocalEvent =
  | { type: "local.opened"; thread: Thread | null; newest: Page<Item> | null }
  /** A page of `items.list`, newest first, that comes before what is here. */
  | { type: "local.older"; page: Page<Item> }
  /** The newest page again: what it has replaces what is here from its oldest item on. */
  | { type: "local.refreshed"; thread: Thread; newest: Page<Item> }
  | { type: "local.began"; runId: string | null }
  | { type: "local.retried"; itemId: string }
  /** It is not answered again after all: these are there as they were. */
  | { type: "local.restored"; items: readonly Item[] }
  | { type: "local.offset"; offset: string }
  | { type: "local.replaced"; item: Item }
  | { type: "local.dismissed"; key: number }
  | { type: "local.failed"; failure: Failure }
  /** The stream is over, and nothing more will come of its run. */
  | { type: "local.ended" };

export const EMPTY: Conversation = {
  thread: null,
  items: [],
  older: null,
  open: new Set(),
  run: null,
  notices: [],
  failure: null,
  ended: null,
};

export function reduce(state: Conversation, event: StreamEvent | LocalEvent): Conversation {
  switch (event.type) {
    case "thread.created":
    case "thread.updated":
      return (state.thread ?? event.thread).id === event.thread.id
        ? { ...state, thread: event.thread }
        : state;
    case "thread.item.added":
      return reopened(
        upserted(touched(renewed(state, event.item.id), event.item.id), event.item),
        event.item.id,
      );
    case "thread.item.done":
    case "thread.item.replaced":
      return settled(upserted(touched(state, event.item.id), event.item), event.item.id);
    case "thread.item.updated":
      return replaced(state, event.item_id, item => updated(item, event.update));
    case "thread.item.removed":
      return settled(without(state, new Set([event.item_id])), event.item_id);
    case "stream_options":
      return withRun(state, { canCancel: event.stream_options.allow_cancel });
    case "progress_update":
      return withRun(state, {
        progress: event.icon ? { icon: event.icon, text: event.text } : { text: event.text },
      });
    case "notice":
      return noticed(state, event);
    case "error":
      return { ...state, failure: failureOf(event) };
    case "run.started":
      return { ...began(state), run: { ...(state.run ?? NO_RUN), id: event.run_id } };
    case "run.snapshot":
      return restored(state, event.run_id, event.items, event.last_event_id);
    case "run.ended":
      return { ...over(state), ended: event };
    case "client_effect":
      return state;
    default:
      return event.type.startsWith("local.") ? reduceLocal(state, event) : state;
  }
}

function reduceLocal(state: Conversation, event: LocalEvent): Conversation {
  switch (event.type) {
    case "local.opened":
      return { ...EMPTY, thread: event.thread, ...(event.newest ? firstPage(event.newest) : {}) };
    case "local.older":
      return withOlder(state, event.page);
    case "local.refreshed":
      return {
        ...state,
        thread: event.thread,
        failure: state.failure?.isLost ? null : state.failure,
        ...refreshed(state, event.newest),
      };
    case "local.began":
      return { ...began(state), run: { ...NO_RUN, id: event.runId } };
    case "local.retried":
      return cut(state, event.itemId);
    case "local.restored":
      return { ...state, items: event.items };
    case "local.offset":
      return withRun(state, { offset: event.offset });
    case "local.replaced":
      return replaced(state, event.item.id, () => event.item);
    case "local.dismissed":
      return { ...state, notices: state.notices.filter(notice => notice.key !== event.key) };
    case "local.failed":
      return { ...over(state), failure: event.failure };
    case "local.ended":
      return over(state);
  }
}

// --- runs ------------------------------------------------------------------------------------------------------------

const NO_RUN: ActiveRun = { id: null, offset: null, canCancel: true, progress: null, itemIds: [] };

function began(state: Conversation): Conversation {
  return { ...state, failure: null, ended: null };
}

function withRun(state: Conversation, change: Partial<ActiveRun>): Conversation {
  return state.run ? { ...state, run: { ...state.run, ...change } } : state;
}

/** The run has said something of an item: what it was waiting for is over. */
function touched(state: Conversation, itemId: string): Conversation {
  const { run } = state;
  if (run === null) return state;
  const itemIds = run.itemIds.includes(itemId) ? run.itemIds : [...run.itemIds, itemId];
  return { ...state, run: { ...run, itemIds, progress: null } };
}

/** What a run begins is new: an item of this id from before its message goes. Some servers have one id for all answers. */
function renewed(state: Conversation, itemId: string): Conversation {
  const isAsked = (item: Item) => item.type === "user_message" && state.run?.itemIds.includes(item.id);
  const isOld = indexOf(state.items, itemId) < state.items.findLastIndex(isAsked);
  return isOld ? without(state, new Set([itemId])) : state;
}

/** What a run left open is closed; what it began and never filled goes. */
function over(state: Conversation): Conversation {
  const items = state.items
    .filter(item => !(state.open.has(item.id) && isEmpty(item)))
    .map(item => (state.open.has(item.id) ? closed(item) : item));
  return { ...state, items: state.open.size ? items : state.items, open: EMPTY.open, run: null };
}

/** A snapshot stands for all that is here of the run. */
function restored(state: Conversation, runId: string, items: readonly Item[], offset: string): Conversation {
  const kept = new Set(items.map(item => item.id));
  const gone = new Set(state.run?.itemIds.filter(id => !kept.has(id)));
  const rest = items.reduce((so_far, item) => upserted(so_far, item), without(state, gone));
  return {
    ...rest,
    open: EMPTY.open,
    run: { ...(state.run ?? NO_RUN), id: runId, offset, progress: null, itemIds: [...kept] },
  };
}

function failureOf(event: ErrorEvent): Failure {
  return { code: event.code, message: event.message ?? null, canRetry: event.allow_retry };
}

function noticed(state: Conversation, event: NoticeEvent): Conversation {
  const afterItemId = state.items.at(-1)?.id ?? null;
  const same = state.notices.some(
    ({ event: other }) =>
      other.message === event.message && other.title === event.title && other.level === event.level,
  );
  if (same && state.run !== null) return state; // a replay from the start says it again
  return {
    ...state,
    notices: [...state.notices, { event, afterItemId, key: (state.notices.at(-1)?.key ?? 0) + 1 }],
  };
}

// --- items -----------------------------------------------------------------------------------------------------------

function indexOf(items: readonly Item[], id: string): number {
  return items.findLastIndex(item => item.id === id); // what grows is among the last
}

function upserted(state: Conversation, item: Item): Conversation {
  const index = indexOf(state.items, item.id);
  const items = index < 0 ? [...state.items, item] : state.items.with(index, item);
  return { ...state, items };
}

function replaced(state: Conversation, id: string, change: (item: Item) => Item): Conversation {
  const index = indexOf(state.items, id);
  const item = state.items[index];
  if (item === undefined) return state;
  const changed = change(item);
  if (changed === item) return state;
  return withRun({ ...state, items: state.items.with(index, changed) }, { progress: null });
}

function reopened(state: Conversation, id: string): Conversation {
  return { ...state, open: new Set([...state.open, id]) };
}

function settled(state: Conversation, id: string): Conversation {
  if (!state.open.has(id)) return state;
  return { ...state, open: new Set([...state.open].filter(other => other !== id)) };
}

function without(state: Conversation, ids: ReadonlySet<string>): Conversation {
  return ids.size ? { ...state, items: state.items.filter(item => !ids.has(item.id)) } : state;
}

/** All after a user's message goes: it is answered again. */
function cut(state: Conversation, itemId: string): Conversation {
  const index = indexOf(state.items, itemId);
  return index < 0 ? state : { ...began(state), items: state.items.slice(0, index + 1), notices: [] };
}

/** The text of a message, its parts one below the other. */
export function textOf(content: readonly AssistantContent[]): string {
  return content.map(part => part.text).join("\n\n");
}
