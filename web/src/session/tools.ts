/** Tools of the page that an answer calls. */

import type { ClientToolCallItem } from "../protocol/types";
import { until } from "../time";
import type { Room } from "./room";

export class ClientTools {
  /** Calls that were answered from here: once, even where the server says nothing of it. */
  private readonly answered = new Set<string>();
  /** Whether the page is at it. */
  isCalling = false;

  constructor(private readonly room: Room) {}

  /** The call that an answer has ended with, if it did, and well: nobody wants more of one that was stopped. */
  called(): ClientToolCallItem | null {
    const { items, failure, ended } = this.room.state.conversation;
    if (failure !== null || (ended !== null && ended.status !== "completed")) return null;
    const last = items.findLast(item => item.type !== "end_of_turn");
    return last?.type === "client_tool_call" && last.status === "pending" && !this.answered.has(idOf(last))
      ? last
      : null;
  }

  /** Does it in one of the tabs that would do it at the same time. */
  async alone(call: ClientToolCallItem, answer: () => Promise<void>): Promise<void> {
    const locks: LockManager | null | undefined = navigator.locks; // only where the page came over a safe connection
    if (!locks) return await answer();
    const name = `chatkit ${this.room.url} ${idOf(call)}`;
    try {
      await locks.request(name, { ifAvailable: true }, lock => (lock === null ? undefined : answer()));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "SecurityError")) throw error;
      await answer(); // a frame without an origin of its own has no locks, and no other tabs
    }
  }

  /** What the page returns, as it is sent; what it throws is the output, too. */
  async call(call: ClientToolCallItem, signal: AbortSignal): Promise<unknown> {
    this.answered.add(idOf(call));
    this.isCalling = true;
    try {
      const called = this.room.host.callClientTool({ name: call.name, params: call.arguments });
      const result = (await until(called, signal)) ?? {};
      return JSON.parse(JSON.stringify(result) ?? "{}");
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    } finally {
      this.isCalling = false;
    }
  }
}

/** Some servers give the same id to every item. */
function idOf({ id, call_id }: ClientToolCallItem): string {
  return `${id} ${call_id}`;
}
