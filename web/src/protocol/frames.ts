/** A response's body as events. */

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { until } from "../time";
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

/** How much of one frame is waited for, in characters: images come in frames, too. */
const LONGEST_FRAME = 32 * 1024 * 1024;

/**
 * The events of a stream. What is no event is left out, and `onMalformed` is told. Ends where the response does; throws a
 * Problem where the connection is lost, where a frame has no end, and where nothing comes for long from a server that
 * would say something. Throws the signal's reason as soon as there is one.
 */
export async function* frames(
  response: Response,
  onMalformed: (data: string) => void,
  signal?: AbortSignal,
): AsyncGenerator<Frame> {
  try {
    for await (const { id, data, event: name } of messages(response, signal)) {
      const event = parsed(data, name);
      if (event === null) onMalformed(data);
      else yield { id: id ?? null, event };
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Problem ? error : Problem.network(error);
  }
}

async function* messages(response: Response, signal?: AbortSignal): AsyncGenerator<EventSourceMessage> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const parser = new Parser();
  try {
    while (reader) {
      const { done, value } = await until(parser.beats ? inTime(reader.read()) : reader.read(), signal);
      if (done) return;
      for (const message of parser.messages(decoder.decode(value, { stream: true }))) {
        yield message;
        signal?.throwIfAborted();
      }
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}

class Parser {
  /** Whether the server says that it is there when it has nothing to say: others are silent for as long as they think. */
  beats = false;
  private read: EventSourceMessage[] = [];
  private readonly parser = createParser({
    maxBufferSize: LONGEST_FRAME,
    onComment: () => {
      this.beats = true;
    },
    onEvent: message => {
      this.beats ||= message.id !== undefined;
      this.read.push(message);
    },
    onError: error => {
      if (error.type !== "max-buffer-size-exceeded") return;
      throw new Problem("not_a_chat_server", 200, "A frame has no end");
    },
  });

  /** Those that are whole with this. */
  messages(text: string): EventSourceMessage[] {
    this.read = [];
    this.parser.feed(text);
    return this.read;
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Problem.network("silence")), SILENCE_MS);
  });
  return await Promise.race([promise, silence]).finally(() => clearTimeout(timer));
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
