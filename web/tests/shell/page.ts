/** A page with a chat in it, and a server that answers each operation by its name. */

import type { ChatKitOptions } from "@openai/chatkit";
import { vi } from "vitest";
import "../../src/chatkit";
import "../../src/view/shell/menu";
import type { ChatKitElement } from "../../src/chatkit";
import type { StreamEvent } from "../../src/protocol/types";
import { type Answer, type Asked, json, stream } from "../protocol/server";
import { frames, OPENED as SESSION_OPENED, said, THREAD } from "../session/chat";

export { frames, said, THREAD };

export const OPENED: Record<string, Answer> = {
  ...SESSION_OPENED,
  "threads.get_by_id": asked => json({ ...THREAD, id: asked.params.thread_id })(asked),
  "threads.list": json({ data: [], has_more: false }),
};

/** A new thread with one message and its answer. */
export function created(text: string): Answer {
  const [first, ...rest] = said(text);
  const thread: StreamEvent = { type: "thread.created", thread: THREAD as never };
  return stream(frames([first as StreamEvent, thread, ...rest]));
}

/** An answer that is over when `go` is called. */
export function held(answer: Answer): { answer: Answer; go: () => void } {
  let go: () => void = () => undefined;
  const gate = new Promise<void>(resolve => {
    go = resolve;
  });
  return {
    answer: async asked => {
      await gate;
      return await answer(asked);
    },
    go,
  };
}

export const EVENTS = [
  "ready",
  "error",
  "effect",
  "deeplink",
  "response.start",
  "response.end",
  "history.open",
  "history.close",
  "thread.change",
  "thread.load.start",
  "thread.load.end",
  "tool.change",
  "log",
];

/** happy-dom throws where the focus is in another shadow tree. */
const { get: activeElement } = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "activeElement") ?? {};
Object.defineProperty(ShadowRoot.prototype, "activeElement", {
  get(this: ShadowRoot): Element | null {
    try {
      return activeElement?.call(this) ?? null;
    } catch {
      return null;
    }
  },
});

export class Page {
  readonly asked: Asked[] = [];
  readonly heard: { name: string; detail: unknown }[] = [];
  readonly element = document.createElement("openai-chatkit") as unknown as ChatKitElement;
  readonly answers: Record<string, Answer>;

  constructor(answers: Record<string, Answer> = {}) {
    this.answers = { ...OPENED, ...answers };
    for (const name of EVENTS)
      this.element.addEventListener(`chatkit.${name}`, event =>
        this.heard.push({ name, detail: (event as CustomEvent).detail }),
      );
  }

  readonly fetch: typeof globalThis.fetch = async (_url, init) => {
    init?.signal?.throwIfAborted();
    const { type, params } = JSON.parse(String(init?.body));
    const asked = { type, params, headers: { ...(init?.headers as Record<string, string>) } };
    this.asked.push(asked);
    return await (this.answers[type] ?? json({ code: "invalid_request", detail: "?" }, 422))(asked);
  };

  options(more: Partial<ChatKitOptions> = {}): ChatKitOptions {
    return { api: { url: "/chatkit", domainKey: "local", fetch: this.fetch }, locale: "en", ...more };
  }

  /** With these options in the page, drawn and ready. */
  async show(more: Partial<ChatKitOptions> = {}): Promise<this> {
    this.element.setOptions(this.options(more));
    document.body.append(this.element);
    await vi.waitFor(() => {
      if (!this.names.includes("ready")) throw new Error("not ready");
    });
    await this.drawn();
    return this;
  }

  /** Until all that is under way is drawn. */
  async drawn(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 20));
    await this.element.updateComplete;
    for (const inner of this.root.querySelectorAll("*"))
      if ("updateComplete" in inner) await inner.updateComplete;
  }

  async quiet(): Promise<void> {
    await vi.waitFor(() => {
      if (this.names.filter(name => name === "response.end").length < this.starts)
        throw new Error("it answers");
    });
    await this.drawn();
  }

  private get starts(): number {
    return Math.max(1, this.names.filter(name => name === "response.start").length);
  }

  get names(): string[] {
    return this.heard.map(({ name }) => name);
  }

  get root(): ShadowRoot {
    return this.element.shadowRoot as ShadowRoot;
  }

  get text(): string {
    return this.root.textContent ?? "";
  }

  find<T extends HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector);
    if (found === null) throw new Error(`${selector} is not there`);
    return found;
  }

  has(selector: string): boolean {
    return this.root.querySelector(selector) !== null;
  }

  /** The button of this name. */
  button(name: string): HTMLButtonElement {
    const all = [...this.root.querySelectorAll("button")];
    const found = all.find(
      button => (button.getAttribute("aria-label") ?? button.textContent?.trim()) === name,
    );
    if (found === undefined) throw new Error(`There is no button ${name}: ${all.map(one => one.outerHTML)}`);
    return found;
  }

  // --- the composer --------------------------------------------------------------------------------------------------

  get field(): HTMLTextAreaElement {
    return this.find<HTMLTextAreaElement>("textarea");
  }

  async type(text: string): Promise<void> {
    this.field.value = text;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    await this.drawn();
  }

  async press(
    key: string,
    init: KeyboardEventInit = {},
    target: Element = this.field,
  ): Promise<KeyboardEvent> {
    const event = new KeyboardEvent("keydown", {
      key,
      bubbles: true,
      cancelable: true,
      composed: true,
      ...init,
    });
    target.dispatchEvent(event);
    await this.drawn();
    return event;
  }

  sent(type: string): Asked[] {
    return this.asked.filter(asked => asked.type === type);
  }
}
