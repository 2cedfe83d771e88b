import { afterEach, describe, expect, test, vi } from "vitest";
import type { Item } from "../../src/protocol/types";
import { answerEndingAt, endsAnswer } from "../../src/view/thread/answers";
import { assistant, Chat, checked, item, leave, outgoing, turns, user } from "./chat";

afterEach(leave);

const widget = (id: string, copy_text?: string) =>
  item("widget", id, { widget: { type: "Card" }, copy_text });
const endOfTurn = (id: string) => item("end_of_turn", id);

function answers(items: readonly unknown[]): object[] {
  const all = checked(items);
  return all.flatMap(
    (_, index) => (endsAnswer(all, index) ? [answerEndingAt(all, index) ?? "none"] : []) as object[],
  );
}

describe("an answer", () => {
  test("is all that stands between two messages of the user's", () => {
    const items = [
      user("u1"),
      assistant("a1", "one"),
      widget("w1", "two"),
      user("u2"),
      assistant("a2", "three"),
    ];
    expect(answers(items)).toEqual([
      { userItemId: "u1", itemIds: ["a1", "w1"], text: "one\n\ntwo" },
      { userItemId: "u2", itemIds: ["a2"], text: "three" },
    ]);
  });

  test("ends where the assistant ends its turn", () => {
    const items = [
      user("u"),
      assistant("a1", "one"),
      endOfTurn("e1"),
      assistant("a2", "two"),
      endOfTurn("e2"),
    ];
    expect(answers(items)).toEqual([
      { userItemId: "u", itemIds: ["a1"], text: "one" },
      { userItemId: "u", itemIds: ["a2"], text: "two" },
    ]);
  });

  test("goes on over a call of the page's tool", () => {
    const call = item("client_tool_call", "c", { name: "look", status: "completed" });
    expect(answers([user("u"), assistant("a1", "one"), call, assistant("a2", "two")])).toEqual([
      { userItemId: "u", itemIds: ["a1", "a2"], text: "one\n\ntwo" },
    ]);
  });

  test("may be to nothing that is here", () => {
    expect(answers([assistant("a", "hello")])).toEqual([{ userItemId: null, itemIds: ["a"], text: "hello" }]);
    expect(answers([user("u1"), user("u2"), endOfTurn("e")])).toEqual(["none"]);
  });
});

describe("below an answer", () => {
  const both = { threadItemActions: { feedback: true, retry: true } };
  const names = (chat: Chat, selector = ".thread-actions[part=actions]") =>
    chat
      .all(selector)
      .map(group => [...group.querySelectorAll("button")].map(one => one.getAttribute("aria-label")));

  test("it can be copied, and nothing else unless the page wants it", async () => {
    const chat = await Chat.of(turns(1)).draw();
    expect(names(chat)).toEqual([["Copy"]]);
    chat.options = { ...chat.options, ...both };
    await chat.draw();
    expect(names(chat)).toEqual([["Copy", "Good answer", "Bad answer", "Answer again"]]);
  });

  test("its messages are copied, and what widgets say of themselves", async () => {
    const writeText = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue(undefined);
    const chat = await Chat.of([user("u"), assistant("a", "*one*"), widget("w", "two")]).draw();
    const copy = chat.one(".thread-actions[part=actions] button");
    copy.click();
    expect(writeText).toHaveBeenCalledWith("*one*\n\ntwo");
  });

  test("there is nothing to copy of a widget that says nothing", async () => {
    expect(names(await Chat.of([user("u"), widget("w")]).draw())).toEqual([]);
  });

  test("a verdict is on all of it, and can be seen", async () => {
    const chat = await Chat.of([user("u"), assistant("a"), widget("w")], both).draw();
    await chat.click("Good answer");
    expect(chat.asked.sendFeedback).toHaveBeenCalledWith(["a", "w"], "positive");
    await chat.set({ feedback: new Map([["a", "positive"]]) });
    expect(chat.button("Good answer").getAttribute("aria-pressed")).toBe("true");
    expect(chat.button("Bad answer").getAttribute("aria-pressed")).toBe("false");
  });

  test("the newest is written again at once", async () => {
    const chat = await Chat.of(turns(1), both).draw();
    await chat.click("Answer again");
    expect(chat.asked.retry).toHaveBeenCalledWith("u0");
  });

  test("before an older one is written again one is asked, as what came after goes", async () => {
    const chat = await Chat.of(turns(2), both).draw();
    await chat.click("Answer again");
    expect(chat.asked.retry).not.toHaveBeenCalled();
    const again = chat.all(".thread-confirmation button");
    again[1]?.click();
    await chat.drawn();
    expect(chat.all(".thread-confirmation")).toHaveLength(0);
    await chat.click("Answer again");
    chat.all(".thread-confirmation button")[0]?.click();
    expect(chat.asked.retry).toHaveBeenCalledWith("u0");
  });

  test("nothing is written again while something is written", async () => {
    const chat = Chat.of(turns(2), both);
    await chat.set({ responding: true, outgoing: [outgoing("next")] });
    expect(chat.button("Answer again").disabled).toBe(true);
  });

  test("there is nothing while it is written", async () => {
    const chat = Chat.of([...turns(1), user("u1"), assistant("a1")], both);
    await chat.set({ responding: true });
    expect(names(chat)).toHaveLength(1);
    await chat.set({ responding: false });
    expect(names(chat)).toHaveLength(2);
  });

  test("only the newest answer's actions are always in view", async () => {
    const chat = await Chat.of(turns(3), both).draw();
    const newest = chat.all(".thread-actions[part=actions]").map(group => group.hasAttribute("data-newest"));
    expect(newest).toEqual([false, false, true]);
    await chat.set({ outgoing: [outgoing("next")], responding: true });
    expect(chat.all("[data-newest]")).toHaveLength(0);
  });

  test("they stand once, below an answer that is cut into slices", async () => {
    const long: Item[] = [
      user("u"),
      ...Array.from({ length: 70 }, (_, index) => assistant(`a${index}`, "x")),
    ];
    const chat = await Chat.of([...long, ...turns(1)], both).draw();
    const groups = chat.all(".thread-actions[part=actions]");
    expect(groups.length).toBeLessThanOrEqual(2);
  });
});
