import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Chat, leave, turns } from "./chat";

/** What watches where older messages will be. */
let observers: FakeObserver[] = [];

class FakeObserver {
  private readonly targets = new Set<Element>();

  constructor(private readonly callback: (entries: object[]) => void) {
    observers.push(this);
  }

  observe(target: Element): void {
    this.targets.add(target);
  }

  unobserve(target: Element): void {
    this.targets.delete(target);
  }

  disconnect(): void {
    this.targets.clear();
  }

  see(selector: string): void {
    const target = [...this.targets].find(one => one.matches(selector));
    if (target !== undefined) this.callback([{ target, isIntersecting: true }]);
  }
}

beforeEach(() => {
  observers = [];
  vi.stubGlobal("IntersectionObserver", FakeObserver);
});
afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

async function opened(): Promise<Chat> {
  const chat = Chat.of(turns(25, 25));
  await chat.set({ conversation: { ...chat.state.conversation, older: "u25" } });
  return chat;
}

const comeNear = (chat: Chat) => {
  for (const observer of observers) observer.see(".thread-older");
  return chat.drawn();
};

describe("older messages", () => {
  test("are loaded when their place comes near, once at a time", async () => {
    const chat = await opened();
    expect(chat.asked.loadOlder).not.toHaveBeenCalled();
    await comeNear(chat);
    await chat.set({ loadingOlder: true });
    await comeNear(chat);
    expect(chat.asked.loadOlder).toHaveBeenCalledTimes(1);
  });

  test("are loaded further, as long as there are more", async () => {
    const chat = await opened();
    await comeNear(chat);
    await chat.take({
      type: "local.older",
      page: { data: turns(12, 13).toReversed(), has_more: true, after: "u13" },
    });
    await comeNear(chat);
    expect(chat.asked.loadOlder).toHaveBeenCalledTimes(2);
    await chat.take({ type: "local.older", page: { data: turns(13).toReversed(), has_more: false } });
    await comeNear(chat);
    expect(chat.asked.loadOlder).toHaveBeenCalledTimes(2);
    expect(chat.all(".thread-older")).toHaveLength(0);
  });

  test("that do not come say so, and come when one asks again", async () => {
    const chat = await opened();
    chat.asked.loadOlder.mockRejectedValueOnce(new Error("no"));
    await comeNear(chat);
    await vi.waitFor(() =>
      expect(chat.one(".thread-older [role=alert]").textContent).toContain("could not be loaded"),
    );
    await comeNear(chat);
    expect(chat.asked.loadOlder).toHaveBeenCalledTimes(1);
    await chat.click("Try again");
    expect(chat.asked.loadOlder).toHaveBeenCalledTimes(2);
    expect(chat.all(".thread-older [role=alert]")).toHaveLength(0);
  });
});
