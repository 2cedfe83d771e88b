/** A chat that is not there: a state to change, and a session that remembers what it was asked for. */

import type { ChatKitOptions } from "@openai/chatkit";
import { html, render } from "lit";
import { vi } from "vitest";
import { localeFor } from "../../src/locale";
import { checkedItem } from "../../src/protocol/check";
import type { Item, StreamEvent } from "../../src/protocol/types";
import type { Session } from "../../src/session";
import { type ChatState, NOTHING_YET, type Outgoing } from "../../src/state/chat";
import { EMPTY, type LocalEvent, reduce } from "../../src/state/conversation";
import type { ViewContext } from "../../src/view/context";
import { thread } from "../../src/view/thread";

export const THREAD = "thr_1";

export class Chat {
  state: ChatState = { ...NOTHING_YET, threadId: THREAD };
  options: ChatKitOptions;
  readonly emitted: { name: string; detail: unknown }[] = [];
  readonly element = document.createElement("div");
  readonly asked = {
    retry: vi.fn(),
    sendFeedback: vi.fn(async () => undefined),
    dismissNotice: vi.fn(),
    answerQuestions: vi.fn(async () => undefined),
    fetchUpdates: vi.fn(async () => undefined),
    openThread: vi.fn(async () => undefined),
    loadOlder: vi.fn(async () => undefined),
  };
  private readonly session: Session;

  constructor(options: Partial<ChatKitOptions> = {}) {
    this.options = { api: { url: "/chatkit", domainKey: "" }, ...options };
    const chat = this;
    const session = {
      ...this.asked,
      get state() {
        return chat.state;
      },
    };
    this.session = session as unknown as Session;
    document.body.append(this.element);
  }

  /** Items as they would come: checked first. */
  static of(items: readonly unknown[], options: Partial<ChatKitOptions> = {}): Chat {
    const chat = new Chat(options);
    chat.state = { ...chat.state, conversation: { ...EMPTY, items: checked(items) } };
    return chat;
  }

  async set(change: Partial<ChatState>): Promise<void> {
    this.state = { ...this.state, ...change };
    await this.draw();
  }

  async take(...events: (StreamEvent | LocalEvent)[]): Promise<void> {
    await this.set({ conversation: events.reduce(reduce, this.state.conversation) });
  }

  async draw(): Promise<this> {
    render(html`${thread(this.context())}`, this.element);
    await this.drawn();
    return this;
  }

  async drawn(): Promise<void> {
    const element = this.element.querySelector("chatkit-thread") as Element & {
      updateComplete: Promise<unknown>;
    };
    await element.updateComplete;
    await element.updateComplete;
  }

  private context(): ViewContext {
    const locale = localeFor("en");
    return {
      session: this.session,
      state: this.state,
      options: this.options,
      locale,
      colorScheme: "light",
      widgets: {
        strings: locale.strings,
        colorScheme: "light",
        locale: locale.language,
        allowedImageDomains: undefined,
        act: async () => undefined,
        onDeepLink: () => undefined,
        warn: () => undefined,
      },
      emit: (name, detail) => this.emitted.push({ name, detail }),
    };
  }

  // --- what can be seen ----------------------------------------------------------------------------------------------

  all(selector: string): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>(selector)];
  }

  one(selector: string): HTMLElement {
    const found = this.all(selector)[0];
    if (found === undefined) throw new Error(`There is no ${selector} in ${this.element.innerHTML}`);
    return found;
  }

  /** A button by its name. */
  button(name: string): HTMLButtonElement {
    const found = this.all("button").find(
      button => button.getAttribute("aria-label") === name || button.textContent?.trim() === name,
    );
    if (found === undefined) throw new Error(`There is no button ${name}`);
    return found as HTMLButtonElement;
  }

  async click(name: string): Promise<void> {
    this.button(name).click();
    await this.drawn();
  }

  get items(): string[] {
    return this.all(".thread-item").map(item => item.textContent?.replace(/\s+/g, " ").trim() ?? "");
  }
}

export function leave(): void {
  document.body.replaceChildren();
}

export function checked(items: readonly unknown[]): Item[] {
  return items.map(checkedItem).filter(item => item !== null);
}

const where = { thread_id: THREAD, created_at: "2026-01-01T00:00:00Z" };

export function user(id: string, text = `message ${id}`, more: object = {}): Item {
  const content = [{ type: "input_text" as const, text }];
  return { ...where, id, type: "user_message", content, attachments: [], ...more };
}

export function assistant(id: string, text = `answer ${id}`, more: object = {}): Item {
  return {
    ...where,
    id,
    type: "assistant_message",
    content: [{ type: "output_text", text, annotations: [], ...more }],
  };
}

export function item(type: string, id: string, fields: object = {}): Item {
  return { ...where, id, type, ...fields } as unknown as Item;
}

export function outgoing(text: string, state: Outgoing["state"] = "sending", key = text): Outgoing {
  const content = [{ type: "input_text" as const, text }];
  return {
    key,
    input: { content, attachments: [], inference_options: {} },
    attachments: [],
    state,
    problem: null,
  };
}

/** So many turns of a message and its answer. */
export function turns(count: number, from = 0): Item[] {
  return Array.from({ length: count }, (_, index) => from + index).flatMap(number => [
    user(`u${number}`),
    assistant(`a${number}`),
  ]);
}
