/** What waits for the answer that is being written: an action of a widget, as a message does. */

interface Waiting {
  begin(): void;
  give(reason: unknown): void;
}

export class Line {
  private waiting: Waiting[] = [];

  /** Does it at once, or when its turn comes. Rejects where that never comes. */
  async turn<T>(waits: boolean, begin: () => Promise<T>): Promise<T> {
    if (!waits) return await begin();
    return await new Promise<T>((resolve, reject) => {
      this.waiting.push({ begin: () => void begin().then(resolve, reject), give: reject });
    });
  }

  /** Whether there was one, which has begun now. */
  next(): boolean {
    const next = this.waiting.shift();
    next?.begin();
    return next !== undefined;
  }

  /** Nobody's turn comes any more. */
  leave(reason: unknown): void {
    for (const { give } of this.waiting.splice(0)) give(reason);
  }
}
