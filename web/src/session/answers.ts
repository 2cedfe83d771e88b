/** Follows answers to their ends, and does what they ask for. */

import { Neighbours } from "../neighbours";
import type { StreamRequest } from "../protocol/api";
import { follow, type Listener } from "../protocol/follow";
import { Problem } from "../protocol/problem";
import type { ClientToolCallItem, StreamEvent } from "../protocol/types";
import { problemOf, type Room } from "./room";

export interface Outbox {
  /** The message that was sent under a key is in the thread. */
  arrived(key: string): void;
  /** It is not, and why. Whether it is still there to be sent again. */
  failed(key: string, problem: Problem): boolean;
  /** The thread has got its id. */
  threadIs(threadId: string): void;
  /** Nothing is being answered any more. */
  idle(): void;
}

export class Answers {
  private following: AbortController | null = null;
  private readonly neighbours: Neighbours;
  /** Client tool calls that were answered from here: once, even where the server says nothing of it. */
  private readonly called = new Set<string>();

  constructor(
    private readonly room: Room,
    private readonly outbox: Outbox,
    onChanged: () => Promise<void>,
  ) {
    this.neighbours = new Neighbours(room.url, ({ threadId, runId }) => {
      if (threadId !== room.state.threadId || this.isFollowing) return;
      void (runId === null ? onChanged() : this.attach(threadId, runId)).catch(room.report);
    });
  }

  get isFollowing(): boolean {
    return this.following !== null;
  }

  close(): void {
    this.neighbours.close();
  }

  /** Another thread is shown: what goes on is somebody else's business. */
  leave(): void {
    if (this.room.state.responding) this.room.host.emit("response.end");
    this.following = null;
  }

  async attach(threadId: string, runId: string): Promise<void> {
    await this.follow({ type: "runs.attach", params: { thread_id: threadId, run_id: runId } });
  }

  /** Stops the answer, and keeps what was said. */
  async stop(): Promise<void> {
    const { threadId, conversation } = this.room.state;
    const runId = conversation.run?.id ?? null;
    if (this.following === null) return;
    if (threadId === null || runId === null) return this.following.abort(); // a server without runs stops where nobody reads
    await this.room.api.call("runs.cancel", { thread_id: threadId, run_id: runId }).catch(this.room.report);
  }

  /** Follows an answer, and those to what it asks for. Returns what it failed with, if it did. */
  async follow(request: StreamRequest, key?: string): Promise<Problem | null> {
    const { here, host } = this.room;
    const following = new AbortController();
    this.following = following;
    this.room.dispatch({ type: "local.began", runId: null });
    this.room.set({ responding: true });
    host.emit("response.start");
    const problem = await this.read(request, key, AbortSignal.any([following.signal, here.signal]));
    if (here.signal.aborted) return null;
    this.following = null;
    const failure = following.signal.aborted ? null : problem;
    this.finish(failure, key);
    host.emit("response.end");
    const call = failure === null ? this.pendingCall() : null;
    if (call !== null) await alone(`chatkit ${this.room.url} ${call.id}`, () => this.runClientTool(call));
    if (!here.signal.aborted && !this.isFollowing) {
      this.room.set({ responding: false, interrupted: null });
      this.outbox.idle();
    }
    return failure;
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
    const { host } = this.room;
    this.room.dispatch(event);
    switch (event.type) {
      case "thread.created":
        this.outbox.threadIs(event.thread.id);
        break;
      case "run.started":
        this.outbox.threadIs(event.thread_id);
        if (isOurs) this.neighbours.tell({ threadId: event.thread_id, runId: event.run_id });
        break;
      case "thread.item.done":
        if (event.item.type === "user_message" && key !== undefined) this.outbox.arrived(key);
        break;
      case "client_effect":
        host.emit("effect", { name: event.name, data: event.data });
        break;
      case "error":
        host.emit("error", { error: new Problem(event.code, 200, event.message ?? event.code) });
        break;
    }
  }

  private finish(failure: Problem | null, key: string | undefined): void {
    if (failure === null) {
      this.room.dispatch({ type: "local.ended" });
      if (key !== undefined) this.outbox.arrived(key);
      return;
    }
    this.room.report(failure);
    if (key !== undefined && this.outbox.failed(key, failure)) {
      this.room.dispatch({ type: "local.ended" }); // it is the message that says so
    } else {
      const { code, message } = failure;
      this.room.dispatch({ type: "local.failed", failure: { code, message, canRetry: true } });
    }
  }

  private pendingCall(): ClientToolCallItem | null {
    const last = this.room.state.conversation.items.findLast(item => item.type !== "end_of_turn");
    return last?.type === "client_tool_call" && last.status === "pending" && !this.called.has(last.id)
      ? last
      : null;
  }

  private async runClientTool(call: ClientToolCallItem): Promise<void> {
    const { here, host } = this.room;
    this.called.add(call.id);
    const result = await host
      .callClientTool({ name: call.name, params: call.arguments })
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }));
    if (here.signal.aborted) return;
    const params = { thread_id: call.thread_id, result: result ?? {} };
    await this.follow({ type: "threads.add_client_tool_output", params, key: crypto.randomUUID() });
  }

  private readonly listener: Listener = {
    onInterrupted: problem => this.room.set({ interrupted: problem }),
    onConnected: () => this.room.state.interrupted && this.room.set({ interrupted: null }),
    onMalformed: data => this.room.host.emit("log", { name: "frame.malformed", data: { data } }),
  };
}

/** Does it in one of the tabs that would do it at the same time. */
async function alone(name: string, call: () => Promise<void>): Promise<void> {
  const locks: LockManager | null | undefined = navigator.locks; // only where the page came over a safe connection
  if (!locks) return await call();
  await locks.request(name, { ifAvailable: true }, lock => (lock === null ? undefined : call()));
}
