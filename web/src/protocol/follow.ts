/**
 * Follows a run to its end, whatever becomes of connections: after each loss it asks for what came after the last event
 * that it has. A server that cannot be resumed (the official SDK's) is followed as far as its one response goes.
 */

import type { Api, StreamRequest, Streams } from "./api";
import { type Frame, frames } from "./frames";
import { Problem } from "./problem";

export interface Listener {
  /** Nothing comes now, and it tries again. */
  onInterrupted(problem: Problem): void;
  onConnected(): void;
  onMalformed(data: string): void;
}

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 10_000;
/** However long a server asks to be left alone. */
const LONGEST_WAIT_MS = 60_000;

/** For how long a request that was never answered is tried, while the browser says that it is online. */
const SEND_PATIENCE_MS = 60_000;

interface Place {
  threadId: string;
  runId: string;
  offset: string | null;
}

/** The frames of the run that a request begins or attaches to. Throws a Problem, or the signal's reason. */
export function follow(
  api: Api,
  request: StreamRequest,
  listener: Listener,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  return new Following(api, request, listener, signal).frames();
}

class Following {
  private place: Place | null;
  private hasEnded = false;
  /** Something of the answer has come: the request is not to be sent again. */
  private hasBegun = false;
  /** Whether the request, as it was sent last, may have arrived. */
  private hasLeft = false;
  private pauses = 0;
  /** When it was first lost. */
  private since: number | null = null;

  constructor(
    private readonly api: Api,
    private readonly request: StreamRequest,
    private readonly listener: Listener,
    private readonly signal: AbortSignal,
  ) {
    this.place = placeOf(request);
  }

  async *frames(): AsyncGenerator<Frame> {
    while (!this.hasEnded) {
      try {
        yield* this.connection();
      } catch (error) {
        this.signal.throwIfAborted();
        if (!(error instanceof Problem)) throw error; // a mistake of this page's
        await this.recover(error);
      }
    }
  }

  /** What comes over one connection. */
  private async *connection(): AsyncGenerator<Frame> {
    this.hasLeft = navigator.onLine;
    const response = await this.api.stream(
      this.place === null ? this.request : attach(this.place),
      this.signal,
    );
    this.listener.onConnected();
    for await (const frame of frames(response, this.listener.onMalformed, this.signal)) {
      const { offset = null } = this.place ?? {};
      this.place = after(this.place, frame);
      if (this.place?.offset !== offset) this.pauses = 0; // there is something new
      this.hasBegun = true;
      this.hasEnded = frame.event.type === "run.ended";
      yield frame;
      if (this.hasEnded) return;
    }
    if (this.place !== null) throw Problem.network("the stream ends before its run does");
    if (!this.hasBegun) throw Problem.network("the stream ends before it says anything");
    this.hasEnded = true; // it cannot be resumed, and has said all that it says
  }

  /** Waits until it can be asked again. Throws the problem where it cannot. */
  private async recover(problem: Problem): Promise<void> {
    if (this.place !== null && this.place.offset !== null && problem.code === "invalid_request") {
      this.place = { ...this.place, offset: null }; // the server knows another past: all of it again
      return;
    }
    let isRepeatable = false;
    while (!isRepeatable) {
      if (!problem.isTemporary || this.isTooLate()) throw problem;
      this.listener.onInterrupted(problem);
      isRepeatable = await this.isRepeatable(problem);
      await pause(problem.retryAfter, this.pauses, this.signal);
      this.pauses += 1;
    }
  }

  /** Whether what is asked again is done once. Throws the problem where it never is; false: that is not known yet. */
  private async isRepeatable(problem: Problem): Promise<boolean> {
    if (this.place !== null || (problem.status === 0 && !this.hasLeft)) return true;
    const { params } = this.request;
    const keepKeys = await this.api.runs.keepKeys(
      "thread_id" in params ? params.thread_id : "new",
      this.signal,
    );
    if (keepKeys === false) throw problem;
    return keepKeys === true;
  }

  /** Whether to give up a request that was not answered: whoever sent it should know. A run is never given up. */
  private isTooLate(): boolean {
    if (this.place !== null) return false;
    if (this.hasBegun || this.request.key === undefined) return true;
    const now = performance.now();
    if (this.since === null || !navigator.onLine) this.since = now;
    return now - this.since > SEND_PATIENCE_MS;
  }
}

/** A run that is attached to is known before it says anything. */
function placeOf({ type, params }: StreamRequest): Place | null {
  if (type !== "runs.attach") return null;
  const { thread_id: threadId, run_id: runId, after } = params as Streams["runs.attach"];
  return { threadId, runId, offset: after ?? null };
}

function attach({ threadId, runId, offset }: Place): StreamRequest<"runs.attach"> {
  const params = { thread_id: threadId, run_id: runId, ...(offset === null ? {} : { after: offset }) };
  return { type: "runs.attach", params };
}

function after(place: Place | null, { id, event }: Frame): Place | null {
  switch (event.type) {
    case "run.started":
      return { threadId: event.thread_id, runId: event.run_id, offset: id };
    case "run.snapshot":
      return { threadId: event.thread_id, runId: event.run_id, offset: event.last_event_id };
    default:
      return place === null || id === null ? place : { ...place, offset: id };
  }
}

/** Longer each time, with some chance in it; it is over at once when the browser is online again, or is looked at. */
async function pause(retryAfter: number | null, pauses: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pauses);
  const own = longest * (0.5 + Math.random() / 2);
  const ms = Math.max(own, Math.min((retryAfter ?? 0) * 1000, LONGEST_WAIT_MS));
  const woken = new AbortController();
  const wake = () => woken.abort();
  await new Promise<void>(resolve => {
    const until = { once: true, signal: woken.signal };
    woken.signal.addEventListener("abort", () => resolve(), { once: true });
    globalThis.addEventListener("online", wake, until);
    document.addEventListener("visibilitychange", wake, until);
    signal.addEventListener("abort", wake, until);
    setTimeout(wake, ms);
  });
  signal.throwIfAborted();
}
