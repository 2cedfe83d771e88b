import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ChatKitElement } from "../../src/chatkit";
import { json, lost, stream } from "../protocol/server";
import { assistant, done, ended, started } from "../state/events";
import { created, frames, held, OPENED, Page, said, THREAD } from "./page";

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe("events", () => {
  test("ready comes first and once, and then what has happened before", async () => {
    const page = await new Page().show({ initialThread: "thr_1" });
    await vi.waitFor(() => expect(page.names).toContain("thread.load.end"));
    expect(page.heard).toEqual([
      { name: "ready", detail: null },
      { name: "thread.change", detail: { threadId: "thr_1" } },
      { name: "thread.load.start", detail: { threadId: "thr_1" } },
      { name: "thread.load.end", detail: { threadId: "thr_1" } },
    ]);
    page.element.setOptions(page.options());
    await page.drawn();
    expect(page.names.filter(name => name === "ready")).toHaveLength(1);
  });

  test("they do not bubble, and leave a shadow tree", async () => {
    const page = new Page();
    const heard: Event[] = [];
    page.element.addEventListener("chatkit.ready", event => heard.push(event));
    await page.show();
    expect(heard.map(({ bubbles, composed }) => ({ bubbles, composed }))).toEqual([
      { bubbles: false, composed: true },
    ]);
  });

  test("a message is answered between response.start and response.end", async () => {
    const page = await new Page({ "threads.create": created("hi") }).show();
    await page.element.sendUserMessage({ text: "hi" });
    await page.quiet();
    expect(page.names).toEqual(["ready", "response.start", "thread.change", "response.end"]);
    expect(page.text).toContain("re: hi");
  });

  test("response.end comes where the answer fails, too", async () => {
    const failing = stream(
      frames([started(), { type: "error", code: "stream.error", allow_retry: true }, ended()]),
    );
    const page = await new Page({ "threads.create": failing }).show();
    await page.element.sendUserMessage({ text: "hi" });
    await vi.waitFor(() => expect(page.names).toContain("error"));
    page.answers["threads.create"] = json({ code: "too_large", detail: "too large" }, 413);
    await page.element.sendUserMessage({ text: "hi", newThread: true });
    await page.quiet();
    const starts = page.names.filter(name => name === "response.start");
    expect(page.names.filter(name => name === "response.end")).toHaveLength(starts.length);
    const { detail } = page.heard.findLast(({ name }) => name === "error") ?? {};
    expect((detail as { error: unknown }).error).toBeInstanceOf(Error);
  });

  test("an effect and a deep link are the page's", async () => {
    const effect = { type: "client_effect" as const, name: "moved", data: { to: 2 } };
    const page = await new Page({ "threads.create": stream(frames([started(), effect, ended()])) }).show();
    await page.element.sendUserMessage({ text: "hi" });
    await vi.waitFor(() =>
      expect(page.heard).toContainEqual({ name: "effect", detail: { name: "moved", data: { to: 2 } } }),
    );
  });
});

describe("methods", () => {
  test.each([
    "focusComposer",
    "setThreadId",
    "sendCustomAction",
    "sendUserMessage",
    "setComposerValue",
    "showHistory",
    "hideHistory",
    "fetchUpdates",
  ] as const)("%s before setOptions says what to do", async name => {
    const element = new ChatKitElement() as unknown as Record<string, () => Promise<void>>;
    await expect(element[name]?.()).rejects.toThrow(`call setOptions({ api: { url } }) before ${name}()`);
  });

  test("setThreadId shows another thread, and a new one", async () => {
    const page = await new Page().show();
    await page.element.setThreadId("thr_2");
    await page.drawn();
    expect(page.text).toContain("before");
    await page.element.setThreadId(null);
    await page.drawn();
    expect(page.text).toContain("What can I help with today?");
    expect(page.heard.filter(({ name }) => name === "thread.change").map(({ detail }) => detail)).toEqual([
      { threadId: "thr_2" },
      { threadId: null },
    ]);
  });

  test("setThreadId rejects where there is no such thread, and the chat says so", async () => {
    const page = await new Page({
      "threads.get_by_id": json({ code: "thread_not_found", detail: "?" }, 404),
    }).show();
    await expect(page.element.setThreadId("thr_2")).rejects.toMatchObject({ code: "thread_not_found" });
    expect(page.names).toContain("error");
    expect(page.names.at(-1)).toBe("thread.load.end");
  });

  test("setThreadId of the thread that is being loaded settles when it is there, or is not", async () => {
    for (const [answer, settles] of [
      [OPENED["threads.get_by_id"], "is there"],
      [json({ code: "thread_not_found", detail: "?" }, 404), "is not"],
    ] as const) {
      const { answer: later, go } = held(answer ?? lost());
      const page = await new Page({ "threads.get_by_id": later }).show();
      const first = page.element.setThreadId("thr_2").catch(() => undefined);
      const second = page.element.setThreadId("thr_2").then(
        () => "is there",
        () => "is not",
      );
      const moment = new Promise(resolve => setTimeout(resolve, 0, "waits"));
      expect(await Promise.race([second, moment])).toBe("waits");
      go();
      expect(await second).toBe(settles);
      await first;
    }
  });

  test("setThreadId twice in a row shows the second", async () => {
    const page = await new Page().show();
    await Promise.all([page.element.setThreadId("thr_2"), page.element.setThreadId("thr_3")]);
    expect(page.heard.findLast(({ name }) => name === "thread.load.end")?.detail).toEqual({
      threadId: "thr_3",
    });
  });

  test("sendUserMessage sends all that it gets, and leaves the draft alone", async () => {
    const page = await new Page({ "threads.create": created("hi") }).show();
    await page.type("a draft");
    await page.element.sendUserMessage({
      content: [
        { type: "input_text", text: "see " },
        { type: "input_tag", id: "t1", text: "the roof" },
      ],
      reply: "it leaks",
      attachments: [{ type: "file", id: "f1", name: "plan.pdf", mime_type: "application/pdf" }],
      toolChoice: { id: "search" },
      model: "big",
    });
    await page.quiet();
    expect(page.sent("threads.create")[0]?.params).toEqual({
      input: {
        content: [
          { type: "input_text", text: "see " },
          { type: "input_tag", id: "t1", text: "the roof" },
        ],
        attachments: ["f1"],
        quoted_text: "it leaks",
        inference_options: { tool_choice: { id: "search" }, model: "big" },
      },
    });
    expect(page.field.value).toBe("a draft");
  });

  test("sendUserMessage waits while an answer is written", async () => {
    const { answer, go } = held(created("one"));
    const page = await new Page({
      "threads.create": answer,
      "threads.add_user_message": stream(frames(said("two"))),
    }).show();
    await page.element.sendUserMessage({ text: "one" });
    await page.element.sendUserMessage({ text: "two" });
    await page.drawn();
    expect(page.find(".queue").textContent).toContain("two");
    go();
    await vi.waitFor(() => expect(page.text).toContain("re: two"));
    expect(page.has(".queue")).toBe(false);
  });

  test("sendUserMessage in a new thread", async () => {
    const page = await new Page({ "threads.create": created("hi") }).show({ initialThread: "thr_9" });
    await page.element.sendUserMessage({ text: "hi", newThread: true });
    await page.quiet();
    expect(page.sent("threads.create")).toHaveLength(1);
  });

  test.each([
    {},
    { text: "  " },
    { text: 7 },
    { content: [{ type: "input_image" }] },
    { toolChoice: "search" },
  ])("sendUserMessage(%j) is refused", async message => {
    const page = await new Page().show();
    await expect(page.element.sendUserMessage(message as never)).rejects.toThrow(TypeError);
    expect(page.asked).toEqual([]);
  });

  test("a thread that is locked takes no messages, and says why", async () => {
    const locked = json({ ...THREAD, status: { type: "locked", reason: "The case is closed." } });
    const page = await new Page({ "threads.get_by_id": locked }).show();
    await page.element.setThreadId("thr_1");
    await page.drawn();
    await expect(page.element.sendUserMessage({ text: "hi" })).rejects.toThrow("locked");
    expect(page.find(".composer-closed").textContent).toContain("The case is closed.");
    expect(page.has("textarea")).toBe(false);
    page.button("New chat").click();
    await page.drawn();
    expect(page.has("textarea")).toBe(true);
  });

  test("setComposerValue writes the draft, its tool and its model", async () => {
    const page = await new Page({ "threads.create": created("hi") }).show({
      composer: {
        tools: [{ id: "search", label: "Search", icon: "globe" }],
        models: [
          { id: "small", label: "Small", default: true },
          { id: "big", label: "Big" },
        ],
      },
    });
    await page.element.setComposerValue({
      content: [
        { type: "input_text", text: "about " },
        { type: "input_tag", id: "t1", text: "Roof", data: { a: "b" } },
      ],
      reply: "quoted",
      attachments: [{ type: "file", id: "f1", name: "plan.pdf", mime_type: "application/pdf" }],
      selectedToolId: "search",
      selectedModelId: "big",
    });
    await page.drawn();
    expect(page.field.value).toBe("about Roof");
    expect(page.find(".composer-quote").textContent).toContain("quoted");
    expect(page.heard.at(-1)).toEqual({ name: "tool.change", detail: { toolId: "search" } });
    await page.type("about Roof now");
    await page.press("Enter");
    await page.quiet();
    expect(page.sent("threads.create")[0]?.params.input).toEqual({
      content: [
        { type: "input_text", text: "about " },
        { type: "input_tag", id: "t1", text: "Roof", data: { a: "b" } },
        { type: "input_text", text: " now" },
      ],
      attachments: ["f1"],
      quoted_text: "quoted",
      inference_options: { tool_choice: { id: "search" }, model: "big" },
    });
    await expect(page.element.setComposerValue({ selectedToolId: "none" })).rejects.toThrow("selectedToolId");
  });

  test("sendCustomAction needs a thread, and sends its action", async () => {
    const page = await new Page({
      "threads.custom_action": stream(frames([started(), done(assistant("x", "done")), ended()])),
    }).show();
    const action = { type: "count", payload: { by: 1 } };
    await expect(page.element.sendCustomAction(action)).rejects.toThrow("thread");
    await page.element.setThreadId("thr_1");
    const sent = page.element.sendCustomAction(action, "w1");
    await expect(page.element.sendCustomAction(action, "w1")).rejects.toThrow("An answer is being written");
    await vi.waitFor(() => expect(page.sent("threads.custom_action")).toHaveLength(1));
    expect(page.sent("threads.custom_action")[0]?.params).toEqual({
      thread_id: "thr_1",
      item_id: "w1",
      action,
    });
    await page.element.setThreadId(null);
    await sent;
  });

  test("fetchUpdates brings what is new", async () => {
    const page = await new Page().show({ initialThread: "thr_1" });
    await vi.waitFor(() => expect(page.text).toContain("before"));
    page.answers["items.list"] = json({
      data: [assistant("b", "after"), assistant("a", "before")],
      has_more: false,
    });
    await page.element.fetchUpdates();
    await page.drawn();
    expect(page.text).toContain("after");
  });
});

describe("options", () => {
  test("setOptions keeps the thread and the draft, and forgets what is left out", async () => {
    const page = await new Page().show({
      initialThread: "thr_1",
      header: { title: { text: "Support" } },
      composer: { placeholder: "Ask us" },
    });
    await vi.waitFor(() => expect(page.text).toContain("before"));
    await page.type("a draft");
    expect(page.field.placeholder).toBe("Ask us");
    page.element.setOptions(page.options({ theme: "dark" }));
    await page.drawn();
    expect(page.text).toContain("before");
    expect(page.text).not.toContain("Support");
    expect(page.field.value).toBe("a draft");
    expect(page.field.placeholder).toBe("Message the AI");
    expect(page.sent("threads.get_by_id")).toHaveLength(1);
  });

  test("wrong options leave the old ones", async () => {
    const page = await new Page().show({ startScreen: { greeting: "Hello there" } });
    expect(() => page.element.setOptions({ api: { url: 7 } } as never)).toThrow("api.url must be");
    await page.drawn();
    expect(page.text).toContain("Hello there");
  });

  test("another api.url is another chat", async () => {
    const page = await new Page().show({ initialThread: "thr_1" });
    await vi.waitFor(() => expect(page.text).toContain("before"));
    page.element.setOptions({ api: { url: "/other", domainKey: "x", fetch: page.fetch }, locale: "en" });
    await page.drawn();
    expect(page.text).toContain("What can I help with today?");
    expect(page.heard.at(-1)).toEqual({ name: "thread.change", detail: { threadId: null } });
  });

  test("another api.url in the middle of an answer ends it here, and nothing of it comes any more", async () => {
    const { answer, go } = held(created("hi"));
    const page = await new Page({ "threads.create": answer }).show();
    await page.element.sendUserMessage({ text: "hi" });
    const other = { ...page.options(), api: { url: "/other", domainKey: "x", fetch: page.fetch } };
    // A page may say its options again whenever it hears something.
    page.element.addEventListener("chatkit.response.end", () => page.element.setOptions(other));
    page.element.setOptions(other);
    go();
    await page.drawn();
    expect(page.text).toContain("What can I help with today?");
    expect(page.names.filter(name => name.startsWith("response"))).toEqual([
      "response.start",
      "response.end",
    ]);
    expect(page.names).not.toContain("error");
  });

  test("options that are set in what another api.url ends hold, and the chat that they name is heard of last", async () => {
    const { answer } = held(created("hi"));
    const page = await new Page({ "threads.add_user_message": answer }).show({ initialThread: "thr_1" });
    await vi.waitFor(() => expect(page.text).toContain("before"));
    await page.element.sendUserMessage({ text: "hi" });
    const at = (url: string, thread: string | null) => ({
      ...page.options(),
      api: { url, domainKey: "x", fetch: page.fetch },
      initialThread: thread,
      history: { enabled: thread !== null },
    });
    const onEnd = () => page.element.setOptions(at("/third", "thr_2"));
    page.element.addEventListener("chatkit.response.end", onEnd, { once: true });
    page.element.setOptions(at("/second", null));
    await page.drawn();
    await vi.waitFor(() => expect(page.text).toContain("before"));
    const changes = page.heard.filter(({ name }) => name === "thread.change").map(({ detail }) => detail);
    expect(changes.slice(-2)).toEqual([{ threadId: null }, { threadId: "thr_2" }]);
    await page.element.showHistory();
    expect(page.names).toContain("history.open");
  });

  test("a page that shows another thread whenever one changes ends up there", async () => {
    const page = await new Page().show();
    page.element.addEventListener("chatkit.thread.change", event => {
      if ((event as CustomEvent).detail.threadId === "thr_1") void page.element.setThreadId("thr_2");
    });
    await page.element.setThreadId("thr_1");
    await vi.waitFor(() => expect(page.names.at(-1)).toBe("thread.load.end"));
    const loads = page.heard.filter(({ name }) => name.startsWith("thread.load"));
    expect(loads).toEqual([
      { name: "thread.load.start", detail: { threadId: "thr_2" } },
      { name: "thread.load.end", detail: { threadId: "thr_2" } },
    ]);
  });

  test("a page that shows another thread whenever an answer ends ends up there, too", async () => {
    const page = await new Page({ "threads.create": held(created("hi")).answer }).show();
    await page.element.sendUserMessage({ text: "hi" });
    page.element.addEventListener("chatkit.response.end", () => void page.element.setThreadId("thr_2"), {
      once: true,
    });
    await page.element.setThreadId("thr_1");
    await vi.waitFor(() => expect(page.names.at(-1)).toBe("thread.load.end"));
    const changes = page.heard.filter(({ name }) => name === "thread.change").map(({ detail }) => detail);
    expect(changes).toEqual([{ threadId: "thr_2" }]);
    expect(page.text).toContain("before");
  });

  test("api.fetch and the language hold for every call", async () => {
    const page = await new Page({ "threads.create": created("hi") }).show({
      initialThread: "thr_1",
      locale: "de",
    });
    await page.element.sendUserMessage({ text: "hi", newThread: true });
    await page.element.showHistory();
    await page.quiet();
    expect(page.asked.map(({ type }) => type).toSorted()).toEqual([
      "items.list",
      "runs.get",
      "threads.create",
      "threads.get_by_id",
      "threads.list",
    ]);
    for (const { headers } of page.asked) expect(headers["Accept-Language"]).toBe("de");
  });

  test("options that were set before the element was defined hold", async () => {
    const page = new Page();
    const early = document.createElement("x-early") as HTMLElement & { options?: unknown };
    early.options = page.options({ startScreen: { greeting: "Early" } });
    document.body.append(early);
    customElements.define("x-early", class extends ChatKitElement {});
    customElements.upgrade(early);
    await vi.waitFor(() => expect(early.shadowRoot?.textContent).toContain("Early"));
  });

  test("frameTitle names the element, unless the page does", async () => {
    const page = await new Page().show({ frameTitle: "Support" });
    expect(page.element.getAttribute("role")).toBe("region");
    expect(page.element.getAttribute("aria-label")).toBe("Support");
    page.element.setAttribute("aria-label", "Mine");
    page.element.setOptions(page.options({ frameTitle: "Other" }));
    await page.drawn();
    expect(page.element.getAttribute("aria-label")).toBe("Mine");
  });
});

describe("client tools", () => {
  const call = {
    type: "client_tool_call" as const,
    id: "c1",
    thread_id: "thr_1",
    created_at: "2026-01-01T00:00:00Z",
    status: "pending" as const,
    call_id: "call_1",
    name: "clock",
    arguments: { zone: "UTC" },
  };
  const calling = stream(frames([started(), done(call), ended()]));
  const answered = stream(frames([started("run_2"), done(assistant("n", "it is noon")), ended("run_2")]));

  test.each([
    ["an object", () => ({ time: "12:00" }), { time: "12:00" }],
    ["a promise", async () => ({ time: "12:00" }), { time: "12:00" }],
    [
      "what throws",
      () => {
        throw new Error("no clock");
      },
      { error: "no clock" },
    ],
    ["nothing", undefined, { error: expect.stringContaining("clock") }],
  ])("%s is the result", async (_, onClientTool, result) => {
    const page = await new Page({
      "threads.add_user_message": calling,
      "threads.add_client_tool_output": answered,
    }).show({ initialThread: "thr_1", ...(onClientTool ? { onClientTool } : {}) });
    await page.element.sendUserMessage({ text: "what time?" });
    await vi.waitFor(() => expect(page.sent("threads.add_client_tool_output")).toHaveLength(1));
    expect(page.sent("threads.add_client_tool_output")[0]?.params).toEqual({ thread_id: "thr_1", result });
  });
});

describe("in the page", () => {
  test("a move keeps the thread and its answer", async () => {
    const { answer, go } = held(created("hi"));
    const page = await new Page({ "threads.create": answer }).show();
    await page.element.sendUserMessage({ text: "hi" });
    const elsewhere = document.body.appendChild(document.createElement("div"));
    elsewhere.append(page.element);
    go();
    await page.quiet();
    expect(page.text).toContain("re: hi");
    expect(page.sent("threads.create")).toHaveLength(1);
  });

  test("an element that was away for long goes on with what it showed", async () => {
    const page = await new Page().show({ initialThread: "thr_1" });
    await vi.waitFor(() => expect(page.text).toContain("before"));
    page.element.remove();
    await new Promise(resolve => setTimeout(resolve, 1100));
    page.answers["items.list"] = json({
      data: [assistant("b", "after"), assistant("a", "before")],
      has_more: false,
    });
    document.body.append(page.element);
    await vi.waitFor(() => expect(page.text).toContain("after"));
    expect(page.text).toContain("before");
    expect(page.names.filter(name => name === "thread.change")).toHaveLength(1);
  });

  test("an answer goes on when the element is back after long", async () => {
    const { answer } = held(created("hi"));
    const run = { id: "run_1", thread_id: "thr_1", status: "running", attempt: 1, created_at: "" };
    const page = await new Page({ "threads.add_user_message": answer }).show({ initialThread: "thr_1" });
    await page.element.sendUserMessage({ text: "hi" });
    page.element.remove();
    await new Promise(resolve => setTimeout(resolve, 1100));
    expect(page.names.at(-1)).toBe("response.end");
    page.answers["runs.get"] = json({ run });
    page.answers["runs.attach"] = stream(frames(said("hi")));
    document.body.append(page.element);
    await vi.waitFor(() => expect(page.text).toContain("re: hi"));
    const keys = page.sent("threads.add_user_message").map(({ headers }) => headers["Idempotency-Key"]);
    expect(new Set(keys).size).toBe(1);
  });

  test("a client tool may take the element out of the page for as long as it is at it", async () => {
    const call = {
      type: "client_tool_call" as const,
      id: "c",
      thread_id: "thr_1",
      created_at: "",
      status: "pending" as const,
      call_id: "call",
      name: "ask",
      arguments: {},
    };
    const page = await new Page({
      "threads.add_user_message": stream(frames([started(), done(call), ended()])),
      "threads.add_client_tool_output": stream(frames(said("seen"))),
    }).show({
      initialThread: "thr_1",
      onClientTool: async () => {
        page.element.remove();
        await new Promise(resolve => setTimeout(resolve, 1300));
        document.body.append(page.element);
        return { colour: "green" };
      },
    });
    await page.element.sendUserMessage({ text: "hi" });
    await vi.waitFor(() => expect(page.text).toContain("re: seen"), 3000);
    expect(page.sent("threads.add_client_tool_output")[0]?.params.result).toEqual({ colour: "green" });
  });

  test("whoever comes back to the page sees what is new, and no failure", async () => {
    const page = await new Page().show({ initialThread: "thr_1" });
    await vi.waitFor(() => expect(page.text).toContain("before"));
    page.answers["items.list"] = json({
      data: [assistant("b", "after"), assistant("a", "before")],
      has_more: false,
    });
    globalThis.dispatchEvent(new Event("online"));
    await vi.waitFor(() => expect(page.text).toContain("after"));
    page.answers["items.list"] = lost();
    document.dispatchEvent(new Event("visibilitychange"));
    await page.drawn();
    expect(page.names).not.toContain("error");
  });
});
