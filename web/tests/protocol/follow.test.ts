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

const HAS_RUNS = json({ code: "run_not_found", detail: "none" }, 404);

test("a request that was never answered is sent again under its key", async () => {
  const later = json({ code: "overloaded", detail: "later" }, 503);
  const server = new FakeServer([lost(), HAS_RUNS, later, stream(FRAMES)]);
  const { events, interrupted } = await followed(server);
  expect(events).toEqual(EVENTS);
  expect(interrupted.map(problem => problem.code)).toEqual(["network", "overloaded"]);
  const sent = server.asked.filter(({ type }) => type === REQUEST.type);
  expect(sent.map(({ headers }) => headers["Idempotency-Key"])).toEqual(["key_1", "key_1", "key_1"]);
});

test("a server that knows no runs, and so no keys, gets it once", async () => {
  for (const status of [400, 404, 422, 500]) {
    const server = new FakeServer([lost(), json({ detail: [] }, status), stream(FRAMES)]);
    const { events, error } = await followed(server);
    expect(events).toEqual([]);
    expect(error).toMatchObject({ code: "network" });
    expect(server.asked.map(({ type }) => type)).toEqual([REQUEST.type, "runs.get"]);
  }
});

test("as long as nobody knows whether the server keeps keys, nothing is sent again", async () => {
  const busy = () => new Response("<h1>502</h1>", { status: 502 });
  const server = new FakeServer([lost(), lost(), busy, lost(), HAS_RUNS, stream(FRAMES)]);
  expect((await followed(server)).events).toEqual(EVENTS);
  const asked = ["runs.get", "runs.get", "runs.get", "runs.get"];
  expect(server.asked.map(({ type }) => type)).toEqual([REQUEST.type, ...asked, REQUEST.type]);
});

test("what cannot have left, because the browser was offline, goes to any server", async () => {
  const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  const back = () => {
    online.mockReturnValue(true);
    return Promise.reject(new TypeError("Failed to fetch"));
  };
  const plain = [done(assistant("a", "1"))];
  const server = new FakeServer([lost(), back, stream(plain.map(event => frame(event)))]);
  expect((await followed(server)).events).toEqual(plain);
  online.mockRestore();
});

test("a stream that ends before it says anything is no answer", async () => {
  const server = new FakeServer([stream([": ping\n\n"]), HAS_RUNS, stream([]), stream(FRAMES)]);
  expect((await followed(server)).events).toEqual(EVENTS);
  const official = new FakeServer([stream([]), json({ detail: [] }, 422)]);
  expect((await followed(official)).error).toMatchObject({ code: "network" });
});

test("a run that is attached to is asked for until it answers", async () => {
  const server = new FakeServer([lost(), () => new Response("", { status: 502 }), stream(FRAMES)]);
  const attach = { type: "runs.attach" as const, params: { thread_id: "thr_1", run_id: "run_1" } };
  expect((await followed(server, attach)).events).toEqual(EVENTS);
  expect(server.asked.map(({ type }) => type)).toEqual(["runs.attach", "runs.attach", "runs.attach"]);
});

test("a server that asks for a while gets it, within reason, and for nothing too", async () => {
  for (const [asked, least, most] of [
    ["0", 100, 400],
    ["-5", 100, 400],
    ["2", 2000, 2000],
    ["99999999999", 60_000, 60_000],
    ["soon", 100, 400],
  ] as const) {
    const waited: number[] = [];
    vi.stubGlobal("setTimeout", (call: () => void, ms: number) => {
      waited.push(ms);
      return inTime(call, 0);
    });
    const later = json({ code: "overloaded", detail: "later" }, 503, { "Retry-After": asked });
    await followed(new FakeServer([later, HAS_RUNS, stream([FRAMES[0] ?? "", FRAMES[4] ?? ""])]));
    expect(waited[0]).toBeGreaterThanOrEqual(least);
    expect(waited[0]).toBeLessThanOrEqual(most);
  }
});

test("a mistake of the page's own is no lost connection", async () => {
  const server = new FakeServer([stream(FRAMES)]);
  const cyclic: Record<string, unknown> = {};
  cyclic.itself = cyclic;
  const params = { thread_id: "thr_1", action: { type: "a", payload: cyclic } };
  const { error, interrupted } = await followed(server, {
    type: "threads.custom_action",
    params,
    key: "key_1",
  });
  expect(error).toBeInstanceOf(TypeError);
  expect(interrupted).toEqual([]);
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
