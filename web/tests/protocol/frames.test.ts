import { afterEach, expect, test, vi } from "vitest";
import { type Frame, frames } from "../../src/protocol/frames";
import { assistant, delta, done } from "../state/events";
import { frame } from "./server";

const inTime = globalThis.setTimeout;
afterEach(() => void vi.unstubAllGlobals());

/** A response that goes on when it is told to, and never ends by itself. */
function open(): { response: Response; say(text: string): void } {
  let say: (text: string) => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      say = text => controller.enqueue(new TextEncoder().encode(text));
    },
  });
  return { response: new Response(body), say: text => say(text) };
}

async function read(response: Response, signal?: AbortSignal): Promise<{ frames: Frame[]; error: unknown }> {
  const [read, ignored] = [[] as Frame[], () => undefined];
  try {
    for await (const one of frames(response, ignored, signal)) read.push(one);
    return { frames: read, error: null };
  } catch (error) {
    return { frames: read, error };
  }
}

/** Patience with a silent server is a moment. */
function impatient(): void {
  vi.stubGlobal("setTimeout", (call: () => void, ms: number) => inTime(call, ms > 20_000 ? 15 : ms));
}

test.each([": ping\n\n", frame(done(assistant("a", "x")), "1-1")])(
  "a server that says that it is there is missed when it does not: %j",
  async beat => {
    impatient();
    const { response, say } = open();
    say(beat);
    expect((await read(response)).error).toMatchObject({ code: "network" });
  },
);

test("one that never does is waited for, whatever words it says", async () => {
  impatient();
  const { response, say } = open();
  const leaving = new AbortController();
  const reading = read(response, leaving.signal);
  say(frame(delta("a", "He paid: 5, id: 7")));
  await new Promise(resolve => inTime(resolve, 60));
  say(frame(delta("a", "and left")));
  await new Promise(resolve => inTime(resolve, 10));
  leaving.abort();
  const { frames, error } = await reading;
  expect(frames).toHaveLength(2);
  expect(error).toBe(leaving.signal.reason);
});

test("leaving needs no server that lets go, and nothing that came already is read then", async () => {
  const { response, say } = open();
  const leaving = new AbortController();
  say(frame(delta("a", "1")) + frame(delta("a", "2")));
  const seen: Frame[] = [];
  const reading = (async () => {
    for await (const one of frames(response, () => undefined, leaving.signal)) {
      seen.push(one);
      leaving.abort();
    }
  })();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  expect(seen).toHaveLength(1);
});

test("a frame without an end is not waited for", async () => {
  const chunk = new Uint8Array(4 * 1024 * 1024).fill(0x61);
  let given = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(given === 0 ? new TextEncoder().encode("data: ") : chunk);
      given += 1;
    },
  });
  expect((await read(new Response(body))).error).toMatchObject({ code: "not_a_chat_server" });
  expect(given).toBeLessThan(20);
});

test("letters that are cut in the middle are whole", async () => {
  const bytes = new TextEncoder().encode(frame(delta("a", "Grüße 🙂")));
  const pieces = [...bytes].map(byte => new Uint8Array([byte]));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  const whole = await read(new Response(body));
  expect(whole.frames).toEqual([{ id: null, event: delta("a", "Grüße 🙂") }]);
});
