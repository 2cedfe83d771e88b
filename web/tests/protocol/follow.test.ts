import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Api } from "../../src/protocol/api";
import { follow } from "../../src/protocol/follow";
import type { Problem } from "../../src/protocol/problem";
import type { StreamEvent } from "../../src/protocol/types";
import { assistant, done, ended, started } from "../state/events";
import { FakeServer, frame, json, lost, stream } from "./server";

const REQUEST = {
  type: "threads.add_user_message" as const,
  params: { thread_id: "thr_1", input: { content: [], attachments: [], inference_options: {} } },
  key: "key_1",
};
const EVENTS = [
  started(),
  done(assistant("a", "1")),
  done(assistant("b", "2")),
  done(assistant("c", "3")),
  ended(),
];
const FRAMES = EVENTS.map((event, index) => frame(event, `1-${index + 1}`));

/** Pauses take no time; the patience with a silent server does. */
const inTime = globalThis.setTimeout;
beforeEach(() => {
  vi.stubGlobal("setTimeout", (call: () => void, ms: number) => inTime(call, ms > 20_000 ? ms : 0));
});
afterEach(() => void vi.unstubAllGlobals());

async function followed(
  server: FakeServer,
  request: Parameters<typeof follow>[1] = REQUEST,
): Promise<{ events: StreamEvent[]; interrupted: Problem[]; malformed: string[]; error: unknown }> {
  const [events, interrupted, malformed] = [[] as StreamEvent[], [] as Problem[], [] as string[]];
  const listener = {
    onInterrupted: (problem: Problem) => void interrupted.push(problem),
    onConnected: () => undefined,
    onMalformed: (data: string) => void malformed.push(data),
  };
  const api = new Api("/chatkit", server.fetch, () => "en");
  let error: unknown = null;
  try {
    for await (const { event } of follow(api, request, listener, new AbortController().signal))
      events.push(event);
  } catch (failure) {
    error = failure;
  }
  return { events, interrupted, malformed, error };
}

test("one connection that holds is one request", async () => {
  const server = new FakeServer([stream(FRAMES)]);
  expect((await followed(server)).events).toEqual(EVENTS);
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]?.headers).toMatchObject({ "X-ChatKit-Resume": "1", "Idempotency-Key": "key_1" });
});

test("wherever connections are lost, each event comes once and in order", async () => {
  for (let first = 1; first < FRAMES.length; first += 1) {
    for (let second = first; second < FRAMES.length; second += 1) {
      const server = new FakeServer([
        stream(FRAMES.slice(0, first), true),
        lost(),
        stream(FRAMES.slice(first, second), second % 2 === 0),
        stream(FRAMES.slice(second)),
      ]);
      const { events, error } = await followed(server);
      expect(error).toBeNull();
      expect(events).toEqual(EVENTS);
      expect(server.asked.slice(1).map(({ type }) => type)).toEqual([
        "runs.attach",
        "runs.attach",
        "runs.attach",
      ]);
      expect(server.asked.at(-1)?.params).toEqual({
        thread_id: "thr_1",
        run_id: "run_1",
        after: `1-${second}`,
      });
    }
  }
});

test("a request that was never answered is sent again under its key", async () => {
  const server = new FakeServer([lost(), json({ code: "overloaded", detail: "later" }, 503), stream(FRAMES)]);
  const { events, interrupted } = await followed(server);
  expect(events).toEqual(EVENTS);
  expect(interrupted.map(problem => problem.code)).toEqual(["network", "overloaded"]);
  expect(server.asked.map(({ headers }) => headers["Idempotency-Key"])).toEqual(["key_1", "key_1", "key_1"]);
});

test("what the server refuses is not asked again", async () => {
  const server = new FakeServer([json({ code: "thread_locked", detail: "It is locked" }, 409)]);
  const { error } = await followed(server);
  expect(error).toMatchObject({ code: "thread_locked", status: 409, message: "It is locked" });
});

test("a server that cannot be resumed is followed as far as it goes", async () => {
  const plain = [done(assistant("a", "1")), done(assistant("b", "2"))];
  const server = new FakeServer([stream(plain.map(event => frame(event)))]);
  expect((await followed(server)).events).toEqual(plain);
});

test("an offset that the server never had is asked for without", async () => {
  const server = new FakeServer([
    stream(FRAMES.slice(0, 3), true),
    json({ code: "invalid_request", detail: "no" }, 422),
    stream(FRAMES),
  ]);
  const { events } = await followed(server);
  expect(events).toEqual([...EVENTS.slice(0, 3), ...EVENTS]);
  expect(server.asked.at(-1)?.params).toEqual({ thread_id: "thr_1", run_id: "run_1" });
});

test("what is no event is left out and said", async () => {
  const odd = [
    "data: {\n\n",
    "data: 7\n\n",
    'data: {"type": 3}\n\n',
    ": ping\n\n",
    "data: [1]\n\n",
    "data: <html>\n\n",
  ];
  const server = new FakeServer([stream([FRAMES[0] ?? "", ...odd, ...FRAMES.slice(1)])]);
  const { events, malformed } = await followed(server);
  expect(events).toEqual(EVENTS);
  expect(malformed).toEqual(["{", "7", '{"type": 3}', "[1]", "<html>"]);
});

test("a page of HTML instead of a stream is said to be no chat server", async () => {
  const server = new FakeServer([() => new Response("<html>", { headers: { "Content-Type": "text/html" } })]);
  expect((await followed(server)).error).toMatchObject({ code: "not_a_chat_server" });
});

test("an answer of a server that knows no runs is not asked for twice when its connection is lost", async () => {
  const server = new FakeServer([stream([frame(done(assistant("a", "1")))], true)]);
  const { events, error } = await followed(server);
  expect(events).toHaveLength(1);
  expect(error).toMatchObject({ code: "network" });
  expect(server.asked).toHaveLength(1);
});
