/** What the parts of a session share: the state, the server, the page. */

import type { Api } from "../protocol/api";
import { Problem } from "../protocol/problem";
import type { StreamEvent } from "../protocol/types";
import { sayProblem } from "../remarks";
import { type ChatState, NOTHING_YET } from "../state/chat";
import { type LocalEvent, reduce } from "../state/conversation";

/** What a chat asks and tells the page that it is on. */
export interface Host {
  emit(name: string, detail?: unknown): void;
  callClientTool(call: { name: string; params: Record<string, unknown> }): Promise<unknown>;
}

export class Room {
  state: ChatState = NOTHING_YET;
  /** Of what belongs to the thread that is shown: aborted when another one is. */
  here = new AbortController();
  private readonly listeners = new Set<() => void>();
  private isClosed = false;

  constructor(
    readonly api: Api,
    readonly url: string,
    readonly host: Host,
  ) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Nothing is said to anybody any more, whatever still comes. */
  close(): void {
    this.isClosed = true;
    this.here.abort();
    this.listeners.clear();
  }

  set(change: Partial<ChatState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  dispatch(event: StreamEvent | LocalEvent): void {
    const conversation = reduce(this.state.conversation, event);
    if (conversation !== this.state.conversation) this.set({ conversation });
  }

  emit(name: string, detail?: unknown): void {
    if (!this.isClosed) this.host.emit(name, detail);
  }

  readonly report = (error: unknown): void => {
    const problem = problemOf(error);
    sayProblem(problem);
    this.emit("error", { error: problem });
  };
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem("client", 0, error instanceof Error ? error.message : String(error));
}
