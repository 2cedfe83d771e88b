/** Whether a server has runs: ours has, and keeps keys with them; the official SDK's endpoint knows neither. */

import type { Api } from "./api";
import { Problem } from "./problem";

/** Answers that come from what is before a server, too, or are for later: they tell nothing of it. */
const UNTOLD = new Set([0, 200, 401, 403, 429, 502, 503, 504]);

export class Runs {
  /** Null: nothing has told yet. */
  areKnown: boolean | null = null;

  constructor(private readonly api: Api) {}

  /** The id of the run that goes on in a thread, if one does, and the server says so. Throws the signal's reason. */
  async current(threadId: string, signal: AbortSignal): Promise<string | null> {
    if (this.areKnown === false) return null;
    try {
      const { run } = await this.api.call("runs.get", { thread_id: threadId }, signal);
      this.areKnown = true;
      return run.status === "queued" || run.status === "running" ? run.id : null;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Problem) this.learn(error);
      return null;
    }
  }

  /** Whether the same key is answered once; asks, where that is not known. Null: it cannot be asked now. */
  async keepKeys(threadId: string, signal: AbortSignal): Promise<boolean | null> {
    if (this.areKnown === null) await this.current(threadId, signal);
    return this.areKnown;
  }

  private learn({ code, status }: Problem): void {
    if (code === "run_not_found" || code === "thread_not_found") this.areKnown = true;
    else if (!UNTOLD.has(status) && code !== "internal") this.areKnown ??= false;
  }
}
