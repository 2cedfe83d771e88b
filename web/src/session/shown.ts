/** The thread that is shown: how it is loaded, all of it or its newest part, and the answer that goes on in it. */

import type { Problem } from "../protocol/problem";
import type { Item, Page, Thread } from "../protocol/types";
import { NOTHING_YET } from "../state/chat";
import type { Messages } from "./messages";
import { problemOf, type Room } from "./room";

const PAGE = 50;

interface Loaded {
  thread: Thread;
  newest: Page<Item>;
  /** The id of the run that goes on in it. */
  run: string | null;
}

export class Shown {
  /** Of the thread that is shown: settles as its opening did. */
  opened: Promise<void> = Promise.resolve();

  constructor(
    private readonly room: Room,
    private readonly messages: Messages,
  ) {}

  /** Shows a thread; null: a new one. Throws a Problem where it cannot be loaded; that is shown, too. */
  open(threadId: string | null): Promise<void> {
    const opened = this.load(threadId);
    if (this.room.state.threadId === threadId) this.opened = opened;
    return opened;
  }

  /** Whenever the page hears of something, it may ask for another thread. */
  private async load(threadId: string | null): Promise<void> {
    const { room } = this;
    room.here.abort();
    room.here = new AbortController();
    const { signal } = room.here;
    this.messages.answers.leave();
    if (signal.aborted) return;
    const changed = threadId !== room.state.threadId;
    room.set({ ...NOTHING_YET, history: room.state.history, threadId, loading: threadId !== null });
    if (changed) room.emit("thread.change", { threadId });
    if (threadId === null || signal.aborted) return;
    room.emit("thread.load.start", { threadId });
    try {
      const { thread, newest, run } = await this.loaded(threadId, signal);
      room.dispatch({ type: "local.opened", thread, newest });
      room.set({ loading: false });
      this.messages.restore(threadId);
      this.goOn(threadId, run);
    } catch (error) {
      if (signal.aborted) return;
      this.fail(problemOf(error));
      room.report(error);
      throw error;
    } finally {
      if (!signal.aborted) room.emit("thread.load.end", { threadId });
    }
  }

  /** The thread and its newest items again, and the answer that goes on in it. Throws a Problem. */
  async refresh(): Promise<void> {
    const { room } = this;
    const { threadId, loadProblem, loading } = room.state;
    if (threadId === null || loading || this.messages.answers.isFollowing) return;
    if (loadProblem !== null) return await this.open(threadId);
    const { answers } = this.messages;
    const { count } = answers;
    const { signal } = room.here;
    try {
      const { thread, newest, run } = await this.loaded(threadId, signal);
      if (answers.count !== count) return; // meanwhile an answer has begun here, which knows better
      room.dispatch({ type: "local.refreshed", thread, newest });
      answers.isBehind &&= run !== null; // else again after that one: others may have come before it
      this.goOn(threadId, run);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(error);
      if (problem.code === "thread_not_found" && answers.count === count) this.fail(problem);
      throw error;
    }
  }

  async loadOlder(): Promise<void> {
    const { room } = this;
    const { threadId, conversation, loadingOlder } = room.state;
    if (threadId === null || conversation.older === null || loadingOlder) return;
    room.set({ loadingOlder: true });
    const { signal } = room.here;
    try {
      const params = { thread_id: threadId, order: "desc", limit: PAGE, after: conversation.older } as const;
      const page = await room.api.call("items.list", params, signal);
      if (room.state.conversation.older === conversation.older) room.dispatch({ type: "local.older", page });
    } catch (error) {
      if (signal.aborted) return;
      if (problemOf(error).code !== "item_not_found") throw error;
      await this.open(threadId); // what was the oldest is gone: somebody else has changed the thread
    } finally {
      if (!signal.aborted) room.set({ loadingOlder: false });
    }
  }

  private async loaded(threadId: string, signal: AbortSignal): Promise<Loaded> {
    const { api } = this.room;
    const [thread, newest, run] = await Promise.all([
      api.call("threads.get_by_id", { thread_id: threadId }, signal),
      api.call("items.list", { thread_id: threadId, order: "desc", limit: PAGE }, signal),
      api.runs.current(threadId, signal),
    ]);
    return { thread, newest, run };
  }

  private goOn(threadId: string, run: string | null): void {
    if (run !== null) void this.messages.answers.attach(threadId, run).catch(this.room.report);
    else this.messages.idle();
    this.messages.answers.catchUp();
  }

  private fail(loadProblem: Problem): void {
    this.room.set({ loading: false, loadProblem });
    this.messages.answers.leave(loadProblem);
  }
}
