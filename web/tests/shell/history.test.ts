import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { en } from "../../src/locale/en";
import { byDay } from "../../src/view/shell/day";
import { json, lost } from "../protocol/server";
import { Page } from "./page";

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

function threadOf(id: string, title?: string, created_at = new Date().toISOString()) {
  return { id, created_at, status: { type: "active" as const }, ...(title === undefined ? {} : { title }) };
}

const LISTED = json({ data: [threadOf("thr_2", "The roof"), threadOf("thr_3")], has_more: false });

async function opened(page: Page): Promise<Page> {
  await page.element.showHistory();
  await vi.waitFor(() => expect(page.sent("threads.list").length).toBeGreaterThan(0));
  await page.drawn();
  return page;
}

function titles(page: Page): (string | undefined)[] {
  return [...page.root.querySelectorAll(".history-thread")].map(one => one.textContent?.trim());
}

async function choose(page: Page, thread: string, item: string): Promise<void> {
  page.button(`Actions for “${thread}”`).click();
  await page.drawn();
  page.button(item).click();
  await page.drawn();
}

describe("the panel", () => {
  test("opens and closes, and says so; the focus goes in and comes back", async () => {
    const page = await new Page({ "threads.list": LISTED }).show();
    page.button("Show chat history").focus();
    page.button("Show chat history").click();
    await page.drawn();
    expect(page.find(".main").hasAttribute("inert")).toBe(true);
    expect(page.root.activeElement?.getAttribute("role")).toBe("dialog");
    expect(titles(page)).toEqual(["The roof", "Untitled chat"]);
    await page.press("Escape", {}, page.find(".history-panel"));
    expect(page.find(".main").hasAttribute("inert")).toBe(false);
    expect(page.root.activeElement?.getAttribute("aria-label")).toBe("Show chat history");
    expect(page.names).toEqual(["ready", "history.open", "history.close"]);
  });

  test("keeps the focus in", async () => {
    const page = await opened(await new Page({ "threads.list": LISTED }).show());
    const last = [...page.root.querySelectorAll<HTMLElement>(".history-panel button")].at(-1);
    last?.focus();
    const event = await page.press("Tab", {}, last as Element);
    expect(event.defaultPrevented).toBe(true);
    expect(page.root.activeElement?.getAttribute("aria-label")).toBe("New chat");
  });

  test("goes to a thread", async () => {
    const page = await opened(await new Page({ "threads.list": LISTED }).show());
    page.find(".history-thread").click();
    await vi.waitFor(() => expect(page.text).toContain("before"));
    expect(page.names).toContain("history.close");
    expect(page.heard).toContainEqual({ name: "thread.change", detail: { threadId: "thr_2" } });
  });

  test("says that there is nothing, and what failed", async () => {
    const page = await opened(await new Page().show());
    expect(page.find(".history-list").textContent).toContain("No chats yet");
    await page.element.hideHistory();
    page.answers["threads.list"] = json({}, 500);
    await opened(page);
    expect(page.find(".history-list").textContent).toContain("Something went wrong on the server.");
    page.answers["threads.list"] = LISTED;
    page.button("Try again").click();
    await page.drawn();
    expect(titles(page)).toEqual(["The roof", "Untitled chat"]);
  });

  test("loads more when its end comes near", async () => {
    let seen: ((entries: { isIntersecting: boolean }[]) => void) | undefined;
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        constructor(callback: typeof seen) {
          seen = callback;
        }
        observe() {}
        unobserve() {}
        disconnect() {}
      },
    );
    const pages = [
      { data: [threadOf("thr_2", "Two")], has_more: true, after: "thr_2" },
      { data: [threadOf("thr_3", "Three")], has_more: false },
    ];
    const page = await opened(
      await new Page({ "threads.list": asked => json(pages[asked.params.after ? 1 : 0])(asked) }).show(),
    );
    expect(titles(page)).toEqual(["Two"]);
    seen?.([{ isIntersecting: true }]);
    await page.drawn();
    expect(titles(page)).toEqual(["Two", "Three"]);
    expect(page.sent("threads.list").map(({ params }) => params.after)).toEqual([undefined, "thr_2"]);
    expect(page.has(".history-end")).toBe(false);
  });

  test("is not there where the page wants none", async () => {
    const page = await new Page().show({ history: { enabled: false } });
    expect(() => page.button("Show chat history")).toThrow();
    await expect(page.element.showHistory()).rejects.toThrow("history.enabled is false");
  });

  test("closes where the page no longer wants one", async () => {
    const page = await opened(await new Page({ "threads.list": LISTED }).show());
    page.element.setOptions(page.options({ history: { enabled: false } }));
    await page.drawn();
    expect(page.names.at(-1)).toBe("history.close");
  });
});

describe("a thread in it", () => {
  test("is renamed in its place", async () => {
    const renamed = json(threadOf("thr_2", "The new roof"));
    const page = await opened(await new Page({ "threads.list": LISTED, "threads.update": renamed }).show());
    await choose(page, "The roof", "Rename");
    const field = page.find<HTMLInputElement>(".history-field input");
    expect(field.value).toBe("The roof");
    field.value = " The new roof ";
    await page.press("Enter", {}, field);
    expect(page.sent("threads.update")[0]?.params).toEqual({ thread_id: "thr_2", title: "The new roof" });
    expect(titles(page)[0]).toBe("The new roof");
  });

  test("keeps its name on Escape, and where none is given", async () => {
    const page = await opened(await new Page({ "threads.list": LISTED }).show());
    await choose(page, "The roof", "Rename");
    await page.press("Escape", {}, page.find(".history-field input"));
    await choose(page, "The roof", "Rename");
    page.find<HTMLInputElement>(".history-field input").value = "  ";
    page.button("Save").click();
    await page.drawn();
    expect(titles(page)[0]).toBe("The roof");
    expect(page.sent("threads.update")).toEqual([]);
    expect(page.has(".history-panel[data-open]")).toBe(true);
  });

  test("says why it could not be renamed", async () => {
    const page = await opened(await new Page({ "threads.list": LISTED, "threads.update": lost() }).show());
    await choose(page, "The roof", "Rename");
    const field = page.find<HTMLInputElement>(".history-field input");
    field.value = "Other";
    await page.press("Enter", {}, field);
    expect(page.find(".history-failure").textContent).toBe(
      "It could not be renamed. The server cannot be reached.",
    );
    expect(titles(page)[0]).toBe("The roof");
  });

  test("is deleted only when one says so twice", async () => {
    const page = await opened(await new Page({ "threads.list": LISTED, "threads.delete": json({}) }).show());
    await choose(page, "The roof", "Delete");
    expect(page.find(".history-question").textContent).toContain("Delete “The roof”?");
    expect(page.root.activeElement?.textContent?.trim()).toBe("Cancel");
    page.button("Cancel").click();
    await page.drawn();
    expect(page.sent("threads.delete")).toEqual([]);
    await choose(page, "The roof", "Delete");
    page.button("Delete").click();
    await page.drawn();
    expect(page.sent("threads.delete")[0]?.params).toEqual({ thread_id: "thr_2" });
    expect(titles(page)).toEqual(["Untitled chat"]);
  });

  test("leaves a new chat where the one that is shown is deleted", async () => {
    const page = await new Page({ "threads.list": LISTED, "threads.delete": json({}) }).show({
      initialThread: "thr_2",
    });
    await opened(page);
    await choose(page, "The roof", "Delete");
    page.button("Delete").click();
    await page.drawn();
    expect(page.heard.at(-1)).toEqual({ name: "thread.change", detail: { threadId: null } });
    expect(page.has(".start")).toBe(true);
  });

  test("has no actions where the page wants none", async () => {
    const page = await opened(
      await new Page({ "threads.list": LISTED }).show({ history: { showDelete: false, showRename: false } }),
    );
    expect(page.has(".history-row chatkit-menu")).toBe(false);
  });
});

describe("days", () => {
  const now = new Date(2026, 10, 26, 12);
  const ago = (days: number) =>
    threadOf(`t${days}`, undefined, new Date(2026, 10, 26 - days, 9).toISOString());

  test("threads stand by when they began", () => {
    const threads = [0, 1, 2, 7, 8, 30, 60, 400].map(ago);
    expect(
      byDay(threads, now, "en", en).map(({ title, threads }) => [title, threads.map(({ id }) => id)]),
    ).toEqual([
      ["Today", ["t0"]],
      ["Yesterday", ["t1"]],
      ["Previous 7 days", ["t2", "t7"]],
      ["Previous 30 days", ["t8", "t30"]],
      ["September", ["t60"]],
      ["October 2025", ["t400"]],
    ]);
  });

  test("in the language of the texts, and whatever the server sends", () => {
    expect(byDay([ago(0), ago(1)], now, "de", en).map(({ title }) => title)).toEqual(["Heute", "Gestern"]);
    expect(byDay([ago(-1), threadOf("x", "", "no date")], now, "fr", en).map(({ title }) => title)).toEqual([
      "Aujourd’hui",
      "Previous 30 days",
    ]);
  });
});
