import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClientToolCallItem } from "../../src/protocol/types";
import { type Answer, json, lost, stream } from "../protocol/server";
import { assistant, done, ended, started, user } from "../state/events";
import { Chat, draft, frames, Held, hurry, NO_RUNS, OPENED, RUN, said, THREAD } from "./chat";

const inTime = globalThis.setTimeout;

beforeEach(hurry);
afterEach(() => void vi.unstubAllGlobals());

const GONE = json({ code: "thread_not_found", detail: "gone" }, 404);

/** Answers one after the other; the last one again and again. */
function inTurn(...answers: Answer[]): Answer {
  return asked => (answers.length > 1 ? answers.shift() : answers[0])?.(asked) ?? Promise.reject();
}

test("an answer that cannot be followed any more is looked for again, and not written anew", async () => {
  const held = new Held();
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": held.answer,
    "runs.attach": inTurn(json({ code: "invalid_token", detail: "no" }, 401), stream(frames(said("hi")))),
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
  held.say(frames(said("hi")).slice(0, 4));
  await vi.waitFor(() => expect(chat.texts).toContain("re: hi"));
  held.lose();
  await chat.quiet();
  expect(chat.session.state.conversation.failure).toMatchObject({ code: "invalid_token", canRetry: true });
  chat.answers["runs.get"] = json({ run: RUN });
  chat.session.retry();
  await vi.waitFor(() => expect(chat.times("runs.attach")).toBe(2));
  await chat.quiet();
  expect(chat.times("threads.retry_after_item")).toBe(0);
  expect(chat.session.state.conversation.failure).toBeNull();
  expect(chat.texts).toEqual(["before", "hi", "re: hi"]);
});

test("one that has ended meanwhile is there, and no failure is", async () => {
  const chat = new Chat({
    ...OPENED,
    "runs.get": json({ run: RUN }),
    "runs.attach": json({ code: "invalid_token", detail: "no" }, 401),
  });
  await chat.session.openThread("thr_1");
  await chat.quiet();
  expect(chat.session.state.conversation.failure?.code).toBe("invalid_token");
  chat.answers["runs.get"] = json({ run: { ...RUN, status: "completed" } });
  chat.answers["items.list"] = json({ data: [assistant("b", "after"), assistant("a", "before")] });
  await chat.session.fetchUpdates();
  expect(chat.session.state.conversation.failure).toBeNull();
  expect(chat.texts).toEqual(["before", "after"]);
});

test("a retry that is refused leaves what there was", async () => {
  const items = json({ data: [assistant("a", "an answer"), user("u", "hi")], has_more: false });
  const refused = json({ code: "thread_locked", detail: "" }, 409);
  const chat = new Chat({ ...OPENED, "items.list": items, "threads.retry_after_item": refused });
  await chat.session.openThread("thr_1");
  chat.session.retry();
  expect(chat.texts).toEqual(["hi"]);
  await chat.quiet();
  await vi.waitFor(() => expect(chat.texts).toEqual(["hi", "an answer"]));
  expect(chat.session.state.conversation.failure?.code).toBe("thread_locked");
});

test("a retry whose answer fails at once leaves what the server has, also where a message waits", async () => {
  const items = json({ data: [assistant("a", "an answer"), user("u", "hi")], has_more: false });
  const failed = [started(), { type: "error", code: "stream.error", allow_retry: true }, ended()] as const;
  const held = new Held();
  const chat = new Chat({
    ...OPENED,
    "items.list": items,
    "threads.retry_after_item": stream(frames(failed)),
    "threads.add_user_message": held.answer,
  });
  await chat.session.openThread("thr_1");
  chat.session.retry();
  chat.session.send(draft("next"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
  await new Promise(resolve => setTimeout(resolve));
  expect(chat.texts).toEqual(["hi"]);
  held.say(frames(said("next")));
  await chat.quiet();
});

test("a thread that was deleted elsewhere is said to be gone", async () => {
  const chat = new Chat({ ...OPENED });
  await chat.session.openThread("thr_1");
  chat.answers["threads.get_by_id"] = GONE;
  await expect(chat.session.fetchUpdates()).rejects.toMatchObject({ code: "thread_not_found" });
  expect(chat.session.state.loadProblem?.status).toBe(404);
});

test("an answer that was written while the thread was read stays", async () => {
  const chat = new Chat({ ...OPENED, "threads.add_user_message": stream(frames(said("hi"))) });
  await chat.session.openThread("thr_1");
  let go: () => void = () => undefined;
  const slow = new Promise<void>(resolve => {
    go = resolve;
  });
  chat.answers["threads.get_by_id"] = async asked => {
    await slow;
    return await OPENED["threads.get_by_id"](asked);
  };
  const reading = chat.session.fetchUpdates();
  chat.session.send(draft("hi"));
  await chat.quiet();
  go();
  await reading;
  expect(chat.texts).toEqual(["before", "hi", "re: hi"]);
});

test("older items that come when the thread has become another one are not of it", async () => {
  let go: () => void = () => undefined;
  const slow = new Promise<void>(resolve => {
    go = resolve;
  });
  const chat = new Chat({
    ...OPENED,
    "items.list": inTurn(
      json({ data: [assistant("b", "2")], has_more: true }),
      async asked => {
        await slow;
        return await json({ data: [assistant("a", "1")], has_more: false })(asked);
      },
      json({ data: [assistant("z", "all anew")], has_more: false }),
    ),
  });
  await chat.session.openThread("thr_1");
  const older = chat.session.loadOlder();
  await chat.session.fetchUpdates();
  go();
  await older;
  expect(chat.texts).toEqual(["all anew"]);
});

test("what was asked for in a thread that is left is no error", async () => {
  const chat = new Chat({ ...OPENED });
  await chat.session.openThread("thr_1");
  const asked = chat.session.fetchUpdates();
  await chat.session.openThread(null);
  await asked;
  expect(chat.errors).toEqual([]);
});

test("the place in a thread that older items are asked from may be gone: then it is loaded anew", async () => {
  const chat = new Chat({
    ...OPENED,
    "items.list": inTurn(
      json({ data: [assistant("b", "2"), assistant("a", "1")], has_more: true }),
      json({ code: "item_not_found", detail: "" }, 404),
      json({ data: [assistant("b", "2")], has_more: false }),
    ),
  });
  await chat.session.openThread("thr_1");
  await chat.session.loadOlder();
  expect(chat.texts).toEqual(["2"]);
  expect(chat.session.state).toMatchObject({ loadingOlder: false, conversation: { older: null } });
});

test("a run that names another thread does not lead there", async () => {
  const odd = { ...started(), thread_id: "thr_9" };
  const chat = new Chat({ ...OPENED, "threads.add_user_message": stream(frames([odd, ended()])) });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await chat.quiet();
  expect(chat.session.state.threadId).toBe("thr_1");
});

test("a verdict that is not stored takes no other one with it", async () => {
  let fail: (error: unknown) => void = () => undefined;
  const failing: Answer = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  const chat = new Chat({ ...OPENED, "items.feedback": inTurn(json({}), failing, json({})) });
  await chat.session.openThread("thr_1");
  await chat.session.sendFeedback(["a"], "positive");
  const second = chat.session.sendFeedback(["a", "b"], "negative");
  await chat.session.sendFeedback(["c"], "negative");
  fail(new TypeError("lost"));
  await second;
  expect([...chat.session.state.feedback]).toEqual([
    ["a", "positive"],
    ["c", "negative"],
  ]);
});

// --- messages that were on their way ----------------------------------------------------------------------------------

test.each([
  ["that keeps keys", OPENED["runs.get"], []],
  ["that keeps none", NO_RUNS["runs.get"], [{ state: "failed" }]],
])("one that was sent when the page was loaded again, to a server %s", async (_, runs, left) => {
  const first = new Chat({ ...OPENED, "runs.get": runs, "threads.add_user_message": new Held().answer });
  await first.session.openThread("thr_1");
  first.session.send(draft("hi"));
  const second = new Chat({
    ...OPENED,
    "runs.get": runs,
    "threads.add_user_message": stream(frames(said("hi"))),
  });
  await second.session.openThread("thr_1");
  await second.quiet();
  expect(second.session.state.outgoing).toMatchObject(left);
  expect(second.times("threads.add_user_message")).toBe(1 - left.length);
  for (const { key } of second.session.state.outgoing) second.session.sendAgain(key);
  await second.quiet();
  expect(second.texts).toEqual(["before", "hi", "re: hi"]);
});

test("one that was sent when the element was taken out of its page", async () => {
  for (const [runs, times] of [
    [OPENED["runs.get"], 2],
    [NO_RUNS["runs.get"], 1],
  ] as const) {
    sessionStorage.clear();
    const chat = new Chat({ ...OPENED, "runs.get": runs, "threads.add_user_message": new Held().answer });
    await chat.session.openThread("thr_1");
    chat.session.send(draft("hi"));
    await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
    chat.session.close();
    const back = chat.again();
    await back.resume(chat.session.state);
    expect(chat.times("threads.add_user_message")).toBe(times);
    expect(back.state.outgoing).toMatchObject([{ state: times === 2 ? "sending" : "failed" }]);
  }
});

test("what somebody else has kept under the name is left alone", async () => {
  sessionStorage.setItem(
    "chatkit waiting /chatkit thr_1",
    JSON.stringify([null, 7, { key: "k" }, { key: 3 }]),
  );
  const chat = new Chat({ ...OPENED });
  await chat.session.openThread("thr_1");
  expect(chat.session.state.outgoing).toEqual([]);
});

test("a message that a server without runs lost is not sent again by itself", async () => {
  const chat = new Chat({ ...NO_RUNS, "threads.create": lost() });
  chat.session.send(draft("hi"));
  await chat.quiet();
  expect(chat.times("threads.create")).toBe(1);
  expect(chat.session.state.outgoing).toMatchObject([{ state: "failed", problem: { code: "network" } }]);
});

test("an answer of which nothing comes leaves the message to be sent again", async () => {
  const chat = new Chat({ ...NO_RUNS, "threads.create": stream([]) });
  chat.session.send(draft("hi"));
  await chat.quiet();
  expect(chat.session.state.outgoing).toMatchObject([{ state: "failed" }]);
});

test("a page that came over no safe connection sends messages, each under a key of its own", async () => {
  const { crypto } = globalThis;
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const chat = new Chat({ ...OPENED, "threads.add_user_message": new Held().answer });
  await chat.session.openThread("thr_1");
  for (const text of ["one", "two"]) chat.session.send(draft(text));
  const keys = chat.session.state.outgoing.map(({ key }) => key);
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(keys[0]).not.toBe(keys[1]);
  vi.stubGlobal("crypto", crypto);
});

// --- client tools -----------------------------------------------------------------------------------------------------

function call(id: string, callId: string): ClientToolCallItem {
  const where = { id, thread_id: "thr_1", created_at: "", call_id: callId };
  return { type: "client_tool_call", ...where, status: "pending", name: "look", arguments: {} };
}

test("a result that cannot be sent is an error result", async () => {
  const results: unknown[] = [];
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": stream(frames([started(), done(call("c", "1")), ended()])),
    "threads.add_client_tool_output": asked => {
      results.push(asked.params.result);
      return stream(frames([started(), done(assistant("b", "seen")), ended()]))(asked);
    },
  });
  const cyclic: Record<string, unknown> = {};
  cyclic.itself = cyclic;
  chat.tool = async () => cyclic;
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.texts).toContain("seen"));
  expect(results).toMatchObject([{ error: expect.stringContaining("circular") }]);
});

test("a chat is at a call until the server has heard of its result", async () => {
  const output = new Held();
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": stream(frames([started(), done(call("c", "1")), ended()])),
    "threads.add_client_tool_output": output.answer,
  });
  let finish: (result: unknown) => void = () => undefined;
  chat.tool = () =>
    new Promise(resolve => {
      finish = resolve;
    });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  expect(chat.session.isCalling).toBe(false);
  await vi.waitFor(() => expect(chat.session.isCalling).toBe(true));
  finish({});
  await vi.waitFor(() => expect(chat.times("threads.add_client_tool_output")).toBe(1));
  expect(chat.session.isCalling).toBe(true);
  output.say(frames([started()]));
  await vi.waitFor(() => expect(chat.session.isCalling).toBe(false));
  output.say(frames([done(assistant("b", "seen")), ended()]));
  await chat.quiet();
});

test("where a page may have no locks, its tools are called all the same", async () => {
  const request = () => Promise.reject(new DOMException("no origin", "SecurityError"));
  vi.stubGlobal("navigator", Object.create(navigator, { locks: { value: { request } } }));
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": stream(frames([started(), done(call("c", "1")), ended()])),
    "threads.add_client_tool_output": stream(frames([started(), done(assistant("b", "seen")), ended()])),
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.texts).toContain("seen"));
  await chat.quiet();
});

test("two calls are two, also of a server that gives every item the same id", async () => {
  const outputs: unknown[] = [];
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": stream(frames([started(), done(call("__fake_id__", "1")), ended()])),
    "threads.add_client_tool_output": asked => {
      outputs.push(asked.params.result);
      const next =
        outputs.length === 1 ? done(call("__fake_id__", "2")) : done(assistant("__fake_id__", "seen"));
      return stream(frames([started(), next, ended()]))(asked);
    },
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("hi"));
  await vi.waitFor(() => expect(chat.texts).toContain("seen"));
  expect(outputs).toHaveLength(2);
});

// --- other tabs -------------------------------------------------------------------------------------------------------

async function tell(): Promise<void> {
  const channel = new BroadcastChannel("chatkit /chatkit");
  channel.postMessage({ threadId: "thr_1", runId: "run_7" });
  await new Promise(resolve => inTime(resolve, 30));
  channel.close();
}

test("news of another tab wait for what goes on in this one", async () => {
  const held = new Held();
  const chat = new Chat({ ...OPENED, "items.list": held.answer });
  const opening = chat.session.openThread("thr_1");
  await tell();
  expect(chat.times("runs.attach")).toBe(0);
  chat.session.close();
  await opening;
});

test("what another tab has done while an answer was written here is seen after it, to its end", async () => {
  const held = new Held();
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": held.answer,
    "runs.attach": stream(frames(said("third"))),
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("mine"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
  await tell();
  const list = (...texts: string[]) => json({ data: texts.map(text => user(text, text)), has_more: false });
  chat.answers["items.list"] = inTurn(list("mine"), list("third", "second", "mine"));
  chat.answers["runs.get"] = inTurn(json({ run: RUN }), json({ run: { ...RUN, status: "completed" } }));
  held.say(frames(said("mine")));
  await vi.waitFor(() => expect(chat.texts).toEqual(["mine", "second", "third"]));
  await chat.quiet();
  expect(chat.times("runs.attach")).toBe(1);
  expect(chat.times("items.list")).toBe(3);
});

test("what another tab does, and cannot be followed, is not asked for again and again", async () => {
  const held = new Held();
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": held.answer,
    "runs.attach": json({ code: "invalid_token", detail: "no" }, 401),
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("mine"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
  await tell();
  chat.answers["runs.get"] = json({ run: RUN });
  held.say(frames(said("mine")));
  await vi.waitFor(() => expect(chat.times("runs.attach")).toBe(1));
  await new Promise(resolve => inTime(resolve, 50));
  expect(chat.times("runs.attach")).toBe(1);
});

test("what another tab has done while the thread was read is read, too", async () => {
  let go: () => void = () => undefined;
  const slow = new Promise<void>(resolve => {
    go = resolve;
  });
  const chat = new Chat({
    ...OPENED,
    "items.list": inTurn(
      async asked => {
        await slow;
        return await OPENED["items.list"](asked);
      },
      json({ data: [assistant("b", "after"), assistant("a", "before")], has_more: false }),
    ),
  });
  const opening = chat.session.openThread("thr_1");
  await tell();
  go();
  await opening;
  await vi.waitFor(() => expect(chat.texts).toEqual(["before", "after"]));
});

test("a chat that is closed says nothing any more", async () => {
  const chat = new Chat({
    ...OPENED,
    "threads.list": () => new Promise((_, reject) => setTimeout(() => reject(new TypeError("lost")), 5)),
  });
  await chat.session.openThread("thr_1");
  const listing = chat.session.loadHistory();
  chat.session.close();
  chat.emitted.length = 0;
  await listing;
  await chat.session.openThread(null);
  expect(chat.emitted).toEqual([]);
});

// --- history ----------------------------------------------------------------------------------------------------------

test("a list whose last thread is gone is listed from the start", async () => {
  const chat = new Chat({
    ...OPENED,
    "threads.list": inTurn(
      json({ data: [{ ...THREAD, id: "thr_2" }, THREAD], has_more: true }),
      GONE,
      json({ data: [{ ...THREAD, id: "thr_2" }], has_more: false }),
    ),
  });
  await chat.session.loadHistory();
  await chat.session.loadHistory();
  expect(chat.session.state.history).toMatchObject({
    threads: [{ id: "thr_2" }],
    after: null,
    problem: null,
  });
  expect(chat.errors).toEqual([]);
});

test("a list that leads to itself has an end", async () => {
  const chat = new Chat({ ...OPENED, "threads.list": json({ data: [THREAD], has_more: true }) });
  await chat.session.loadHistory();
  await chat.session.loadHistory();
  expect(chat.session.state.history).toMatchObject({ threads: [{ id: "thr_1" }], after: null });
});

test("a thread that somebody else has deleted is deleted", async () => {
  const chat = new Chat({
    ...OPENED,
    "threads.list": json({ data: [THREAD], has_more: false }),
    "threads.delete": GONE,
  });
  await chat.session.openThread("thr_1");
  await chat.session.loadHistory();
  await chat.session.deleteThread("thr_1");
  expect(chat.session.state).toMatchObject({ threadId: null, history: { threads: [] } });
});
