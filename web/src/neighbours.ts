/** Other tabs of this browser that show the same thread: each tells the others when something begins or changes there. */

interface News {
  threadId: string;
  /** A run that has begun; null: the thread has changed. */
  runId: string | null;
}

export class Neighbours {
  private readonly channel: BroadcastChannel | null;

  constructor(url: string, onNews: (news: News) => void) {
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(`chatkit ${url}`);
    this.channel?.addEventListener("message", ({ data }: MessageEvent<News>) => onNews(data));
  }

  tell(news: News): void {
    this.channel?.postMessage(news);
  }

  close(): void {
    this.channel?.close();
  }
}
