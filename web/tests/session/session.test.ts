import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StreamEvent } from "../../src/protocol/types";
import { type Asked, json, lost, stream } from "../protocol/server";
import { assistant, done, ended, started, user } from "../state/events";
import { Chat, draft, frames, hurry, OPENED, RUN, said, THREAD } from "./chat";

beforeEach(hurry);
afterEach(() => void vi.unstubAllGlobals());

test("a first message makes a thread, and its answer is shown", async () => {
  const events: StreamEvent[] = [
    started(),
    { type: "thread.created", thread: THREAD as never },
    ...said("hi").slice(1),
  ];
  const chat = new Chat({ "threads.create": stream(frames(events)) });
  chat.session.send(draft("hi"));
  expect(chat.session.state.outgoing[0]?.state).toBe("sending");
  await chat.quiet();
  expect(chat.texts).toEqual(["hi", "re: hi"]);
  expect(chat.session.state).toMatchObject({ threadId: "thr_1", outgoing: [] });
  expect(chat.emitted).toEqual(["response.start", "thread.change", "response.end"]);
});

test("what is written while it answers waits, in order, and can be taken back", async () => {
  let go: () => void = () => undefined;
  const held = new Promise<void>(resolve => {
    go = resolve;
  });
  const answers = [said("one"), said("three")];
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": async asked => {
      if (answers.length === 2) await held;
      return stream(frames(answers.shift() ?? []))(asked);
    },
  });
  await chat.session.openThread("thr_1");
  for (const text of ["one", "two", "three"]) chat.session.send(draft(text));
  expect(chat.session.state.outgoing.map(one => one.state)).toEqual(["sending", "waiting", "waiting"]);
  const [first, second] = chat.session.state.outgoing;
  expect(chat.session.takeBack(first?.key ?? "")).toBeNull();
  expect(chat.session.takeBack(second?.key ?? "")?.input.content).toEqual([
    { type: "input_text", text: "two" },
  ]);
  expect(sessionStorage.length).toBe(1);
  go();
  await vi.waitFor(() => expect(chat.session.state.outgoing).toEqual([]));
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "one", "re: one", "three", "re: three"]);
  expect(sessionStorage.length).toBe(0);
});

test("a message that is refused is there to be sent again, and is stored once", async () => {
  const answers = [json({ code: "thread_locked", detail: "no" }, 409), stream(frames(said("hi")))];
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": asked => (answers.shift() ?? lost())(asked),
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await chat.quiet();
  const [failed] = chat.session.state.outgoing;
  expect(failed).toMatchObject({ state: "failed", problem: { code: "thread_locked" } });
  chat.session.sendAgain(failed?.key ?? "");
  chat.session.sendAgain(failed?.key ?? ""); // somebody clicks twice
  expect(chat.session.state.outgoing[0]?.state).toBe("sending");
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "hi", "re: hi"]);
  const keys = chat.asked
    .filter(({ type }) => type === "threads.add_user_message")
    .map(({ headers }) => headers);
  expect(new Set(keys.map(headers => headers["Idempotency-Key"])).size).toBe(1);
});

test("an answer that goes on when the thread is opened is followed", async () => {
  const chat = new Chat({
    ...OPENED,
    "runs.get": json({ run: RUN }),
    "runs.attach": stream(frames(said("hi"))),
  });
  await chat.session.openThread("thr_1");
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "hi", "re: hi"]);
});

test("a server without runs is not asked for them twice", async () => {
  const { "runs.get": _, ...plain } = OPENED;
  const chat = new Chat(plain);
  await chat.session.openThread("thr_1");
  await chat.session.fetchUpdates();
  expect(chat.asked.filter(({ type }) => type === "runs.get")).toHaveLength(1);
});

test("stop asks the server where it has runs, and else lets go", async () => {
  let cancelled = 0;
  const forever = () => {
    const body = new ReadableStream({
      start: controller =>
        controller.enqueue(new TextEncoder().encode(frames(said("hi").slice(0, 4)).join(""))),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
  const cancel = () => {
    cancelled += 1;
    return json({ run: RUN })({} as Asked);
  };
  const chat = new Chat({ ...OPENED, "threads.add_user_message": forever, "runs.cancel": cancel });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.texts).toEqual(["before", "hi", "re: hi"]));
  await chat.session.stop();
  expect(cancelled).toBe(1);
  expect(chat.asked.at(-1)?.params).toEqual({ thread_id: "thr_1", run_id: "run_1" });
});

test("a client tool is called, and its result answered; one that throws is an error result", async () => {
  const call = {
    type: "client_tool_call" as const,
    id: "c",
    thread_id: "thr_1",
    created_at: "",
    status: "pending" as const,
    call_id: "call",
    name: "look",
    arguments: { where: "here" },
  };
  const results: unknown[] = [];
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": stream(frames([started(), done(user("u", "hi")), done(call), ended()])),
    "threads.add_client_tool_output": asked => {
      results.push(asked.params.result);
      const completed = { ...call, status: "completed" as const };
      return stream(frames([started(), done(completed), done(assistant("b", "seen")), ended()]))(asked);
    },
  });
  await chat.session.openThread("thr_1");
  chat.tool = async () => Promise.reject(new Error("too dark"));
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.texts).toContain("seen"));
  await chat.quiet();
  expect(results).toEqual([{ error: "too dark" }]);
  expect(chat.emitted.filter(name => name.startsWith("response"))).toEqual([
    "response.start",
    "response.end",
    "response.start",
    "response.end",
  ]);
});

test("another thread is shown at once, and the first one's answer no more", async () => {
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": () => new Promise<Response>(() => undefined),
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await chat.session.openThread(null);
  expect(chat.session.state).toMatchObject({ threadId: null, responding: false, outgoing: [] });
  expect(chat.texts).toEqual([]);
});

test("a thread that cannot be loaded says why, and can be tried again", async () => {
  const answers = [json({ code: "internal", detail: "Error" }, 500), OPENED["threads.get_by_id"]];
  const chat = new Chat({ ...OPENED, "threads.get_by_id": asked => (answers.shift() ?? lost())(asked) });
  await expect(chat.session.openThread("thr_1")).rejects.toMatchObject({ code: "internal" });
  expect(chat.session.state.loadProblem?.status).toBe(500);
  await chat.session.fetchUpdates();
  expect(chat.session.state.loadProblem).toBeNull();
  expect(chat.texts).toEqual(["before"]);
});

test("a verdict that is not stored is taken back", async () => {
  const chat = new Chat({ ...OPENED, "items.feedback": json({ code: "internal", detail: "" }, 500) });
  await chat.session.openThread("thr_1");
  const sent = chat.session.sendFeedback(["a"], "positive");
  expect(chat.session.state.feedback.get("a")).toBe("positive");
  await sent;
  expect(chat.session.state.feedback.size).toBe(0);
});
