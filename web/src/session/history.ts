/** The list of threads, and what one can do with them. */

import { nextOf } from "../state/pages";
import { keep } from "../state/waiting";
import { problemOf, type Room } from "./room";

const PAGE = 30;

export class Threads {
  constructor(private readonly room: Room) {}

  /** The first page of threads, or the next one; `again`: the first one anew. */
  async load(again = false): Promise<void> {
    const { history } = this.room.state;
    if (history.loading || (history.after === null && !again)) return;
    const after = again ? undefined : history.after;
    this.room.set({ history: { ...history, loading: true, problem: null } });
    try {
      const params = { order: "desc", limit: PAGE, ...(after ? { after } : {}) } as const;
      const page = await this.room.api.call("threads.list", params);
      const before = after === undefined ? [] : this.room.state.history.threads;
      const known = new Set(before.map(thread => thread.id));
      const threads = [...before, ...page.data.filter(thread => !known.has(thread.id))];
      const next = nextOf(page);
      this.room.set({
        history: { threads, after: next === after ? null : next, loading: false, problem: null },
      });
    } catch (error) {
      const problem = problemOf(error);
      this.room.set({ history: { ...this.room.state.history, loading: false, problem } });
      if (after && problem.status === 404) return await this.load(true); // the thread that was the last one is gone
      this.room.report(error);
    }
  }

  async rename(threadId: string, title: string): Promise<void> {
    const thread = await this.room.api.call("threads.update", { thread_id: threadId, title });
    const { history } = this.room.state;
    const threads = history.threads.map(one => (one.id === threadId ? { ...one, ...thread } : one));
    this.room.set({ history: { ...history, threads } });
    if (threadId === this.room.state.threadId) this.room.dispatch({ type: "thread.updated", thread });
  }

  async remove(threadId: string): Promise<void> {
    try {
      await this.room.api.call("threads.delete", { thread_id: threadId });
    } catch (error) {
      if (problemOf(error).code !== "thread_not_found") throw error; // else somebody else has done it
    }
    const { history } = this.room.state;
    this.room.set({ history: { ...history, threads: history.threads.filter(one => one.id !== threadId) } });
    keep(this.room.url, threadId, []);
  }
}
