/** Messages that the server does not have yet: one is on its way at most, the others wait for its answer. */

import { newKey } from "../key";
import type { StreamRequest } from "../protocol/api";
import type { Problem } from "../protocol/problem";
import { type Draft, inputOf, type Outgoing } from "../state/chat";
import { keep, kept } from "../state/waiting";
import { Answers, type Outbox } from "./answers";
import type { Room } from "./room";

export class Messages implements Outbox {
  readonly answers: Answers;

  constructor(
    private readonly room: Room,
    onChanged: () => Promise<void>,
  ) {
    this.answers = new Answers(room, this, onChanged);
  }

  /** Sends a message, or lets it wait until the answer that is being written has ended. */
  send(draft: Draft): void {
    const { attachments } = draft;
    const key = newKey();
    const message: Outgoing = { key, input: inputOf(draft), attachments, state: "waiting", problem: null };
    this.set([...this.room.state.outgoing, message]);
    this.idle();
  }

  /** Takes a message back that was not sent yet; null: it has been. */
  takeBack(key: string): Outgoing | null {
    const message = this.room.state.outgoing.find(one => one.key === key && one.state !== "sending");
    if (message === undefined) return null;
    this.set(this.room.state.outgoing.filter(one => one !== message));
    this.idle();
    return message;
  }

  /** Sends one that failed once more. */
  sendAgain(key: string): void {
    if (!this.room.state.outgoing.some(one => one.key === key && one.state === "failed")) return;
    this.change(key, { state: "waiting", problem: null });
    this.idle();
  }

  /** What waited in a thread when it was last shown in this tab. */
  restore(threadId: string): void {
    const { outgoing } = this.room.state; // what was sent while the thread was being loaded
    const before = kept(this.room.url, threadId).filter(one => !outgoing.some(({ key }) => key === one.key));
    this.room.set({ outgoing: [...before.map(one => this.again(one)), ...outgoing] });
  }

  /** One that may have arrived already goes again by itself only where the server knows it by its key. */
  again(message: Outgoing): Outgoing {
    const waits = message.state === "waiting" || this.room.api.runs.areKnown === true;
    return { ...message, state: waits ? "waiting" : "failed" };
  }

  /** Sends the first that waits, if nothing is being answered; behind one that failed, all wait. Actions go first. */
  idle(): void {
    if (this.answers.goOn()) return;
    const { responding, loading, outgoing, threadId } = this.room.state;
    const [message] = outgoing;
    if (responding || loading || message?.state !== "waiting") return;
    this.change(message.key, { state: "sending" });
    const { key, input } = message;
    const request: StreamRequest =
      threadId === null
        ? { type: "threads.create", params: { input }, key }
        : { type: "threads.add_user_message", params: { thread_id: threadId, input }, key };
    void this.answers.follow(request, key);
  }

  arrived(key: string): void {
    this.set(this.room.state.outgoing.filter(one => one.key !== key));
  }

  failed(key: string, problem: Problem | null): boolean {
    if (!this.room.state.outgoing.some(one => one.key === key)) return false;
    this.change(key, { state: "failed", problem });
    return true;
  }

  threadIs(threadId: string): void {
    if (this.room.state.threadId !== null) return;
    this.room.set({ threadId });
    this.room.emit("thread.change", { threadId });
    keep(this.room.url, threadId, this.room.state.outgoing);
  }

  private change(key: string, change: Partial<Outgoing>): void {
    this.set(this.room.state.outgoing.map(one => (one.key === key ? { ...one, ...change } : one)));
  }

  private set(outgoing: readonly Outgoing[]): void {
    this.room.set({ outgoing });
    if (this.room.state.threadId !== null) keep(this.room.url, this.room.state.threadId, outgoing);
  }
}
