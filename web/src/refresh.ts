/** Asks for what is new whenever somebody comes back to the page, or the browser is online again. */

const AT_MOST_EVERY_MS = 5000;

export class Refresh {
  private last = Number.NEGATIVE_INFINITY;
  private until: AbortController | null = null;

  constructor(private readonly refresh: () => Promise<void>) {}

  begin(): void {
    this.end();
    this.until = new AbortController();
    const { signal } = this.until;
    document.addEventListener("visibilitychange", this.onBack, { signal });
    globalThis.addEventListener("online", this.onBack, { signal });
  }

  end(): void {
    this.until?.abort();
    this.until = null;
  }

  private readonly onBack = (): void => {
    const now = performance.now();
    if (document.visibilityState === "hidden" || now - this.last < AT_MOST_EVERY_MS) return;
    this.last = now;
    this.refresh().catch(() => undefined); // the next time, then
  };
}
