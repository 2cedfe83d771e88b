/** `<openai-chatkit>`: what a page can do with a chat, its options and methods, as ChatKit's public types have them. */

import type { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit";
import type { Chat } from "./chat";
import { ChatFrame, type Options } from "./frame";
import { checkOptions } from "./options";
import { Problem } from "./protocol/problem";
import { sayRemarks, sayWithoutEffect } from "./remarks";
import {
  actionOf,
  type ComposerValue,
  checkThreadId,
  messageOf,
  type UserMessage,
  writingOf,
} from "./requests";
import { modelOf } from "./view/shell/choices";

export class ChatKitElement extends ChatFrame implements OpenAIChatKit {
  static override properties = { options: { attribute: false, noAccessor: true } };

  /** As `setOptions` got them; null: it did not yet. */
  get options(): ChatKitOptions | null {
    return this.current;
  }

  set options(options: ChatKitOptions) {
    this.setOptions(options);
  }

  /** All options anew: what is left out is as if it was never said. Throws a TypeError where one is wrong. */
  setOptions(options: ChatKitOptions): void {
    sayRemarks(checkOptions(options));
    this.apply(options as Options);
  }

  async focusComposer(): Promise<void> {
    this.running("focusComposer");
    if (!this.isConnected) throw new Error("<openai-chatkit> is not in the page");
    await this.focusInside();
  }

  /** Rejects with what the server said where the thread cannot be loaded. */
  async setThreadId(threadId: string | null): Promise<void> {
    const { session } = this.running("setThreadId");
    checkThreadId(threadId);
    const { state } = session;
    const isShown = threadId !== null && threadId === state.threadId && state.loadProblem === null;
    await (isShown ? session.opened() : session.openThread(threadId));
  }

  /** Rejects where no thread is shown, and while an answer is written. */
  async sendCustomAction(
    action: Parameters<OpenAIChatKit["sendCustomAction"]>[0],
    itemId?: string,
  ): Promise<void> {
    const { session } = this.running("sendCustomAction");
    if (session.state.responding) throw new Problem("run_active", 409, "An answer is being written");
    await session.sendAction(actionOf(action, itemId), itemId ?? null, true);
  }

  /** Settles when the message is on its way; while an answer is written, or the thread is loaded, it waits for that. */
  async sendUserMessage(message: UserMessage): Promise<void> {
    const { session, composition } = this.running("sendUserMessage");
    const draft = messageOf(message);
    if (message.newThread) await session.openThread(null);
    const status = session.state.conversation.thread?.status.type ?? "active";
    if (status !== "active") throw new Error(`The thread is ${status}: it takes no messages`);
    const model = modelOf(this.current?.composer?.models, composition.modelId);
    session.send({ ...draft, modelId: draft.modelId ?? model?.id ?? null });
  }

  async setComposerValue(value: ComposerValue): Promise<void> {
    const { composition } = this.running("setComposerValue");
    composition.change(writingOf(value, this.current?.composer ?? {}));
    if (value.selectedModelId !== undefined) composition.chooseModel(value.selectedModelId);
    if (value.files?.length) sayWithoutEffect("setComposerValue({ files })");
  }

  async showHistory(): Promise<void> {
    this.running("showHistory");
    if (this.current?.history?.enabled === false)
      throw new Error("There is no history: history.enabled is false");
    await this.setHistory(true);
  }

  async hideHistory(): Promise<void> {
    this.running("hideHistory");
    await this.setHistory(false);
  }

  async fetchUpdates(): Promise<void> {
    await this.running("fetchUpdates").session.fetchUpdates();
  }

  private running(method: string): Chat {
    if (this.chat !== null) return this.chat;
    throw new Error(`<openai-chatkit>: call setOptions({ api: { url } }) before ${method}()`);
  }
}
