import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StreamEvent } from "../../src/protocol/types";
import { type Answer, json, lost } from "../protocol/server";
import { assistant, done, ended, started } from "../state/events";
import { Chat, draft, frames, Held, hurry, NO_RUNS, OPENED, RUN, said } from "./chat";

beforeEach(hurry);
afterEach(() => void vi.unstubAllGlobals());

async function sent(answers: Record<string, Answer> = {}): Promise<{ chat: Chat; held: Held }> {
  const held = new Held();
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": held.answer,
    "runs.cancel": json({ run: RUN }),
    ...answers,
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
  return { chat, held };
}

const CALL = {
  type: "client_tool_call" as const,
  id: "c",
  thread_id: "thr_1",
  created_at: "",
  status: "pending" as const,
  call_id: "call",
  name: "look",
  arguments: {},
};

const [STARTED = "", ...SAID] = frames(said("hi"));

test("before the answer begins stops it when it does", async () => {
  const { chat, held } = await sent();
  await chat.session.stop();
  expect(chat.session.state.responding).toBe(true);
  held.say([STARTED]);
  await vi.waitFor(() => expect(chat.times("runs.cancel")).toBe(1));
  held.say(SAID);
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "hi", "re: hi"]);
});

test("of a server without runs, too: what is stored is there, and nothing is read any more", async () => {
  const { chat, held } = await sent(NO_RUNS);
  await chat.session.stop();
  held.say(SAID.slice(0, 1));
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "hi"]);
  expect(chat.session.state.outgoing).toEqual([]);
  expect(chat.times("runs.cancel")).toBe(0);
});

test("twice lets a silent server go, and the message is there to be sent again", async () => {
  const { chat } = await sent();
  await chat.session.stop();
  await chat.session.stop();
  await chat.quiet();
  expect(chat.session.state.outgoing).toMatchObject([{ state: "failed", problem: null }]);
  expect(chat.errors).toEqual([]);
});

test("while nothing can be reached gives up at once", async () => {
  const { chat } = await sent({ "threads.add_user_message": lost(), "runs.get": lost() });
  await vi.waitFor(() => expect(chat.session.state.interrupted).not.toBeNull());
  await chat.session.stop();
  await chat.quiet();
  expect(chat.session.state.outgoing).toMatchObject([{ state: "failed" }]);
});

test("that does not arrive is said again when the server is there again", async () => {
  const cancels: Answer[] = [lost(), json({ run: RUN })];
  const rest = new Held();
  const { chat, held } = await sent({
    "runs.cancel": asked => (cancels.shift() ?? lost())(asked),
    "runs.attach": rest.answer,
  });
  held.say([STARTED, ...SAID.slice(0, 2)]);
  await vi.waitFor(() => expect(chat.texts).toContain("hi"));
  held.lose();
  await vi.waitFor(() => expect(chat.times("runs.attach")).toBe(1));
  await chat.session.stop();
  expect(chat.times("runs.cancel")).toBe(1);
  rest.say(SAID.slice(2, 3));
  await vi.waitFor(() => expect(chat.times("runs.cancel")).toBe(2));
  rest.say(SAID.slice(3));
  await chat.quiet();
});

test("ends a client tool that never does, and what waits goes on", async () => {
  const { chat, held } = await sent();
  let calls = 0;
  chat.tool = () => {
    calls += 1;
    return new Promise(() => undefined);
  };
  held.say([...frames([started(), done(CALL)]), SAID.at(-1) ?? ""]);
  await vi.waitFor(() => expect(calls).toBe(1));
  expect(chat.session.state.responding).toBe(true);
  await chat.session.fetchUpdates();
  expect(chat.times("items.list")).toBe(1);
  await chat.session.stop();
  await chat.quiet();
  expect(chat.times("threads.add_client_tool_output")).toBe(0);
  chat.session.send(draft("again"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(2));
});

test("before anything was said of a retry leaves what there was", async () => {
  const { chat, held } = await sent({ "threads.retry_after_item": () => new Promise(() => undefined) });
  held.say([STARTED, ...SAID]);
  await chat.quiet();
  chat.session.retry();
  expect(chat.texts).toEqual(["before", "hi"]);
  await chat.session.stop();
  await chat.session.stop();
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "hi", "re: hi"]);
  expect(chat.session.state.conversation.items.at(-1)).toEqual(assistant("a-hi", "re: hi"));
});

test("leaves a client tool alone that the answer had called", async () => {
  const failed: StreamEvent = { type: "error", code: "stream.error", allow_retry: true };
  const cancelled: StreamEvent = { type: "run.ended", run_id: "run_1", status: "cancelled" };
  for (const last of [cancelled, failed]) {
    const { chat, held } = await sent();
    let calls = 0;
    chat.tool = async () => {
      calls += 1;
    };
    held.say(frames([started(), done(CALL), last, ended()]));
    await chat.quiet();
    expect(calls).toBe(0);
  }
  const { chat, held } = await sent(NO_RUNS);
  let calls = 0;
  chat.tool = async () => {
    calls += 1;
  };
  held.say(frames([done(CALL)]));
  await vi.waitFor(() => expect(chat.texts).toContain("client_tool_call"));
  await chat.session.stop();
  await chat.quiet();
  expect(calls).toBe(0);
});

test("that fails when the answer has ended stops no other one", async () => {
  let fail: (error: unknown) => void = () => undefined;
  const cancel: Answer = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  const { chat, held } = await sent({ "runs.cancel": cancel });
  held.say([STARTED]);
  await vi.waitFor(() => expect(chat.session.state.conversation.run?.id).toBe("run_1"));
  void chat.session.stop();
  await vi.waitFor(() => expect(chat.times("runs.cancel")).toBe(1));
  held.say(SAID);
  await chat.quiet();
  const next = new Held();
  chat.answers["threads.add_user_message"] = next.answer;
  chat.session.send(draft("more"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(2));
  fail(new TypeError("lost"));
  await new Promise(resolve => setTimeout(resolve, 5));
  next.say(frames(said("more")));
  await vi.waitFor(() => expect(chat.texts).toContain("re: more"));
  await chat.quiet();
  expect(chat.times("runs.cancel")).toBe(1);
});
