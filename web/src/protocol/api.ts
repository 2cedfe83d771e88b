/** The one URL, and how operations are sent there. */

import { until } from "../time";
import { checkedItem, checkedPage, checkedRun, checkedThread } from "./check";
import { Problem } from "./problem";
import { Runs } from "./runs";
import type { Item, Page, Run, Thread, UserMessageInput, WidgetAction, WidgetItem } from "./types";

export interface Operations {
  "threads.get_by_id": [{ thread_id: string }, Thread & { items: Page<Item> }];
  "threads.list": [{ limit?: number; order?: "asc" | "desc"; after?: string }, Page<Thread>];
  "threads.update": [{ thread_id: string; title: string }, Thread];
  "threads.delete": [{ thread_id: string }, Record<string, never>];
  "threads.sync_custom_action": [
    { thread_id: string; item_id?: string; action: WidgetAction },
    { updated_item?: WidgetItem },
  ];
  "items.list": [{ thread_id: string; limit?: number; order?: "asc" | "desc"; after?: string }, Page<Item>];
  "items.feedback": [
    { thread_id: string; item_ids: string[]; kind: "positive" | "negative" },
    Record<string, never>,
  ];
  "runs.get": [{ thread_id: string; run_id?: string }, { run: Run }];
  "runs.cancel": [{ thread_id: string; run_id?: string }, { run: Run }];
}

export interface Streams {
  "threads.create": { input: UserMessageInput };
  "threads.add_user_message": { thread_id: string; input: UserMessageInput };
  "threads.add_client_tool_output": { thread_id: string; result: unknown };
  "threads.add_structured_input": {
    thread_id: string;
    item_id: string;
    input: {
      status: "answered" | "skipped";
      answers: Record<string, { values?: string[]; skipped?: boolean }>;
    };
  };
  "threads.retry_after_item": { thread_id: string; item_id: string };
  "threads.custom_action": { thread_id: string; item_id?: string; action: WidgetAction };
  "runs.attach": { thread_id: string; run_id: string; after?: string };
}

export interface StreamRequest<T extends keyof Streams = keyof Streams> {
  type: T;
  params: Streams[T];
  /** The same key with the same request is answered once, however often it is sent. */
  key?: string;
}

/** What makes an answer of what came: null where it is none. */
const CHECKS: { [T in keyof Operations]: (answer: unknown) => Operations[T][1] | null } = {
  "threads.get_by_id": answer => {
    const thread = checkedThread(answer);
    return thread && { ...thread, items: checkedPage((answer as { items?: unknown }).items, checkedItem) };
  },
  "threads.list": answer => (isPage(answer) ? checkedPage(answer, checkedThread) : null),
  "threads.update": checkedThread,
  "threads.delete": answer => (isObject(answer) ? {} : null),
  "threads.sync_custom_action": answer => {
    if (!isObject(answer)) return null;
    const item = checkedItem((answer as { updated_item?: unknown }).updated_item);
    return item?.type === "widget" ? { updated_item: item } : {};
  },
  "items.list": answer => (isPage(answer) ? checkedPage(answer, checkedItem) : null),
  "items.feedback": answer => (isObject(answer) ? {} : null),
  "runs.get": checkedRun,
  "runs.cancel": checkedRun,
};

function isObject(answer: unknown): answer is object {
  return typeof answer === "object" && answer !== null;
}

function isPage(answer: unknown): answer is { data: unknown[] } {
  return isObject(answer) && "data" in answer && Array.isArray(answer.data);
}

/** For how long an answer is waited for; not for that to an action, which does whatever it does meanwhile. */
const PATIENCE_MS = 60_000;

export class Api {
  readonly runs = new Runs(this);

  constructor(
    private readonly url: string,
    private readonly fetch: typeof globalThis.fetch,
    private readonly locale: () => string,
  ) {}

  /** The answer to an operation. Throws a Problem, or the signal's reason. */
  async call<T extends keyof Operations>(
    type: T,
    params: Operations[T][0],
    signal?: AbortSignal,
  ): Promise<Operations[T][1]> {
    const signals = signal ? [signal] : [];
    if (type !== "threads.sync_custom_action") signals.push(AbortSignal.timeout(PATIENCE_MS));
    try {
      return await this.answered(type, params, AbortSignal.any(signals));
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof Problem ? error : Problem.network(error);
    }
  }

  private async answered<T extends keyof Operations>(
    type: T,
    params: Operations[T][0],
    signal: AbortSignal,
  ): Promise<Operations[T][1]> {
    const response = await this.send({ type, params }, {}, signal);
    const answer: unknown = await until(response.json(), signal).catch((error: unknown) => {
      if (error instanceof SyntaxError) return null;
      throw error; // it stops half way
    });
    const checked = CHECKS[type](answer);
    if (checked === null)
      throw new Problem("not_a_chat_server", response.status, `${this.url} is no chat server`);
    return checked;
  }

  /** A stream of events, as a response that has begun. Throws a Problem, or the signal's reason. */
  async stream(request: StreamRequest, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: "text/event-stream", "X-ChatKit-Resume": "1" };
    if (request.key !== undefined) headers["Idempotency-Key"] = request.key;
    const response = await this.send({ type: request.type, params: request.params }, headers, signal);
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      void response.body?.cancel().catch(() => undefined);
      throw new Problem("not_a_chat_server", response.status, `No stream of events came from ${this.url}`);
    }
    if (response.headers.has("X-ChatKit-Run-ID")) this.runs.areKnown = true;
    return response;
  }

  private async send(body: object, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const init: RequestInit = {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": this.locale(), ...headers },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    };
    const { fetch } = this; // called as a function: browsers refuse it as a method of something else
    const asked = (async () => fetch(this.url, init))();
    try {
      const response = await until(asked, signal);
      if (response.ok) return response;
      throw await until(Problem.of(response), signal);
    } catch (error) {
      if (signal?.aborted) void asked.then(late => late.body?.cancel()).catch(() => undefined);
      signal?.throwIfAborted();
      throw error instanceof Problem ? error : Problem.network(error);
    }
  }
}
