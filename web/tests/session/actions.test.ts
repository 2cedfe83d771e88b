import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { json, stream } from "../protocol/server";
import { assistant, done, ended, started } from "../state/events";
import { Chat, draft, frames, Held, hurry, NO_RUNS, OPENED, RUN, said } from "./chat";

beforeEach(hurry);
afterEach(() => void vi.unstubAllGlobals());

const ACTION = { type: "save", payload: { title: "x" } };
const ACTED = [started("run_2"), done(assistant("w", "saved")), ended("run_2")];
const [BEGUN, REST] = [frames(said("one")).slice(0, 4), frames(said("one")).slice(4)];

/** A chat in which an answer is being written. */
async function answering(
  answers: ConstructorParameters<typeof Chat>[0] = {},
): Promise<{ chat: Chat; held: Held }> {
  const held = new Held();
  let isFirst = true;
  const chat = new Chat({
    ...OPENED,
    "threads.add_user_message": asked => {
      if (!isFirst) return stream(frames(said("two")))(asked);
      isFirst = false;
      return held.answer(asked);
    },
    "threads.custom_action": stream(frames(ACTED)),
    ...answers,
  });
  await chat.session.openThread("thr_1");
  chat.session.send(draft("one"));
  await vi.waitFor(() => expect(chat.times("threads.add_user_message")).toBe(1));
  held.say(BEGUN);
  await vi.waitFor(() => expect(chat.texts).toContain("re: one"));
  return { chat, held };
}

test("one that is sent while an answer is written goes when that has ended, before messages that wait", async () => {
  const { chat, held } = await answering();
  const sent = chat.session.sendAction(ACTION, "a", true);
  chat.session.send(draft("two"));
  await new Promise(resolve => setTimeout(resolve, 5));
  expect(chat.times("threads.custom_action")).toBe(0);
  held.say(REST);
  await sent;
  await vi.waitFor(() => expect(chat.session.state.outgoing).toEqual([]));
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "one", "re: one", "saved", "two", "re: two"]);
  expect(chat.asked.find(({ type }) => type === "threads.custom_action")?.params).toEqual({
    thread_id: "thr_1",
    item_id: "a",
    action: ACTION,
  });
});

test("several go one after the other, and each is told how its own went", async () => {
  const answers = [json({ code: "item_state", detail: "no" }, 409), stream(frames(ACTED))];
  const { chat, held } = await answering({
    "threads.custom_action": asked => answers.shift()?.(asked) ?? Promise.reject(),
  });
  const [first, second] = [
    chat.session.sendAction(ACTION, "a", true),
    chat.session.sendAction(ACTION, "b", true),
  ];
  held.say(REST);
  await expect(first).rejects.toMatchObject({ code: "item_state" });
  await second;
  await chat.quiet();
  expect(chat.texts).toEqual(["before", "one", "re: one", "saved"]);
});

test("after Stop, too", async () => {
  for (const servers of [{ "runs.cancel": json({ run: RUN }) }, NO_RUNS]) {
    const { chat, held } = await answering(servers);
    const sent = chat.session.sendAction(ACTION, "a", true);
    await chat.session.stop();
    held.say(REST);
    await sent;
    await chat.quiet();
    expect(chat.texts).toContain("saved");
  }
});

test("one whose thread is left while it waits is not sent, and says so", async () => {
  const { chat } = await answering();
  const sent = chat.session.sendAction(ACTION, "a", true);
  const leaving = chat.session.openThread(null);
  await expect(sent).rejects.toMatchObject({ name: "Problem" });
  await leaving;
  await chat.session.openThread("thr_1");
  expect(chat.times("threads.custom_action")).toBe(0);
  expect(chat.session.state.responding).toBe(false);
});

test("one that waits in a chat that is closed, or in a thread that does not come, is told so", async () => {
  const { chat } = await answering();
  const sent = chat.session.sendAction(ACTION, "a", true);
  chat.session.close();
  await expect(sent).rejects.toMatchObject({ name: "Problem" });
  const other = new Chat({ ...OPENED, "threads.get_by_id": json({ code: "internal", detail: "" }, 500) });
  const opening = other.session.openThread("thr_1");
  const early = other.session.sendAction(ACTION, "a", true);
  await expect(opening).rejects.toMatchObject({ code: "internal" });
  await expect(early).rejects.toMatchObject({ code: "internal" });
});

test("one that is done at once does not wait", async () => {
  const { chat } = await answering({ "threads.sync_custom_action": json({}) });
  await chat.session.sendAction(ACTION, "a", false);
  expect(chat.times("threads.sync_custom_action")).toBe(1);
});

test("a form that is filled in wrongly says what is wrong, and the thread nothing", async () => {
  const detail = "Please check what you have entered. Title: is missing";
  const errors = [{ path: "params.action.payload.title", message: "is missing" }];
  const chat = new Chat({
    ...OPENED,
    "threads.custom_action": json({ code: "invalid_request", detail, errors }, 422),
  });
  await chat.session.openThread("thr_1");
  const sent = chat.session.sendAction(ACTION, "a", true);
  await expect(sent).rejects.toMatchObject({ isOfInput: true, message: detail });
  expect(chat.session.state.conversation.failure).toBeNull();
});

test("one that is refused leaves the thread as it was: there is nothing to answer again", async () => {
  const chat = new Chat({
    ...OPENED,
    "threads.custom_action": json({ code: "item_state", detail: "" }, 409),
  });
  await chat.session.openThread("thr_1");
  await expect(chat.session.sendAction(ACTION, "a", true)).rejects.toMatchObject({ code: "item_state" });
  expect(chat.session.state.conversation.failure).toMatchObject({ code: "item_state", canRetry: false });
  expect(chat.texts).toEqual(["before"]);
});

test("answers to questions wait as actions do, and a refusal is shown", async () => {
  const refused = json({ code: "item_state", detail: "" }, 409);
  const { chat, held } = await answering({ "threads.add_structured_input": refused });
  const sent = chat.session.answerQuestions("q", "skipped", {});
  expect(chat.times("threads.add_structured_input")).toBe(0);
  held.say(REST);
  await sent;
  expect(chat.session.state.conversation.failure).toMatchObject({ code: "item_state" });
});
