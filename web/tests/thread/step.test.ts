import { describe, expect, test } from "vitest";
import { type ChatState, NOTHING_YET } from "../../src/state/chat";
import { EMPTY } from "../../src/state/conversation";
import { arrivedIn, isAnother, step } from "../../src/view/thread/step";
import { assistant, outgoing, turns, user } from "./chat";

const at = (change: Partial<ChatState> = {}): ChatState => ({ ...NOTHING_YET, threadId: "t", ...change });
const items = (...all: Parameters<typeof assistant>[0][]) => ({
  conversation: { ...EMPTY, items: all.map(id => (id.startsWith("u") ? user(id) : assistant(id))) },
});

describe("something was asked", () => {
  test("when a message is on its way", () => {
    expect(step(at(), at({ outgoing: [outgoing("hi")], responding: true }))).toBe("asked");
    expect(step(null, at({ outgoing: [outgoing("hi")], responding: true }))).toBe("asked");
  });

  test("once for each message", () => {
    const one = at({ outgoing: [outgoing("hi")], responding: true });
    expect(step(one, { ...one })).toBe("none");
    expect(step(one, at({ outgoing: [outgoing("next")], responding: true }))).toBe("asked");
    expect(step(at(), at({ outgoing: [outgoing("hi", "waiting")] }))).toBe("none");
  });

  test("before this page was loaded", () => {
    expect(step(null, at({ ...items("u"), responding: true }))).toBe("asked");
    expect(step(at({ loading: true }), at({ ...items("u"), responding: true }))).toBe("asked");
  });

  test("when an answer is written again", () => {
    expect(step(at(items("u", "a")), at({ ...items("u"), responding: true }))).toBe("asked");
  });
});

test("an answer to something else has begun", () => {
  expect(step(at(items("u", "a")), at({ ...items("u", "a"), responding: true }))).toBe("began");
  expect(step(at({ responding: true }), at({ responding: true }))).toBe("none");
  expect(step(null, at({ responding: true }))).toBe("none");
});

describe("another thread", () => {
  test("has another id, or is loaded anew", () => {
    expect(isAnother(at(), at({ threadId: "other" }))).toBe(true);
    expect(isAnother(at(), at({ loading: true }))).toBe(true);
    expect(isAnother(at(), at({ threadId: null }))).toBe(true);
    expect(isAnother(at({ loading: true }), at())).toBe(false);
  });

  test("is not a new one that gets its id", () => {
    expect(isAnother(at({ threadId: null, responding: true }), at({ responding: true }))).toBe(false);
  });
});

test("a message has arrived when it is in the thread", () => {
  const before = at({ outgoing: [outgoing("hi")] });
  expect(arrivedIn(before, at({ conversation: { ...EMPTY, items: turns(1).slice(0, 1) } }))).toBe("u0");
  expect(arrivedIn(before, before)).toBeNull();
  expect(arrivedIn(null, at())).toBeNull();
});
