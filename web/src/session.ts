/**
 * A chat: what is shown, and what one can do. It sends operations, follows runs, and hands events to the reducer; what is
 * drawn asks nothing of a server.
 */

import { newKey } from "./key";
import type { Api } from "./protocol/api";
import { Problem } from "./protocol/problem";
import type { WidgetAction } from "./protocol/types";
import { Threads } from "./session/history";
import { Messages } from "./session/messages";
import { type Host, Room } from "./session/room";
import { Shown } from "./session/shown";
import type { ChatState, Draft, Outgoing } from "./state/chat";

export type { Host };

export class Session {
  private readonly room: Room;
  private readonly messages: Messages;
  private readonly shown: Shown;
  private readonly threads: Threads;

  constructor(api: Api, url: string, host: Host) {
    this.room = new Room(api, url, host);
    this.messages = new Messages(this.room, () => this.fetchUpdates());
    this.shown = new Shown(this.room, this.messages);
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
    const outgoing = shown.outgoing.map(one => (one.state === "sending" ? this.messages.again(one) : one));
    this.room.set({ ...shown, ...rested, history, outgoing });
    this.room.dispatch({ type: "local.ended" });
    if (shown.threadId === null) this.messages.idle();
    else await (shown.loading ? this.openThread(shown.threadId) : this.fetchUpdates());
  }

  // --- the thread that is shown --------------------------------------------------------------------------------------

  /** Shows a thread; null: a new one. Throws a Problem where it cannot be loaded; that is shown, too. */
  async openThread(threadId: string | null): Promise<void> {
    await this.shown.open(threadId);
  }

  /** Settles when the thread is there that is shown. Throws a Problem where that cannot be loaded. */
  async opened(): Promise<void> {
    await this.shown.opened;
  }

  /** The thread and its newest items again, and the answer that goes on in it. Throws a Problem. */
  async fetchUpdates(): Promise<void> {
    await this.shown.refresh();
  }

  /** Throws a Problem. */
  async loadOlder(): Promise<void> {
    await this.shown.loadOlder();
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

  /** Whether an answer waits for the page, which does what it was asked for, or for the result to arrive. */
  get isCalling(): boolean {
    return this.messages.answers.isCalling;
  }

  /** Stops the answer, and keeps what was said. */
  async stop(): Promise<void> {
    await this.messages.answers.stop();
  }

  /** Answers a user's message again; without one, the newest. */
  retry(itemId?: string): void {
    const { threadId, conversation, responding } = this.room.state;
    const { items, failure } = conversation;
    if (itemId === undefined && failure?.isLost) return void this.fetchUpdates().catch(this.room.report);
    const id = itemId ?? items.findLast(item => item.type === "user_message")?.id;
    if (threadId !== null && id !== undefined && !responding) void this.messages.answers.retry(threadId, id);
  }

  async answerQuestions(
    itemId: string,
    status: "answered" | "skipped",
    answers: Record<string, { values?: string[]; skipped?: boolean }>,
  ): Promise<void> {
    const { threadId } = this.room.state;
    if (threadId === null) return;
    const params = { thread_id: threadId, item_id: itemId, input: { status, answers } };
    const request = { type: "threads.add_structured_input", params, key: newKey() } as const;
    await this.messages.answers.ask(request).catch(() => undefined); // it is shown, and was reported
  }

  /** Sends an action to the server: when nothing is being answered, or at once beside that. Throws a Problem. */
  async sendAction(action: WidgetAction, itemId: string | null, streaming: boolean): Promise<void> {
    const { threadId } = this.room.state;
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
    await this.messages.answers.ask({ type: "threads.custom_action", params, key: newKey() });
  }

  async sendFeedback(itemIds: string[], kind: "positive" | "negative"): Promise<void> {
    const { room } = this;
    const { threadId, feedback } = room.state;
    if (threadId === null) return;
    const { here } = room;
    room.set({ feedback: new Map([...feedback, ...itemIds.map(id => [id, kind] as const)]) });
    try {
      await room.api.call("items.feedback", { thread_id: threadId, item_ids: itemIds, kind });
    } catch (error) {
      room.report(error);
      if (here.signal.aborted) return;
      const known = new Map(room.state.feedback);
      for (const id of itemIds) {
        const before = feedback.get(id);
        if (before === undefined) known.delete(id);
        else known.set(id, before);
      }
      room.set({ feedback: known });
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
