/** A response's body as events. */

import { EventSourceParserStream } from "eventsource-parser/stream";
import { checkedEvent } from "./check";
import { Problem } from "./problem";
import type { StreamEvent } from "./types";

export interface Frame {
  /** Its offset, where the stream can be resumed. */
  id: string | null;
  event: StreamEvent;
}

/** A server that can be resumed says something every 15 s. */
const SILENCE_MS = 40_000;

/**
 * The events of a stream. What is no event is left out, and `onMalformed` is told. Ends where the response does; throws a
 * Problem where the connection is lost, and where nothing comes for long from a server that would say something.
 */
export async function* frames(
  response: Response,
  onMalformed: (data: string) => void,
  signal?: AbortSignal,
): AsyncGenerator<Frame> {
  if (response.body === null) return;
  const watched = watchSilence(response.body, signal);
  const reader = watched
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      const event = parsed(value.data, value.event);
      if (event === null) onMalformed(value.data);
      else yield { id: value.id ?? null, event };
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Problem ? error : Problem.network(error);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** An event of any type: what this client does not know yet is for its readers to leave alone. */
function parsed(data: string, name: string | undefined): StreamEvent | null {
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event !== "object" || event === null || Array.isArray(event)) return null;
    const type = "type" in event ? event.type : name;
    return typeof type === "string" ? checkedEvent(type, { ...event }) : null;
  } catch {
    return null;
  }
}

/** Fails where no byte comes for long; heartbeats are bytes, and no events. Only once there was one: others are silent. */
function watchSilence(body: ReadableStream<Uint8Array>, signal?: AbortSignal): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let beats = false;
  const watch = (controller: TransformStreamDefaultController<Uint8Array>) => {
    clearTimeout(timer);
    if (beats) timer = setTimeout(() => controller.error(Problem.network("silence")), SILENCE_MS);
  };
  signal?.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      start: watch,
      transform(chunk, controller) {
        beats ||= chunk[0] === COLON || includesId(chunk);
        watch(controller);
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    }),
  );
}

const COLON = 0x3a;

function includesId(chunk: Uint8Array): boolean {
  return new TextDecoder().decode(chunk.subarray(0, 256)).includes("id:");
}
