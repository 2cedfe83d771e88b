import { afterEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../src/protocol/problem";
import type { StreamEvent } from "../../src/protocol/types";
import { added, delta, done, ended, started } from "../state/events";
import { assistant, Chat, item, leave, outgoing, turns, user } from "./chat";

afterEach(leave);

const drawn = (chat: Chat) => chat.all(".thread-slice:not([data-left-out])").length;
const progress = (text: string, icon = "search"): StreamEvent => ({ type: "progress_update", text, icon });

describe("a long thread", () => {
  test("of 10,000 items is drawn near its end alone; the rest is as high as it may be", async () => {
    const chat = await Chat.of(turns(5000)).draw();
    expect(chat.all(".thread-item").length).toBeLessThan(150);
    expect(chat.items.at(-1)).toBe("answer a4999");
    expect(chat.all(".thread-slice").length).toBeGreaterThan(400);
    const heights = chat.all(".thread-gap").map(gap => Number.parseInt(gap.style.blockSize, 10));
    expect(Math.min(...heights)).toBeGreaterThan(100);
  });

  test("that grows touches nothing but what grows", async () => {
    const chat = await Chat.of(turns(30)).draw();
    await chat.set({ responding: true });
    await chat.take(started(), added(assistant("new", "")), delta("new", "one "));
    const before = chat.all(".thread-item");
    const watched = new Set<Node>();
    const observer = new MutationObserver(records => {
      for (const { target } of records) watched.add(target);
    });
    observer.observe(chat.element, { subtree: true, childList: true, characterData: true, attributes: true });
    for (let count = 0; count < 20; count += 1) await chat.take(delta("new", "more "));
    for (const { target } of observer.takeRecords()) watched.add(target);
    observer.disconnect();
    expect(chat.all(".thread-item")).toEqual(before);
    const growing = before.at(-1);
    expect(growing?.textContent).toContain("one more more");
    expect(watched.size).toBeGreaterThan(0);
    expect([...watched].filter(node => !growing?.contains(node))).toEqual([]);
  });

  test("is drawn in the frame in which it is told, and waits for no other", async () => {
    const chat = await Chat.of(turns(2)).draw();
    await chat.take(started(), added(assistant("new", "")));
    vi.stubGlobal("requestAnimationFrame", () => 0);
    await chat.take(delta("new", "one "));
    vi.unstubAllGlobals();
    expect(chat.all(".thread-item").at(-1)?.textContent).toContain("one");
  });

  test("keeps its elements when older items come before them", async () => {
    const chat = await Chat.of(turns(20, 30)).draw();
    const before = chat.all(".thread-item");
    const page = { data: turns(30).toReversed(), has_more: false };
    await chat.take({ type: "local.older", page });
    expect(chat.all(".thread-item").filter(one => before.includes(one))).toEqual(before);
  });

  test("keeps drawn what somebody has written into", async () => {
    const questions = { status: "pending", inputs: [{ id: "1", type: "freeform", question: "Why?" }] };
    const chat = await Chat.of([...turns(100), item("structured_input", "q", questions)]).draw();
    chat.one("textarea").dispatchEvent(new Event("input", { bubbles: true }));
    await chat.take(...turns(100, 100).map(done));
    expect(chat.all("textarea")).toHaveLength(1);
  });
});

describe("another thread", () => {
  test("is drawn from its end, and has forgotten what was opened in the one before", async () => {
    const workflow = { type: "custom", tasks: [{ type: "thought", title: "T", content: "the content" }] };
    const chat = await Chat.of([item("workflow", "w", { workflow })]).draw();
    await chat.click("T");
    expect(chat.items[0]).toContain("the content");
    await chat.set({ threadId: "thr_2" });
    expect(chat.items[0]).toBe("T");
    await chat.set({ threadId: "thr_3", conversation: { ...chat.state.conversation, items: turns(1000) } });
    expect(drawn(chat)).toBeLessThan(5);
    expect(chat.items.at(-1)).toBe("answer a999");
  });

  test("while it is loaded is a skeleton", async () => {
    const chat = new Chat();
    await chat.set({ loading: true });
    expect(chat.one("[role=status]").getAttribute("aria-label")).toBe("Loading the conversation");
    expect(chat.one("[role=log]").getAttribute("aria-busy")).toBe("true");
  });

  test("that cannot be loaded says why, and can be tried again", async () => {
    const chat = new Chat();
    await chat.set({ loadProblem: new Problem("internal", 500, "Traceback: secret") });
    const text = chat.one("[role=alert]").textContent ?? "";
    expect(text).toContain("This chat could not be loaded");
    expect(text).not.toContain("secret");
    await chat.click("Try again");
    expect(chat.asked.fetchUpdates).toHaveBeenCalled();
  });

  test("that is not there leads to a new one", async () => {
    const chat = new Chat();
    await chat.set({ loadProblem: new Problem("thread_not_found", 404, "no") });
    await chat.click("New chat");
    expect(chat.asked.openThread).toHaveBeenCalledWith(null);
  });
});

describe("older items", () => {
  test("have a place above, if there are some", async () => {
    const chat = Chat.of(turns(5));
    await chat.draw();
    expect(chat.all(".thread-older")).toHaveLength(0);
    await chat.set({ conversation: { ...chat.state.conversation, older: "u0" } });
    expect(chat.one(".thread-older [role=status]").getAttribute("aria-label")).toBe("Loading older messages");
  });
});

describe("while it is answered", () => {
  test("a message on its way is shown as it will be; those that wait, or failed, are not", async () => {
    const chat = Chat.of(turns(1));
    const messages = [outgoing("now"), outgoing("later", "waiting"), outgoing("never", "failed")];
    await chat.set({ outgoing: messages, responding: true });
    expect(chat.items).toEqual(["message u0", "answer a0", "now"]);
    expect(chat.one("[data-kind=sending]").getAttribute("aria-label")).toBe("Your message");
  });

  test("it thinks until there is a first word", async () => {
    const chat = Chat.of([user("u")]);
    await chat.set({ responding: true });
    expect(chat.all(".thread-thinking")).toHaveLength(1);
    await chat.take(started(), added(assistant("a", "")));
    expect(chat.all(".thread-thinking")).toHaveLength(1);
    await chat.take(delta("a", "Hi"));
    expect(chat.all(".thread-thinking")).toHaveLength(0);
    await chat.take(done(assistant("a", "Hi")));
    expect(chat.all(".thread-thinking")).toHaveLength(1);
    await chat.set({ responding: false });
    expect(chat.all(".thread-thinking")).toHaveLength(0);
  });

  test("it says what it does, until it does something else", async () => {
    const chat = Chat.of([user("u")]);
    await chat.take({ type: "local.began", runId: null });
    await chat.set({ responding: true });
    await chat.take(progress("Looking it up"));
    expect(chat.one(".thread-progress").textContent?.trim()).toBe("Looking it up");
    await chat.take(added(assistant("a", "x")));
    expect(chat.all(".thread-progress")).toHaveLength(0);
  });
});

describe("a screen reader", () => {
  const heard = (chat: Chat) => chat.all("[aria-live=polite] p").map(line => line.textContent);

  test("hears some sentences at a time, and the rest when it is finished", async () => {
    const chat = Chat.of(turns(1));
    await chat.set({ responding: true });
    await chat.take({ type: "local.began", runId: null }, started(), added(assistant("a", "")));
    for (const word of "Short words. ".repeat(20).split(" ")) await chat.take(delta("a", `${word} `));
    expect(heard(chat)).toHaveLength(1);
    await chat.take(delta("a", "And **an end**"));
    const last = chat.state.conversation.items.at(-1) ?? assistant("a");
    await chat.take(done(last), ended());
    await chat.set({ responding: false });
    expect(heard(chat)).toHaveLength(2);
    expect(heard(chat).join(" ").endsWith("And an end")).toBe(true);
  });

  test("hears what goes on, once", async () => {
    const chat = Chat.of([user("u")]);
    await chat.take({ type: "local.began", runId: null });
    await chat.set({ responding: true });
    await chat.take(progress("Looking"));
    await chat.take(progress("Looking"));
    expect(heard(chat)).toEqual(["Looking"]);
  });

  test("is not read a thread that is opened", async () => {
    const chat = await Chat.of(turns(20)).draw();
    expect(heard(chat)).toEqual([]);
  });

  test("finds each item as an article with a name, in a log that does not speak", async () => {
    const chat = await Chat.of(turns(1)).draw();
    expect(chat.one("[role=log]").getAttribute("aria-live")).toBe("off");
    expect(chat.one("[role=log]").getAttribute("tabindex")).toBe("0");
    expect(chat.all("article").map(article => article.getAttribute("aria-label"))).toEqual([
      "Your message",
      "Answer",
    ]);
  });
});

describe("an answer that ends otherwise", () => {
  const failed = (code: string, message?: string, allow_retry = true): StreamEvent => ({
    type: "error",
    code,
    allow_retry,
    ...(message === undefined ? {} : { message }),
  });

  test("says what went wrong, in words that are meant for users, and can be tried again", async () => {
    const chat = Chat.of([user("u")]);
    await chat.take(failed("stream.error", "Traceback: secret"));
    expect(chat.one("[role=alert] p").textContent).toBe("Something went wrong while this was answered.");
    await chat.click("Try again");
    expect(chat.asked.retry).toHaveBeenCalledWith();
  });

  test.each([
    ["custom", "Your plan has no answers left.", "Your plan has no answers left."],
    ["custom", undefined, "Something went wrong while this was answered."],
    ["network", "x", "The server cannot be reached."],
    ["overloaded", "x", "There is too much to do at the moment. Try again in a while."],
    ["toString", "x", "Something went wrong while this was answered."],
  ])("%s %s: %s", async (code, message, text) => {
    const chat = Chat.of([user("u")]);
    await chat.take(failed(code, message, false));
    expect(chat.one("[role=alert] p").textContent).toBe(text);
    expect(chat.all("[role=alert] button")).toHaveLength(0);
  });

  test.each([
    ["cancelled", "You stopped this answer"],
    ["interrupted", "This answer was interrupted"],
  ] as const)("is a quiet line where it was %s", async (status, text) => {
    const chat = Chat.of(turns(1));
    await chat.take({ type: "run.ended", run_id: "r", status });
    expect(chat.one("[part=outcome]").textContent).toBe(text);
    await chat.take(ended());
    expect(chat.all("[part=outcome]")).toHaveLength(0);
  });
});

describe("a notice", () => {
  const said = (message: string, level = "info", title?: string) =>
    ({ type: "notice", level, message, ...(title === undefined ? {} : { title }) }) as StreamEvent;

  test("stands below what was said before it, and can be put away", async () => {
    const chat = Chat.of(turns(1));
    await chat.take(said("Limited *today*", "warning", "Note"), done(user("u1")));
    expect(chat.items.map(text => text.slice(0, 9))).toEqual([
      "message u",
      "answer a0",
      "Note Limi",
      "message u",
    ]);
    expect(chat.one("[part=notice]").dataset.level).toBe("warning");
    await chat.click("Dismiss");
    expect(chat.asked.dismissNotice).toHaveBeenCalledWith(1);
  });

  test("of a level that nobody knows is one to know about", async () => {
    const chat = Chat.of(turns(1));
    await chat.take(said("hello", "toString"));
    expect(chat.one("[part=notice]").dataset.level).toBe("info");
  });

  test("is above all where nothing was said, and at the end where what was said is gone", async () => {
    const chat = Chat.of([]);
    await chat.take(said("first"), done(user("u")), done(assistant("a")), said("second"));
    await chat.take({ type: "thread.item.removed", item_id: "a" });
    expect(chat.items).toEqual(["first", "message u", "second"]);
  });
});

test("a page that takes the thread away and brings it back finds it as it was", async () => {
  const chat = await Chat.of(turns(50)).draw();
  const element = chat.one("chatkit-thread");
  const items = chat.items;
  element.remove();
  chat.element.append(element);
  await vi.waitFor(() => expect(chat.items).toEqual(items));
});
