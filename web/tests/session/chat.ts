/** A session with a server that answers each operation by its name. */

import { expect, vi } from "vitest";
import { Api } from "../../src/protocol/api";
import type { Run, StreamEvent } from "../../src/protocol/types";
import { Session } from "../../src/session";
import type { Draft } from "../../src/state/chat";
import { type Answer, type Asked, json } from "../protocol/server";
import { added, assistant, delta, done, ended, started, user } from "../state/events";

export const THREAD = { id: "thr_1", created_at: "2026-01-01T00:00:00Z", status: { type: "active" } };
export const RUN: Run = { id: "run_1", thread_id: "thr_1", status: "running", attempt: 1, created_at: "" };

export const OPENED = {
  "threads.get_by_id": json({ ...THREAD, items: { data: [], has_more: false } }),
  "items.list": json({ data: [assistant("a", "before")], has_more: false }),
  "runs.get": json({ code: "run_not_found", detail: "none" }, 404),
};

/** As the official SDK's endpoint answers what it does not know. */
export const NO_RUNS = { "runs.get": json({ detail: [] }, 422) };

const inTime = globalThis.setTimeout;

/** Pauses take no time; the patience with a silent server does. */
export function hurry(): void {
  sessionStorage.clear();
  vi.stubGlobal("setTimeout", (call: () => void, ms: number) => inTime(call, ms > 20_000 ? ms : 0));
}

export function frames(events: readonly StreamEvent[]): string[] {
  return events.map((event, index) => `id: 1-${index + 1}\ndata: ${JSON.stringify(event)}\n\n`);
}

export function said(text: string, id = text): StreamEvent[] {
  return [started(), done(user(`u-${id}`, text)), added(assistant(`a-${id}`, "")), delta(`a-${id}`, `re: ${text}`),
    done(assistant(`a-${id}`, `re: ${text}`)), ended()]; // biome-ignore format: one line is one thing
}

export function draft(text: string): Draft {
  return {
    content: [{ type: "input_text", text }],
    attachments: [],
    quotedText: null,
    toolId: null,
    modelId: null,
  };
}

/** An answer that is written for as long as a test wants; it hears when nobody listens any more. */
export class Held {
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  private begin: (response: Response) => void = () => undefined;
  isLeft = false;

  /** Nothing comes before something is said. */
  readonly answer: Answer = () =>
    new Promise(resolve => {
      this.begin = resolve;
    });

  say(frames: readonly string[]): void {
    if (this.controller === null) {
      const body = new ReadableStream<Uint8Array>({
        start: controller => {
          this.controller = controller;
        },
        cancel: () => {
          this.isLeft = true;
        },
      });
      this.begin(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
    }
    this.controller?.enqueue(new TextEncoder().encode(frames.join("")));
  }

  /** The connection is lost. */
  lose(): void {
    this.controller?.error(new TypeError("network error"));
  }
}

export class Chat {
  readonly asked: Asked[] = [];
  readonly emitted: string[] = [];
  readonly errors: unknown[] = [];
  readonly api: Api;
  readonly session: Session;
  tool: (call: { name: string }) => Promise<unknown> = async () => ({});

  constructor(readonly answers: Record<string, Answer>) {
    const fetch = async (_url: unknown, init?: RequestInit) => {
      init?.signal?.throwIfAborted();
      const { type, params } = JSON.parse(String(init?.body));
      const asked = { type, params, headers: { ...(init?.headers as Record<string, string>) } };
      this.asked.push(asked);
      return await (this.answers[type] ?? json({ code: "invalid_request", detail: "?" }, 422))(asked);
    };
    this.api = new Api("/chatkit", fetch as typeof globalThis.fetch, () => "en");
    this.session = this.again();
  }

  /** A session as the one before, with the same server. */
  again(): Session {
    const host = {
      emit: (name: string, detail?: unknown) => {
        this.emitted.push(name);
        if (name === "error") this.errors.push((detail as { error: unknown }).error);
      },
      callClientTool: (call: { name: string; params: Record<string, unknown> }) => this.tool(call),
    };
    return new Session(this.api, "/chatkit", host);
  }

  get texts(): string[] {
    return this.session.state.conversation.items.map(item =>
      item.type === "assistant_message" || item.type === "user_message"
        ? (item.content[0]?.text ?? "")
        : item.type,
    );
  }

  times(type: string): number {
    return this.asked.filter(asked => asked.type === type).length;
  }

  async quiet(): Promise<void> {
    await vi.waitFor(() => expect(this.session.state.responding).toBe(false));
  }
}
