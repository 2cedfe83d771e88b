/** Follows answers to their ends, one at a time, and does what they ask for. */

import { newKey } from "../key";
import { Neighbours } from "../neighbours";
import type { StreamRequest } from "../protocol/api";
import { follow, type Listener } from "../protocol/follow";
import { Problem } from "../protocol/problem";
import type { ClientToolCallItem, StreamEvent } from "../protocol/types";
import type { Failure } from "../state/conversation";
import { Line } from "./line";
import { problemOf, type Room } from "./room";
import { ClientTools } from "./tools";

export interface Outbox {
  /** The message that was sent under a key is in the thread. */
  arrived(key: string): void;
  /** It is not, and why; null: somebody has stopped it. Whether it is still there to be sent again. */
  failed(key: string, problem: Problem | null): boolean;
  /** The thread has got its id. */
  threadIs(threadId: string): void;
  /** Nothing is being answered any more. */
  idle(): void;
}

export class Answers {
  /** Of the answer that is followed, and of the client tool that it waits for. */
  private following: AbortController | null = null;
  /** How many were followed: tells whether one was meanwhile. */
  count = 0;
  /** What was asked, and the answer has said anything. */
  private readonly begun = new WeakSet<StreamRequest>();
  /** What was asked last. */
  private request: StreamRequest | null = null;
  /** Whether it is to be stopped as soon as it is known what there is to stop. */
  private isStopping = false;
  /** Whether other tabs have told of what nobody had time for. */
  isBehind = false;
  private readonly line = new Line();
  private readonly tools: ClientTools;
  private readonly neighbours: Neighbours;

  constructor(
    private readonly room: Room,
    private readonly outbox: Outbox,
    private readonly onChanged: () => Promise<void>,
  ) {
    this.tools = new ClientTools(room);
    this.neighbours = new Neighbours(room.url, ({ threadId, runId }) => {
      const { state } = room;
      if (threadId !== state.threadId) return;
      if (state.responding || state.loading) this.isBehind = true;
      else void (runId === null ? onChanged() : this.attach(threadId, runId)).catch(room.report);
    });
  }

  private get hasBegun(): boolean {
    return this.request !== null && this.begun.has(this.request);
  }

  get isFollowing(): boolean {
    return this.following !== null;
  }

  /** Whether the page is at what an answer has called, or the server has not heard of its result yet. */
  get isCalling(): boolean {
    const isToResult = this.request?.type === "threads.add_client_tool_output";
    return this.tools.isCalling || (this.isFollowing && isToResult && !this.hasBegun);
  }

  /** Looks for what other tabs have done meanwhile, when there is time. */
  catchUp(): void {
    if (this.isBehind && !this.isFollowing) void this.onChanged().catch(this.room.report);
  }

  close(): void {
    this.neighbours.close();
  }

  /** Another thread is shown: what goes on is somebody else's business, and what waits is not done. */
  leave(reason: unknown = new Problem("left", 0, "The thread is not shown any more")): void {
    const { responding } = this.room.state;
    this.following = null;
    this.isBehind = false;
    this.line.leave(reason);
    this.room.set({ responding: false });
    if (responding) this.room.emit("response.end");
  }

  async attach(threadId: string, runId: string): Promise<void> {
    await this.follow({ type: "runs.attach", params: { thread_id: threadId, run_id: runId } });
  }

  /**
   * Stops the answer, and keeps what was said. What has not begun is stopped when it does; who asks for that twice, or
   * while nothing comes, does not wait for it.
   */
  async stop(): Promise<void> {
    const { threadId, conversation, interrupted } = this.room.state;
    const runId = conversation.run?.id ?? null;
    if (this.following === null) return;
    if (threadId !== null && runId !== null) return await this.cancel(threadId, runId);
    if (this.hasBegun || this.isStopping || interrupted !== null) this.following.abort();
    else this.isStopping = true;
  }

  private async cancel(threadId: string, runId: string): Promise<void> {
    const { following } = this;
    this.isStopping = false;
    try {
      await this.room.api.call("runs.cancel", { thread_id: threadId, run_id: runId });
    } catch (error) {
      if (this.following === following) this.isStopping = problemOf(error).status === 0; // when the server is there again
      this.room.report(error);
    }
  }

  /** Asks for an answer when nothing else is answered, and follows it. Throws a Problem. */
  async ask(request: StreamRequest): Promise<void> {
    const { responding, loading } = this.room.state;
    const problem = await this.line.turn(responding || loading, () => this.follow(request));
    if (problem !== null) throw problem;
  }

  /** Answers a user's message again. What came after it goes at once, and is back where nothing comes of that. */
  async retry(threadId: string, itemId: string): Promise<void> {
    const { room } = this;
    const { items } = room.state.conversation;
    room.dispatch({ type: "local.retried", itemId });
    const { items: left } = room.state.conversation;
    const params = { thread_id: threadId, item_id: itemId };
    const request = { type: "threads.retry_after_item", params, key: newKey() } as const;
    await this.follow(request);
    if (!this.begun.has(request) && room.state.conversation.items === left)
      room.dispatch({ type: "local.restored", items });
  }

  /** Whether something that waited has begun. */
  goOn(): boolean {
    const { responding, loading } = this.room.state;
    return !responding && !loading && this.line.next();
  }

  /** Follows an answer, and those to what it asks for. Returns what it failed with, if it did. */
  async follow(request: StreamRequest, key?: string): Promise<Problem | null> {
    const { here } = this.room;
    const following = this.begin();
    this.count += 1;
    this.request = request;
    this.isStopping = false;
    this.room.dispatch({ type: "local.began", runId: runOf(request) });
    this.room.set({ responding: true });
    this.room.emit("response.start");
    const problem = await this.read(request, key, AbortSignal.any([following.signal, here.signal]));
    if (here.signal.aborted) return null;
    this.following = null;
    const failure = following.signal.aborted ? null : problem;
    this.finish(failure, request, key);
    this.room.emit("response.end");
    const call = problem === null ? this.tools.called() : null;
    if (call !== null) await this.tools.alone(call, () => this.output(call));
    if (!here.signal.aborted && !this.isFollowing) {
      this.room.set({ responding: false, interrupted: null });
      this.outbox.idle();
      if (failure === null) this.catchUp();
    }
    return failure;
  }

  private begin(): AbortController {
    this.following = new AbortController();
    return this.following;
  }

  /** All that it says. Returns why it could not go on, if it could not. */
  private async read(
    request: StreamRequest,
    key: string | undefined,
    signal: AbortSignal,
  ): Promise<Problem | null> {
    const isOurs = request.type !== "runs.attach";
    try {
      for await (const { id, event } of follow(this.room.api, request, this.listener, signal)) {
        this.take(event, key, isOurs);
        if (id !== null) this.room.dispatch({ type: "local.offset", offset: id });
      }
      return null;
    } catch (error) {
      return problemOf(error);
    }
  }

  private take(event: StreamEvent, key: string | undefined, isOurs: boolean): void {
    const { room } = this;
    if (this.request !== null) this.begun.add(this.request);
    room.dispatch(event);
    switch (event.type) {
      case "thread.created":
        this.outbox.threadIs(event.thread.id);
        break;
      case "run.started":
        room.api.runs.areKnown = true;
        this.outbox.threadIs(event.thread_id);
        if (isOurs) this.neighbours.tell({ threadId: event.thread_id, runId: event.run_id });
        break;
      case "thread.item.done":
        if (event.item.type === "user_message" && key !== undefined) this.outbox.arrived(key);
        break;
      case "client_effect":
        room.emit("effect", { name: event.name, data: event.data });
        break;
      case "error":
        room.emit("error", { error: new Problem(event.code, 200, event.message ?? event.code) });
        break;
    }
    if (this.isStopping) void this.stop();
  }

  private finish(problem: Problem | null, request: StreamRequest, key: string | undefined): void {
    const isStored = problem === null && this.hasBegun;
    if (isStored && key !== undefined) this.outbox.arrived(key);
    const isKept = !isStored && key !== undefined && this.outbox.failed(key, problem);
    if (problem !== null) this.room.report(problem);
    if (problem === null || isKept || problem.isOfInput) this.room.dispatch({ type: "local.ended" });
    else this.room.dispatch({ type: "local.failed", failure: this.failureOf(problem, request) });
  }

  private failureOf({ code, message }: Problem, { type }: StreamRequest): Failure {
    const canRetry = this.hasBegun || !OF_ITEMS.has(type);
    const isLost = (this.room.state.conversation.run?.id ?? null) !== null;
    return { code, message, canRetry, isLost };
  }

  /** Calls a client tool, and follows the answer to its output. */
  private async output(call: ClientToolCallItem): Promise<void> {
    const { here } = this.room;
    const { signal } = this.begin();
    const result = await this.tools.call(call, AbortSignal.any([signal, here.signal]));
    if (here.signal.aborted) return;
    this.following = null;
    if (signal.aborted) return;
    const params = { thread_id: call.thread_id, result };
    await this.follow({ type: "threads.add_client_tool_output", params, key: newKey() });
  }

  private readonly listener: Listener = {
    onInterrupted: problem => this.room.set({ interrupted: problem }),
    onConnected: () => {
      if (this.room.state.interrupted) this.room.set({ interrupted: null });
      if (this.isStopping && this.hasBegun) void this.stop();
    },
    onMalformed: data => this.room.emit("log", { name: "frame.malformed", data: { data } }),
  };
}

/** Whatever refuses these leaves the thread as it was, and the item there to be used again. */
const OF_ITEMS: ReadonlySet<string> = new Set(["threads.custom_action", "threads.add_structured_input"]);

function runOf({ params }: StreamRequest): string | null {
  return "run_id" in params ? params.run_id : null;
}
