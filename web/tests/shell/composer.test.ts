import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { json, lost, stream } from "../protocol/server";
import { assistant, done, ended, started } from "../state/events";
import { created, frames, held, Page, said } from "./page";

beforeEach(() => sessionStorage.clear());
afterEach(() => document.body.replaceChildren());

const TOOLS = [
  {
    id: "search",
    label: "Search the web",
    shortLabel: "Search",
    icon: "globe" as const,
    placeholderOverride: "Look for?",
  },
  { id: "image", label: "Create an image", icon: "images" as const, pinned: true },
  { id: "study", label: "Study", icon: "book-open" as const, pinned: true, persistent: true },
];
const MODELS = [
  { id: "small", label: "Small" },
  { id: "big", label: "Big", description: "Slow", default: true },
  { id: "none", label: "Not yours", disabled: true },
];

function inputs(page: Page): Record<string, unknown>[] {
  return page.asked
    .filter(({ type }) => type === "threads.create" || type === "threads.add_user_message")
    .map(({ params }) => params.input as Record<string, unknown>);
}

describe("keys", () => {
  test("Enter sends, and the field is empty again", async () => {
    const page = await new Page({ "threads.create": created("hi") }).show();
    await page.type("  hi\nthere ");
    const event = await page.press("Enter");
    expect(event.defaultPrevented).toBe(true);
    expect(inputs(page)[0]?.content).toEqual([{ type: "input_text", text: "hi\nthere" }]);
    expect(page.field.value).toBe("");
    await page.quiet();
  });

  test.each([
    ["Shift-Enter", { shiftKey: true }],
    ["Enter of an input method", { isComposing: true }],
    ["Enter of an old input method", { keyCode: 229 }],
  ])("%s does not send", async (_, init) => {
    const page = await new Page().show();
    await page.type("hi");
    const event = await page.press("Enter", init);
    expect(event.defaultPrevented).toBe(false);
    expect(page.asked).toEqual([]);
  });

  test("Enter sends nothing where nothing is written", async () => {
    const page = await new Page().show();
    await page.type(" \n ");
    await page.press("Enter");
    page.button("Send message").click();
    expect(page.asked).toEqual([]);
  });
});

describe("while an answer is written", () => {
  async function answering() {
    const { answer, go } = held(created("one"));
    const page = await new Page({
      "threads.create": answer,
      "threads.add_user_message": asked =>
        stream(frames(said((asked.params.input as { content: { text: string }[] }).content[0]?.text ?? "")))(
          asked,
        ),
    }).show();
    await page.type("one");
    await page.press("Enter");
    return { page, go };
  }

  test("Enter lets a message wait, and it is sent after the answer", async () => {
    const { page, go } = await answering();
    await page.type("two");
    expect(page.button("Send when the answer is finished")).toBeDefined();
    expect(page.button("Stop")).toBeDefined();
    await page.press("Enter");
    expect(page.find(".queue-message").textContent).toContain("two");
    expect(inputs(page)).toHaveLength(1);
    go();
    await vi.waitFor(() => expect(page.text).toContain("re: two"));
    expect(page.has(".queue")).toBe(false);
  });

  test("a message that waits is taken back before what was written meanwhile", async () => {
    const { page, go } = await answering();
    await page.element.setComposerValue({ text: "two", reply: "quoted" });
    await page.drawn();
    await page.press("Enter");
    await page.type("three");
    page.button("Take back").click();
    await page.drawn();
    expect(page.field.value).toBe("two\n\nthree");
    expect(page.find(".composer-quote").textContent).toContain("quoted");
    expect(page.has(".queue")).toBe(false);
    go();
    await page.quiet();
    expect(inputs(page)).toHaveLength(1);
  });

  test("the arrow up takes back the last one", async () => {
    const { page, go } = await answering();
    for (const text of ["two", "three"]) {
      await page.type(text);
      await page.press("Enter");
    }
    await page.press("ArrowUp");
    expect(page.field.value).toBe("three");
    await page.press("ArrowUp");
    expect(page.field.value).toBe("three");
    go();
    await page.quiet();
  });

  test("Stop stops it", async () => {
    let push: (text: string) => void = () => undefined;
    const page = await new Page({
      "threads.create": () => {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            push = text => controller.enqueue(new TextEncoder().encode(text));
          },
        });
        return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
      },
      "runs.cancel": asked => {
        push(
          frames([{ type: "run.ended", run_id: "run_1", status: "cancelled" }])
            .join("")
            .replace("1-1", "1-9"),
        );
        return json({ run: { id: "run_1", status: "running" } })(asked);
      },
    }).show();
    await page.type("one");
    await page.press("Enter");
    push(frames([started()]).join(""));
    await page.drawn();
    page.button("Stop").click();
    await page.quiet();
    expect(page.sent("runs.cancel")[0]?.params).toEqual({ thread_id: "thr_1", run_id: "run_1" });
    expect(page.names.at(-1)).toBe("response.end");
    expect(page.button("Send message")).toBeDefined();
  });
});

describe("messages that did not arrive", () => {
  test("stay with the reason, and are sent again", async () => {
    const page = await new Page({ "threads.create": json({ code: "too_large", detail: "x" }, 413) }).show();
    await page.type("hi");
    await page.press("Enter");
    await page.quiet();
    expect(page.find(".queue-message").textContent).toMatch(/hi\s*Not sent\. This is too large\./);
    expect(page.has(".start")).toBe(true);
    page.answers["threads.create"] = created("hi");
    page.button("Send again").click();
    await vi.waitFor(() => expect(page.text).toContain("re: hi"));
    expect(page.has(".queue")).toBe(false);
  });
});

describe("drafts", () => {
  test("each thread has its own", async () => {
    const page = await new Page().show();
    await page.type("for a new one");
    await page.element.setThreadId("thr_2");
    await page.drawn();
    expect(page.field.value).toBe("");
    await page.type("for the second");
    await page.element.setThreadId(null);
    await page.drawn();
    expect(page.field.value).toBe("for a new one");
    await page.element.setThreadId("thr_2");
    await page.drawn();
    expect(page.field.value).toBe("for the second");
  });

  test("they outlive a reload of the page", async () => {
    const page = await new Page().show({ initialThread: "thr_2", composer: { models: MODELS } });
    await page.type("not yet sent");
    await page.element.setComposerValue({ selectedModelId: "small" });
    globalThis.dispatchEvent(new Event("pagehide"));
    page.element.remove();
    const again = await new Page().show({ initialThread: "thr_2", composer: { models: MODELS } });
    expect(again.field.value).toBe("not yet sent");
    expect(again.find(".composer-model").textContent).toContain("Small");
  });

  test("what is written while a new thread gets its id stays", async () => {
    const { answer, go } = held(created("one"));
    const page = await new Page({ "threads.create": answer }).show();
    await page.type("one");
    await page.press("Enter");
    await page.type("meanwhile");
    go();
    await page.quiet();
    expect(page.field.value).toBe("meanwhile");
    await page.element.setThreadId(null);
    await page.drawn();
    expect(page.field.value).toBe("");
  });

  test("somebody else's storage does no harm", async () => {
    sessionStorage.setItem("chatkit draft /chatkit ", '{"text": 7, "tags": null}');
    const page = await new Page().show();
    expect(page.field.value).toBe("");
  });
});

describe("tools and models", () => {
  async function shown() {
    return await new Page({ "threads.create": created("hi") }).show({
      composer: { tools: TOOLS, models: MODELS },
    });
  }

  async function choose(page: Page, menu: string, item: string): Promise<void> {
    page.button(menu).click();
    await page.drawn();
    const items = [...page.root.querySelectorAll<HTMLElement>("[data-item]")];
    items.find(one => one.querySelector(".menu-label")?.textContent === item)?.click();
    await page.drawn();
  }

  test("a tool is chosen from the menu, sent, and not chosen any more", async () => {
    const page = await shown();
    await choose(page, "Choose a tool", "Search the web");
    expect(page.field.placeholder).toBe("Look for?");
    expect(page.find("[data-chosen]").textContent).toContain("Search");
    await page.type("hi");
    await page.press("Enter");
    await page.quiet();
    expect(inputs(page)[0]?.inference_options).toEqual({ tool_choice: { id: "search" }, model: "big" });
    expect(page.has("[data-chosen]")).toBe(false);
    const changes = page.heard.filter(({ name }) => name === "tool.change").map(({ detail }) => detail);
    expect(changes).toEqual([{ toolId: "search" }, { toolId: null }]);
  });

  test("a tool that is persistent stays", async () => {
    const page = await shown();
    page.button("Study").click();
    await page.drawn();
    expect(page.button("Study").getAttribute("aria-pressed")).toBe("true");
    await page.type("hi");
    await page.press("Enter");
    await page.quiet();
    expect(page.button("Study").getAttribute("aria-pressed")).toBe("true");
  });

  test("a chosen tool can be given up", async () => {
    const page = await shown();
    page.button("Create an image").click();
    await page.drawn();
    page.button("Create an image").click();
    await choose(page, "Choose a tool", "Search the web");
    page.button("Stop using Search the web").click();
    expect(page.heard.at(-1)).toEqual({ name: "tool.change", detail: { toolId: null } });
  });

  test("a tool that the page no longer has is not chosen", async () => {
    const page = await shown();
    page.button("Study").click();
    page.element.setOptions(page.options());
    expect(page.heard.at(-1)).toEqual({ name: "tool.change", detail: { toolId: null } });
  });

  test("the default model is sent, then the one that was chosen; none that is disabled", async () => {
    const page = await shown();
    expect(page.find(".composer-model").textContent).toContain("Big");
    await choose(page, "Model: Big. Choose another one", "Not yours");
    expect(page.find(".composer-model").textContent).toContain("Big");
    await page.press("Escape", {}, page.find("[role=menu]"));
    await choose(page, "Model: Big. Choose another one", "Small");
    await page.type("hi");
    await page.press("Enter");
    await page.quiet();
    expect(inputs(page)[0]?.inference_options).toEqual({ model: "small" });
    expect(page.find(".composer-model").textContent).toContain("Small");
  });
});

describe("the start screen", () => {
  test("a prompt is sent as it is", async () => {
    const content = [
      { type: "input_text" as const, text: "About " },
      { type: "input_tag" as const, id: "t", text: "Roof" },
    ];
    const page = await new Page({ "threads.create": created("hi") }).show({
      startScreen: { greeting: "Hello", prompts: [{ label: "Roof", prompt: content, icon: "lightbulb" }] },
      composer: { tools: TOOLS },
    });
    expect(page.text).toContain("Hello");
    page.button("Study").click();
    page.button("Roof").click();
    await page.quiet();
    expect(inputs(page)[0]?.inference_options).toEqual({ tool_choice: { id: "study" } });
    expect(inputs(page)[0]?.content).toEqual(content);
    expect(page.has(".start")).toBe(false);
  });
});

describe("the connection", () => {
  test("a loss that lasts is said, and its end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { Connection } = await import("../../src/view/shell/connection");
      const { en } = await import("../../src/locale/en");
      const banner = new Connection();
      banner.strings = en;
      document.body.append(banner);
      banner.interrupted = true;
      await banner.updateComplete;
      expect(banner.textContent?.trim()).toBe("");
      await vi.advanceTimersByTimeAsync(1000);
      expect(banner.textContent).toContain("Reconnecting");
      banner.interrupted = false;
      await banner.updateComplete;
      await banner.updateComplete;
      expect(banner.textContent).toContain("Connected again");
      await vi.advanceTimersByTimeAsync(3000);
      expect(banner.textContent?.trim()).toBe("");
    } finally {
      vi.useRealTimers();
    }
  });

  test("a message is sent once the server can be reached, and nothing is lost", async () => {
    const answers = [lost(), created("hi")];
    const page = await new Page({ "threads.create": asked => (answers.shift() ?? lost())(asked) }).show();
    await page.type("hi");
    await page.press("Enter");
    await vi.waitFor(() => expect(page.text).toContain("re: hi"), 3000);
    const keys = page.sent("threads.create").map(({ headers }) => headers["Idempotency-Key"]);
    expect(new Set(keys).size).toBe(1);
  });
});

test("an answer with nothing to follow it ends", async () => {
  const page = await new Page({
    "threads.create": stream(frames([started(), done(assistant("x", "done")), ended()])),
  }).show();
  await page.type("hi");
  await page.press("Enter");
  await page.quiet();
  expect(page.button("Send message").getAttribute("aria-disabled")).toBe("true");
});
