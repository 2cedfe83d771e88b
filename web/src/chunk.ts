/** Code that is fetched when there is nothing else to do, or when it is needed. */

const IDLE_MS = 2000;

export class Chunk {
  private loading: Promise<unknown> | undefined;

  constructor(private readonly fetch: () => Promise<unknown>) {}

  /** Rejects where it cannot be fetched; then it can be tried again. */
  load(): Promise<unknown> {
    this.loading ??= this.fetch().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    return this.loading;
  }

  /** The server may be gone when it is needed. */
  preload(): void {
    const load = (): void => void this.load().catch(() => undefined);
    if (typeof requestIdleCallback === "function") requestIdleCallback(load, { timeout: IDLE_MS });
    else setTimeout(load, IDLE_MS);
  }
}
