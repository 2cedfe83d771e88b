/**
 * A chat: what is shown, and what one can do. It sends operations, follows runs, and hands events to the reducer; what is
 * drawn asks nothing of a server.
 */

import { Neighbours } from "./neighbours";
import type { Api, StreamRequest } from "./protocol/api";
import { follow } from "./protocol/follow";
import { Problem } from "./protocol/problem";
import type { ClientToolCallItem, Item, Page, StreamEvent, WidgetAction } from "./protocol/types";
import { type ChatState, type Draft, inputOf, NOTHING_YET, type Outgoing } from "./state/chat";
import { type LocalEvent, reduce } from "./state/conversation";
import { keep, kept } from "./state/waiting";

/** What a chat asks and tells the page that it is on. */
export interface Host {
  emit(name: string, detail?: unknown): void;
  callClientTool(call: { name: string; params: Record<string, unknown> }): Promise<unknown>;
}

const ITEMS = 50;
const THREADS = 30;

export class Session {
  private state_: ChatState = NOTHING_YET;
  private readonly listeners = new Set<() => void>();
  /** Of what belongs to the thread that is shown: aborted when another one is. */
  private here = new AbortController();
  /** Of the answer that is followed. */
  private following: AbortController | null = null;
  private readonly neighbours: Neighbours;
  /** Whether the server has runs that can be asked for; null: not known yet. */
  private hasRuns: boolean | null = null;

  constructor(
    private readonly api: Api,
    private readonly url: string,
    private readonly host: Host,
  ) {
    this.neighbours = new Neighbours(url, news => {
      if (news.threadId !== this.state.threadId || this.following) return;
      void (news.runId === null ? this.fetchUpdates() : this.attach(news.threadId, news.runId)).catch(
        this.report,
      );
    });
  }

  get state(): ChatState {
    return this.state_;
  }

  /** Calls back after each change, until the function that is returned is called. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.here.abort();
    this.neighbours.close();
    this.listeners.clear();
  }

  // --- threads -------------------------------------------------------------------------------------------------------

  /** Shows a thread; null: a new one. Throws a Problem where it cannot be loaded; that is shown, too. */
  async openThread(threadId: string | null): Promise<void> {
    this.here.abort();
    this.here = new AbortController();
    this.following = null;
    if (this.state.responding) this.host.emit("response.end");
    const { signal } = this.here;
    const changed = threadId !== this.state.threadId;
    this.set({ ...NOTHING_YET, history: this.state.history, threadId, loading: threadId !== null });
    if (changed) this.host.emit("thread.change", { threadId });
    if (threadId === null) return;
    this.host.emit("thread.load.start", { threadId });
    try {
      const [thread, newest, run] = await Promise.all([
        this.api.call("threads.get_by_id", { thread_id: threadId }, signal),
        this.newest(threadId, signal),
        this.runOf(threadId, signal),
      ]);
      this.dispatch({ type: "local.opened", thread, newest });
      this.set({ loading: false, outgoing: kept(this.url, threadId) });
      if (run !== null) void this.attach(threadId, run).catch(this.report);
      else this.sendNext();
    } catch (error) {
      if (signal.aborted) return;
      this.set({ loading: false, loadProblem: problemOf(error) });
      this.report(error);
      throw error;
    } finally {
      if (!signal.aborted) this.host.emit("thread.load.end", { threadId });
    }
  }

  /** The thread and its newest items again, and the answer that goes on in it. */
  async fetchUpdates(): Promise<void> {
    const { threadId } = this.state;
    if (threadId === null) return;
    if (this.state.loadProblem !== null) return await this.openThread(threadId);
    if (this.following !== null) return;
    const { signal } = this.here;
    const [thread, newest, run] = await Promise.all([
      this.api.call("threads.get_by_id", { thread_id: threadId }, signal),
      this.newest(threadId, signal),
      this.runOf(threadId, signal),
    ]);
    if (this.following !== null) return; // meanwhile an answer has begun here, which knows better
    this.dispatch({ type: "local.refreshed", thread, newest });
    if (run !== null) void this.attach(threadId, run).catch(this.report);
    else this.sendNext();
  }

  async loadOlder(): Promise<void> {
    const { threadId, conversation, loadingOlder } = this.state;
    if (threadId === null || conversation.older === null || loadingOlder) return;
    this.set({ loadingOlder: true });
    const { signal } = this.here;
    try {
      const params = { thread_id: threadId, order: "desc", limit: ITEMS, after: conversation.older } as const;
      this.dispatch({ type: "local.older", page: await this.api.call("items.list", params, signal) });
    } catch (error) {
      if (!signal.aborted) this.report(error);
    } finally {
      if (!signal.aborted) this.set({ loadingOlder: false });
    }
  }

  private newest(threadId: string, signal: AbortSignal): Promise<Page<Item>> {
    return this.api.call("items.list", { thread_id: threadId, order: "desc", limit: ITEMS }, signal);
  }

  /** The id of the run that goes on in a thread, if one does, and this server says so. */
  private async runOf(threadId: string, signal: AbortSignal): Promise<string | null> {
    if (this.hasRuns === false) return null;
    try {
      const { run } = await this.api.call("runs.get", { thread_id: threadId }, signal);
      this.hasRuns = true;
      return run.status === "queued" || run.status === "running" ? run.id : null;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === "run_not_found") this.hasRuns = true;
      else if (this.hasRuns === null && problem.status !== 0) this.hasRuns = false; // the official SDK's endpoint
      return null;
    }
  }

  // --- messages ------------------------------------------------------------------------------------------------------

  /** Sends a message, or lets it wait until the answer that is being written has ended. */
  send(draft: Draft): void {
    const message: Outgoing = {
      key: crypto.randomUUID(),
      input: inputOf(draft),
      attachments: draft.attachments,
      state: "waiting",
      problem: null,
    };
    this.setOutgoing([...this.state.outgoing, message]);
    this.sendNext();
  }

  /** Takes a message back that was not sent yet; null: it has been. */
  takeBack(key: string): Outgoing | null {
    const message = this.state.outgoing.find(one => one.key === key && one.state !== "sending");
    if (message === undefined) return null;
    this.setOutgoing(this.state.outgoing.filter(one => one !== message));
    return message;
  }

  sendAgain(key: string): void {
    this.change(key, { state: "waiting", problem: null });
    this.sendNext();
  }

  private sendNext(): void {
    const { responding, loading, outgoing } = this.state;
    const message = outgoing.find(one => one.state !== "sending");
    if (responding || loading || message?.state !== "waiting") return;
    this.change(message.key, { state: "sending" });
    void this.respond(this.requestOf(message), message.key);
  }

  private requestOf({ input, key }: Outgoing): StreamRequest {
    const { threadId } = this.state;
    return threadId === null
      ? { type: "threads.create", params: { input }, key }
      : { type: "threads.add_user_message", params: { thread_id: threadId, input }, key };
  }

  private change(key: string, change: Partial<Outgoing>): void {
    this.setOutgoing(this.state.outgoing.map(one => (one.key === key ? { ...one, ...change } : one)));
  }

  private setOutgoing(outgoing: readonly Outgoing[]): void {
    this.set({ outgoing });
    if (this.state.threadId !== null) keep(this.url, this.state.threadId, outgoing);
  }

  // --- answers -------------------------------------------------------------------------------------------------------

  /** Answers a user's message again; without one, the newest. */
  retry(itemId?: string): void {
    const { threadId, conversation, responding } = this.state;
    const id = itemId ?? conversation.items.findLast(item => item.type === "user_message")?.id;
    if (threadId === null || id === undefined || responding) return;
    this.dispatch({ type: "local.retried", itemId: id });
    const params = { thread_id: threadId, item_id: id };
    void this.respond({ type: "threads.retry_after_item", params, key: crypto.randomUUID() });
  }

  /** Stops the answer, and keeps what was said. */
  async stop(): Promise<void> {
    const { threadId, conversation } = this.state;
    const { following } = this;
    const runId = conversation.run?.id;
    if (following === null) return;
    if (threadId === null || runId === undefined || runId === null) {
      following.abort(); // a server without runs stops when nobody reads
      return;
    }
    await this.api.call("runs.cancel", { thread_id: threadId, run_id: runId }).catch(this.report);
  }

  async answerQuestions(
    itemId: string,
    status: "answered" | "skipped",
    answers: Record<string, { values?: string[]; skipped?: boolean }>,
  ): Promise<void> {
    const { threadId } = this.state;
    if (threadId === null) return;
    const params = { thread_id: threadId, item_id: itemId, input: { status, answers } };
    await this.respond({ type: "threads.add_structured_input", params, key: crypto.randomUUID() });
  }

  /** Sends an action to the server: as a run, or at once beside one. Throws a Problem. */
  async sendAction(action: WidgetAction, itemId: string | null, streaming: boolean): Promise<void> {
    const { threadId, responding } = this.state;
    if (threadId === null) throw new Problem("no_thread", 0, "An action needs a thread");
    const params = { thread_id: threadId, action, ...(itemId === null ? {} : { item_id: itemId }) };
    if (!streaming) {
      const { updated_item } = await this.api.call("threads.sync_custom_action", params, this.here.signal);
      if (updated_item !== undefined) this.dispatch({ type: "local.replaced", item: updated_item });
      return;
    }
    if (responding) throw new Problem("run_active", 409, "An answer is being written");
    const problem = await this.respond({ type: "threads.custom_action", params, key: crypto.randomUUID() });
    if (problem !== null) throw problem;
  }

  async sendFeedback(itemIds: string[], kind: "positive" | "negative"): Promise<void> {
    const { threadId, feedback } = this.state;
    if (threadId === null) return;
    const before = feedback;
    this.set({ feedback: new Map([...feedback, ...itemIds.map(id => [id, kind] as const)]) });
    try {
      await this.api.call("items.feedback", { thread_id: threadId, item_ids: itemIds, kind });
    } catch (error) {
      this.set({ feedback: before });
      this.report(error);
    }
  }

  dismissNotice(key: number): void {
    this.dispatch({ type: "local.dismissed", key });
  }

  private async attach(threadId: string, runId: string): Promise<void> {
    const params = { thread_id: threadId, run_id: runId };
    await this.respond({ type: "runs.attach", params });
  }

  /** Follows an answer to its end, and then whatever it asks for. Returns what it failed with, if it did. */
  private async respond(request: StreamRequest, key?: string): Promise<Problem | null> {
    const following = new AbortController();
    const signal = AbortSignal.any([following.signal, this.here.signal]);
    this.following = following;
    this.dispatch({ type: "local.began", runId: null });
    this.set({ responding: true });
    this.host.emit("response.start");
    let problem: Problem | null = null;
    let told = false;
    try {
      for await (const { id, event } of follow(this.api, request, this.follower, signal)) {
        this.take(event, key);
        if (id !== null) this.dispatch({ type: "local.offset", offset: id });
        if (event.type === "run.started" && !told && request.type !== "runs.attach") {
          told = true;
          this.neighbours.tell({ threadId: event.thread_id, runId: event.run_id });
        }
      }
    } catch (error) {
      if (this.here.signal.aborted) return null; // another thread is shown
      if (!following.signal.aborted) problem = problemOf(error);
    }
    if (this.here.signal.aborted) return null;
    this.following = null;
    this.finish(problem, key);
    const call = problem === null ? this.pendingCall() : null;
    if (call !== null) return await this.runClientTool(call);
    this.set({ responding: false, interrupted: null });
    this.host.emit("response.end");
    this.sendNext();
    return problem;
  }

  private take(event: StreamEvent, key: string | undefined): void {
    this.dispatch(event);
    switch (event.type) {
      case "thread.created":
        this.threadIs(event.thread.id);
        break;
      case "run.started":
        this.threadIs(event.thread_id);
        break;
      case "thread.item.done":
        if (event.item.type === "user_message" && key !== undefined) this.arrived(key);
        break;
      case "client_effect":
        this.host.emit("effect", { name: event.name, data: event.data });
        break;
      case "error":
        this.host.emit("error", { error: new Problem(event.code, 200, event.message ?? event.code) });
        break;
      case "run.ended":
        this.neighbours.tell({ threadId: this.state.threadId ?? "", runId: null });
        break;
    }
  }

  /** A new thread has got its id. */
  private threadIs(threadId: string): void {
    if (this.state.threadId === threadId) return;
    this.set({ threadId });
    this.host.emit("thread.change", { threadId });
    keep(this.url, threadId, this.state.outgoing);
  }

  private arrived(key: string): void {
    this.setOutgoing(this.state.outgoing.filter(one => one.key !== key));
  }

  /** A message that did not arrive is still there, to be sent again. */
  private finish(problem: Problem | null, key: string | undefined): void {
    const waiting = this.state.outgoing.some(one => one.key === key);
    if (problem === null) {
      this.dispatch({ type: "local.ended" });
      if (key !== undefined) this.arrived(key);
      return;
    }
    this.report(problem);
    if (waiting && key !== undefined) {
      this.change(key, { state: "failed", problem });
      this.dispatch({ type: "local.ended" });
    } else {
      const failure = { code: problem.code, message: problem.message, canRetry: true };
      this.dispatch({ type: "local.failed", failure });
    }
  }

  // --- client tools --------------------------------------------------------------------------------------------------

  private pendingCall(): ClientToolCallItem | null {
    const last = this.state.conversation.items.findLast(item => item.type !== "end_of_turn");
    return last?.type === "client_tool_call" && last.status === "pending" ? last : null;
  }

  private async runClientTool(call: ClientToolCallItem): Promise<Problem | null> {
    const { signal } = this.here;
    const result = await this.host
      .callClientTool({ name: call.name, params: call.arguments })
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }));
    if (signal.aborted) return null;
    const params = { thread_id: call.thread_id, result: result ?? {} };
    this.host.emit("response.end");
    return await this.respond({ type: "threads.add_client_tool_output", params, key: crypto.randomUUID() });
  }

  // --- history -------------------------------------------------------------------------------------------------------

  /** The first page of threads, or the next one. */
  async loadHistory(again = false): Promise<void> {
    const { history } = this.state;
    if (history.loading || (history.after === null && !again)) return;
    const after = again ? undefined : history.after;
    this.set({ history: { ...history, loading: true, problem: null } });
    try {
      const page = await this.api.call("threads.list", {
        order: "desc",
        limit: THREADS,
        ...(after ? { after } : {}),
      });
      const before = after === undefined ? [] : this.state.history.threads;
      const known = new Set(before.map(thread => thread.id));
      const threads = [...before, ...page.data.filter(thread => !known.has(thread.id))];
      const next = page.has_more ? (page.after ?? page.data.at(-1)?.id ?? null) : null;
      this.set({ history: { threads, after: next, loading: false, problem: null } });
    } catch (error) {
      this.set({ history: { ...this.state.history, loading: false, problem: problemOf(error) } });
      this.report(error);
    }
  }

  async renameThread(threadId: string, title: string): Promise<void> {
    const thread = await this.api.call("threads.update", { thread_id: threadId, title });
    const { history } = this.state;
    const threads = history.threads.map(one => (one.id === threadId ? { ...one, ...thread } : one));
    this.set({ history: { ...history, threads } });
    if (threadId === this.state.threadId) this.dispatch({ type: "thread.updated", thread });
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.api.call("threads.delete", { thread_id: threadId });
    const { history } = this.state;
    this.set({ history: { ...history, threads: history.threads.filter(one => one.id !== threadId) } });
    keep(this.url, threadId, []);
    if (threadId === this.state.threadId) await this.openThread(null);
  }

  // --- state ---------------------------------------------------------------------------------------------------------

  private readonly follower = {
    onInterrupted: (problem: Problem) => this.set({ interrupted: problem }),
    onConnected: () => this.state.interrupted && this.set({ interrupted: null }),
    onMalformed: (data: string) => this.host.emit("log", { name: "frame.malformed", data: { data } }),
  };

  private readonly report = (error: unknown): void => {
    this.host.emit("error", { error: problemOf(error) });
  };

  private dispatch(event: StreamEvent | LocalEvent): void {
    const conversation = reduce(this.state.conversation, event);
    if (conversation !== this.state.conversation) this.set({ conversation });
  }

  private set(change: Partial<ChatState>): void {
    this.state_ = { ...this.state_, ...change };
    for (const listener of this.listeners) listener();
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem("client", 0, error instanceof Error ? error.message : String(error));
}
