import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { assistant, Chat, leave, turns } from "./chat";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  leave();
});

const shown = (chat: Chat) => chat.one(".thread-floating");
const source = {
  type: "url",
  url: "https://www.example.com/a",
  title: "The title",
  description: "More of it",
};
const cited = () =>
  Chat.of([assistant("a", "hello", { annotations: [{ type: "annotation", source, index: 5 }] })]).draw();

function opened(chat: Chat) {
  const floating = shown(chat);
  floating.showPopover = vi.fn(() => floating.setAttribute("data-open", ""));
  floating.hidePopover = vi.fn(() => floating.removeAttribute("data-open"));
  return () => floating.hasAttribute("data-open");
}

function point(target: Element, pointerType = "mouse"): void {
  target.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, pointerType }));
}

describe("a tip", () => {
  test("names the button that is pointed at for a while", async () => {
    const chat = await Chat.of(turns(1)).draw();
    const isOpen = opened(chat);
    point(chat.button("Copy"));
    vi.advanceTimersByTime(200);
    expect(isOpen()).toBe(false);
    vi.advanceTimersByTime(400);
    expect(isOpen()).toBe(true);
    expect(shown(chat).textContent).toBe("Copy");
  });

  test("goes with the pointer, and with Escape", async () => {
    const chat = await Chat.of(turns(1)).draw();
    const isOpen = opened(chat);
    const button = chat.button("Copy");
    point(button);
    vi.advanceTimersByTime(600);
    button.dispatchEvent(new PointerEvent("pointerout", { bubbles: true, relatedTarget: document.body }));
    vi.advanceTimersByTime(600);
    expect(isOpen()).toBe(false);
    point(button);
    vi.advanceTimersByTime(600);
    button.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(isOpen()).toBe(false);
  });

  test("is not for fingers", async () => {
    const chat = await Chat.of(turns(1)).draw();
    const isOpen = opened(chat);
    point(chat.button("Copy"), "touch");
    vi.advanceTimersByTime(1000);
    expect(isOpen()).toBe(false);
  });
});

describe("a card", () => {
  test("says what a citation refers to, leads there, and can be pointed at", async () => {
    const chat = await cited();
    const isOpen = opened(chat);
    const chip = chat.one(".thread-citation");
    point(chip);
    vi.advanceTimersByTime(200);
    expect(shown(chat).textContent).toContain("The title");
    expect(shown(chat).querySelector("a")?.getAttribute("href")).toBe("https://www.example.com/a");
    chip.dispatchEvent(new PointerEvent("pointerout", { bubbles: true, relatedTarget: shown(chat) }));
    vi.advanceTimersByTime(1000);
    expect(isOpen()).toBe(true);
  });

  test("comes first for a finger, and then the link", async () => {
    const chat = await cited();
    const isOpen = opened(chat);
    const followed: boolean[] = [];
    chat.element.addEventListener("click", event => {
      followed.push(!event.defaultPrevented);
      event.preventDefault(); // there is nothing to load here
    });
    const tap = () => {
      const event = new PointerEvent("click", { bubbles: true, cancelable: true, pointerType: "touch" });
      chat.one(".thread-citation").dispatchEvent(event);
    };
    tap();
    expect(isOpen()).toBe(true);
    tap();
    expect(followed).toEqual([false, true]);
  });
});
