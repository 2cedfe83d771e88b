/** A server in the page: answers requests by a script, in order. */

export interface Asked {
  type: string;
  params: Record<string, unknown>;
  headers: Record<string, string>;
}

export type Answer = (asked: Asked) => Response | Promise<Response>;

export class FakeServer {
  readonly asked: Asked[] = [];

  constructor(private readonly answers: Answer[]) {}

  readonly fetch: typeof globalThis.fetch = async (_url, init) => {
    init?.signal?.throwIfAborted();
    const { type, params } = JSON.parse(String(init?.body));
    const asked: Asked = { type, params, headers: { ...(init?.headers as Record<string, string>) } };
    this.asked.push(asked);
    const answer = this.answers.shift();
    if (answer === undefined) throw new TypeError("no answer is left");
    return await answer(asked);
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return () =>
    new Response(JSON.stringify(body), {
      status,
      headers: { "Content-Type": "application/json", ...headers },
    });
}

/** A stream of these frames; `cut`: then the connection is lost. */
export function stream(frames: readonly string[], cut = false): Answer {
  return () => {
    const chunks = frames.map(frame => new TextEncoder().encode(frame));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk !== undefined) controller.enqueue(chunk);
        else if (cut) controller.error(new TypeError("network error"));
        else controller.close();
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
}

export function lost(): Answer {
  return () => Promise.reject(new TypeError("Failed to fetch"));
}

export function frame(event: { type: string }, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}
