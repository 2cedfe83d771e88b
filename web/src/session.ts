/**
 * A chat: what is shown, and what one can do. It sends operations, follows runs, and hands events to the reducer; what is
 * drawn asks nothing of a server.
 */

import type { Api } from "./protocol/api";
import { Problem } from "./protocol/problem";
import type { Item, Page, Thread, WidgetAction } from "./protocol/types";
import { Threads } from "./session/history";
import { Messages } from "./session/messages";
import { type Host, problemOf, Room } from "./session/room";
import { type ChatState, type Draft, NOTHING_YET, type Outgoing } from "./state/chat";

export type { Host };

const PAGE = 50;

export class Session {
  private readonly room: Room;
  private readonly messages: Messages;
  private readonly threads: Threads;
  /** Whether the server has runs that can be asked for; null: not known yet. */
  private hasRuns: boolean | null = null;

  constructor(api: Api, url: string, host: Host) {
    this.room = new Room(api, url, host);
    this.messages = new Messages(this.room, () => this.fetchUpdates());
    this.threads = new Threads(this.room);
  }

  get state(): ChatState {
    return this.room.state;
  }

  /** Calls back after each change, until the function that is returned is called. */
  subscribe(listener: () => void): () => void {
    return this.room.subscribe(listener);
  }

  close(): void {
    this.messages.answers.leave();
    this.messages.answers.close();
    this.room.close();
  }

  /** Goes on with what a session has shown that was closed. Throws a Problem. */
  async resume(shown: ChatState): Promise<void> {
    const rested = { loading: false, loadingOlder: false, responding: false, interrupted: null };
    const history = { ...shown.history, loading: false };
    const outgoing = shown.outgoing.map(one =>
      one.state === "sending" ? { ...one, state: "waiting" as const } : one,
    );
    this.room.set({ ...shown, ...rested, history, outgoing });
    this.room.dispatch({ type: "local.ended" });
    if (shown.threadId === null) this.messages.idle();
    else await (shown.loading ? this.openThread(shown.threadId) : this.fetchUpdates());
  }

  // --- the thread that is shown --------------------------------------------------------------------------------------

  /** Shows a thread; null: a new one. Throws a Problem where it cannot be loaded; that is shown, too. */
  async openThread(threadId: string | null): Promise<void> {
    const { room } = this;
    room.here.abort();
    room.here = new AbortController();
    this.messages.answers.leave();
    const { signal } = room.here;
    const changed = threadId !== room.state.threadId;
    room.set({ ...NOTHING_YET, history: room.state.history, threadId, loading: threadId !== null });
    if (changed) room.host.emit("thread.change", { threadId });
    if (threadId === null) return;
    room.host.emit("thread.load.start", { threadId });
    try {
      const { thread, newest, run } = await this.loaded(threadId, signal);
      room.dispatch({ type: "local.opened", thread, newest });
      room.set({ loading: false });
      this.messages.restore(threadId);
      this.goOn(threadId, run);
    } catch (error) {
      if (signal.aborted) return;
      room.set({ loading: false, loadProblem: problemOf(error) });
      room.report(error);
      throw error;
    } finally {
      if (!signal.aborted) room.host.emit("thread.load.end", { threadId });
    }
  }

  /** The thread and its newest items again, and the answer that goes on in it. Throws a Problem. */
  async fetchUpdates(): Promise<void> {
    const { threadId, loadProblem, loading } = this.room.state;
    if (threadId === null || loading || this.messages.answers.isFollowing) return;
    if (loadProblem !== null) return await this.openThread(threadId);
    const { signal } = this.room.here;
    const { thread, newest, run } = await this.loaded(threadId, signal);
    if (this.messages.answers.isFollowing) return; // meanwhile an answer has begun here, which knows better
    this.room.dispatch({ type: "local.refreshed", thread, newest });
    this.goOn(threadId, run);
  }

  async loadOlder(): Promise<void> {
    const { threadId, conversation, loadingOlder } = this.room.state;
    if (threadId === null || conversation.older === null || loadingOlder) return;
    this.room.set({ loadingOlder: true });
    const { signal } = this.room.here;
    try {
      const params = { thread_id: threadId, order: "desc", limit: PAGE, after: conversation.older } as const;
      this.room.dispatch({
        type: "local.older",
        page: await this.room.api.call("items.list", params, signal),
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (!signal.aborted) this.room.set({ loadingOlder: false });
    }
  }

  private async loaded(
    threadId: string,
    signal: AbortSignal,
  ): Promise<{ thread: Thread; newest: Page<Item>; run: string | null }> {
    const { api } = this.room;
    const [thread, newest, run] = await Promise.all([
      api.call("threads.get_by_id", { thread_id: threadId }, signal),
      api.call("items.list", { thread_id: threadId, order: "desc", limit: PAGE }, signal),
      this.runOf(threadId, signal),
    ]);
    return { thread, newest, run };
  }

  /** The id of the run that goes on in a thread, if one does, and this server says so. */
  private async runOf(threadId: string, signal: AbortSignal): Promise<string | null> {
    if (this.hasRuns === false) return null;
    try {
      const { run } = await this.room.api.call("runs.get", { thread_id: threadId }, signal);
      this.hasRuns = true;
      return run.status === "queued" || run.status === "running" ? run.id : null;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === "run_not_found") this.hasRuns = true;
      else if (this.hasRuns === null && problem.status !== 0) this.hasRuns = false; // the official SDK's endpoint
      return null;
    }
  }

  private goOn(threadId: string, run: string | null): void {
    if (run !== null) void this.messages.answers.attach(threadId, run).catch(this.room.report);
    else this.messages.idle();
  }

  // --- messages and answers ------------------------------------------------------------------------------------------

  /** Sends a message, or lets it wait until the answer that is being written has ended. */
  send(draft: Draft): void {
    this.messages.send(draft);
  }

  /** Takes a message back that was not sent yet; null: it has been. */
  takeBack(key: string): Outgoing | null {
    return this.messages.takeBack(key);
  }

  sendAgain(key: string): void {
    this.messages.sendAgain(key);
  }

  /** Stops the answer, and keeps what was said. */
  async stop(): Promise<void> {
    await this.messages.answers.stop();
  }

  /** Answers a user's message again; without one, the newest. */
  retry(itemId?: string): void {
    const { threadId, conversation, responding } = this.room.state;
    const id = itemId ?? conversation.items.findLast(item => item.type === "user_message")?.id;
    if (threadId === null || id === undefined || responding) return;
    this.room.dispatch({ type: "local.retried", itemId: id });
    const params = { thread_id: threadId, item_id: id };
    void this.messages.answers.follow({ type: "threads.retry_after_item", params, key: crypto.randomUUID() });
  }

  async answerQuestions(
    itemId: string,
    status: "answered" | "skipped",
    answers: Record<string, { values?: string[]; skipped?: boolean }>,
  ): Promise<void> {
    const { threadId } = this.room.state;
    if (threadId === null) return;
    const params = { thread_id: threadId, item_id: itemId, input: { status, answers } };
    await this.messages.answers.follow({
      type: "threads.add_structured_input",
      params,
      key: crypto.randomUUID(),
    });
  }

  /** Sends an action to the server: as a run, or at once beside one. Throws a Problem. */
  async sendAction(action: WidgetAction, itemId: string | null, streaming: boolean): Promise<void> {
    const { threadId, responding } = this.room.state;
    if (threadId === null) throw new Problem("no_thread", 0, "An action needs a thread");
    const params = { thread_id: threadId, action, ...(itemId === null ? {} : { item_id: itemId }) };
    if (!streaming) {
      const { updated_item } = await this.room.api.call(
        "threads.sync_custom_action",
        params,
        this.room.here.signal,
      );
      if (updated_item !== undefined) this.room.dispatch({ type: "local.replaced", item: updated_item });
      return;
    }
    if (responding) throw new Problem("run_active", 409, "An answer is being written");
    const request = { type: "threads.custom_action", params, key: crypto.randomUUID() } as const;
    const problem = await this.messages.answers.follow(request);
    if (problem !== null) throw problem;
  }

  async sendFeedback(itemIds: string[], kind: "positive" | "negative"): Promise<void> {
    const { threadId, feedback } = this.room.state;
    if (threadId === null) return;
    this.room.set({ feedback: new Map([...feedback, ...itemIds.map(id => [id, kind] as const)]) });
    try {
      await this.room.api.call("items.feedback", { thread_id: threadId, item_ids: itemIds, kind });
    } catch (error) {
      this.room.set({ feedback });
      this.room.report(error);
    }
  }

  dismissNotice(key: number): void {
    this.room.dispatch({ type: "local.dismissed", key });
  }

  // --- history -------------------------------------------------------------------------------------------------------

  /** The first page of threads, or the next one; `again`: the first one anew. */
  async loadHistory(again = false): Promise<void> {
    await this.threads.load(again);
  }

  /** Throws a Problem. */
  async renameThread(threadId: string, title: string): Promise<void> {
    await this.threads.rename(threadId, title);
  }

  /** Throws a Problem. */
  async deleteThread(threadId: string): Promise<void> {
    await this.threads.remove(threadId);
    if (threadId === this.room.state.threadId) await this.openThread(null);
  }
}
