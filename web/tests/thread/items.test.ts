import { afterEach, describe, expect, test, vi } from "vitest";
import { assistant, Chat, item, leave, user } from "./chat";

afterEach(leave);

const url = (title: string, address = "https://www.example.com/a") => ({ type: "url", url: address, title });
const annotation = (source: object, index?: number) => ({ type: "annotation", source, index });

describe("a user's message", () => {
  test("is its words, tags and quote", async () => {
    const content = [
      { type: "input_text", text: "What about " },
      { type: "input_tag", id: "t1", text: "the roof" },
    ];
    const chat = await Chat.of([user("u", "", { content, quoted_text: "It leaks" })]).draw();
    expect(chat.one(".thread-quote").textContent).toBe("It leaks");
    expect(chat.one(".thread-bubble-text").textContent).toBe("What about the roof");
    expect(chat.one(".thread-tag").localName).toBe("span");
  });

  test("has tags that the page is told of, where they are interactive", async () => {
    const onClick = vi.fn();
    const content = [{ type: "input_tag", id: "t1", text: "the roof", interactive: true, group: "tasks" }];
    const chat = await Chat.of([user("u", "", { content })], { entities: { onClick } }).draw();
    await chat.click("the roof");
    expect(onClick).toHaveBeenCalledWith({
      id: "t1",
      title: "the roof",
      interactive: true,
      data: {},
      group: "tasks",
    });
  });

  test("shows files by name, and images only from addresses that are some", async () => {
    const image = (id: string, preview_url: string) => ({
      type: "image",
      id,
      name: id,
      mime_type: "image/png",
      preview_url,
    });
    const attachments = [
      { type: "file", id: "f", name: "plan.pdf", mime_type: "application/pdf" },
      image("good", "https://example.com/a.png"),
      image("embedded", "data:image/png;base64,AAAA"),
      image("bad", "javascript:alert(1)"),
      image("worse", "data:text/html,<script>alert(1)</script>"),
    ];
    const chat = await Chat.of([user("u", "look", { attachments })]).draw();
    expect(chat.all("img").map(image => image.getAttribute("alt"))).toEqual(["good", "embedded"]);
    expect(chat.all(".thread-file-name").map(name => name.textContent)).toContain("plan.pdf");
    expect(chat.element.innerHTML).not.toContain("javascript:");
  });

  test("that is long is cut until one asks for all of it", async () => {
    const text = "many words ".repeat(100_000);
    const chat = await Chat.of([user("u", text)]).draw();
    expect(chat.one(".thread-bubble-text").textContent?.length).toBeLessThan(5000);
    await chat.click("Show more");
    expect(chat.one(".thread-bubble-text").textContent).toBe(text);
    await chat.click("Show less");
    expect(chat.one(".thread-bubble-text").textContent?.length).toBeLessThan(5000);
  });

  test("can be copied", async () => {
    const writeText = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue(undefined);
    const chat = await Chat.of([user("u", "copy me")]).draw();
    await chat.click("Copy");
    expect(writeText).toHaveBeenCalledWith("copy me");
    await vi.waitFor(() => chat.button("Copied"));
  });
});

describe("an answer", () => {
  test("has its parts one below the other", async () => {
    const content = ["first", "second"].map(text => ({ type: "output_text", text, annotations: [] }));
    const chat = await Chat.of([item("assistant_message", "a", { content })]).draw();
    expect(chat.one(".thread-answer").textContent).toMatch(/first\s*second/);
  });

  test("numbers its sources, each once, and lists them when one asks", async () => {
    const annotations = [
      annotation(url("One"), 5),
      annotation(url("Two", "https://two.example/"), 11),
      annotation(url("One again"), 11),
    ];
    const chat = await Chat.of([assistant("a", "hello world", { annotations })]).draw();
    expect(chat.all(".thread-citation").map(chip => chip.textContent)).toEqual(["1", "2", "1"]);
    expect(chat.all(".thread-citation")[0]?.getAttribute("href")).toBe("https://www.example.com/a");
    expect(chat.all(".thread-source")).toHaveLength(0);
    await chat.click("2 sources");
    expect(chat.all(".thread-source-title").map(title => title.textContent)).toEqual(["One", "Two"]);
    expect(
      chat.all("a.thread-source").every(link => link.getAttribute("rel") === "noopener noreferrer"),
    ).toBe(true);
  });

  test("has sources of any kind, and follows no address that is none", async () => {
    const onClick = vi.fn();
    const sources = [
      url("Bad", "javascript:alert(1)"),
      { type: "file", filename: "a.pdf", title: "" },
      { type: "entity", id: "e", title: "Task", interactive: true, inline_label: "T" },
      { type: "surprise", title: "New" },
    ];
    const annotations = sources.map((source, index) => annotation(source, index));
    const chat = await Chat.of([assistant("a", "hello world", { annotations })], {
      entities: { onClick },
    }).draw();
    await chat.click("4 sources");
    expect(chat.all(".thread-source-title").map(title => title.textContent)).toEqual([
      "Bad",
      "a.pdf",
      "Task",
      "New",
    ]);
    expect(chat.all("a")).toEqual([]);
    await chat.click("T: Task");
    expect(onClick).toHaveBeenCalledWith({ id: "e", title: "Task", interactive: true, data: {} });
  });

  test("that grows says nothing of its sources yet", async () => {
    const chat = Chat.of([assistant("a", "hello", { annotations: [annotation(url("One"))] })]);
    await chat.set({ conversation: { ...chat.state.conversation, open: new Set(["a"]) }, responding: true });
    expect(chat.all(".thread-sources")).toHaveLength(0);
    expect(chat.one(".thread-item").getAttribute("aria-busy")).toBe("true");
  });

  test("without a word is not there", async () => {
    const chat = await Chat.of([assistant("a", "")]).draw();
    expect(chat.items).toEqual([]);
  });
});

describe("an image that is made", () => {
  const image = { id: "i", url: "https://example.com/i.png" };

  test("is blurred while it is made", async () => {
    const chat = Chat.of([item("generated_image", "g", { image, progress: 0.5 })]);
    await chat.set({ conversation: { ...chat.state.conversation, open: new Set(["g"]) }, responding: true });
    expect(chat.one("img").style.filter).toBe("blur(14px)");
    expect(chat.one("[role=progressbar]").getAttribute("aria-valuenow")).toBe("50");
  });

  test("is sharp when it is there, and has a name", async () => {
    const chat = await Chat.of([item("generated_image", "g", { image })]).draw();
    expect(chat.one("img").style.filter).toBe("");
    expect(chat.one("img").getAttribute("alt")).toBe("Generated image");
    expect(chat.all("[role=progressbar]")).toHaveLength(0);
  });

  test.each([[undefined], [{ id: "i", url: "javascript:alert(1)" }]])(
    "says so where there is none: %j",
    async image => {
      const chat = await Chat.of([item("generated_image", "g", { image })]).draw();
      expect(chat.items).toEqual(["The image cannot be shown"]);
    },
  );

  test("says so where it cannot be loaded", async () => {
    const chat = await Chat.of([item("generated_image", "g", { image })]).draw();
    chat.one("img").dispatchEvent(new Event("error"));
    await chat.drawn();
    expect(chat.items).toEqual(["The image cannot be shown"]);
  });

  test("is not shown from where the thread does not allow it", async () => {
    const chat = Chat.of([item("generated_image", "g", { image })]);
    const thread = {
      id: "t",
      created_at: "",
      status: { type: "active" as const },
      allowed_image_domains: ["other.org"],
    };
    await chat.set({ conversation: { ...chat.state.conversation, thread } });
    expect(chat.all("img")).toHaveLength(0);
  });
});

describe("a workflow", () => {
  const workflow = (fields: object) =>
    item("workflow", "w", { workflow: { type: "custom", tasks: [], ...fields } });
  const thought = { type: "thought", title: "First", content: "the content" };

  test("that is over is its summary, and opens", async () => {
    const chat = await Chat.of([
      workflow({ type: "reasoning", tasks: [thought], summary: { duration: 83 } }),
    ]).draw();
    expect(chat.items).toEqual(["Thought for 1 min 23 sec"]);
    await chat.click("Thought for 1 min 23 sec");
    expect(chat.items[0]).toContain("the content");
    expect(chat.button("Thought for 1 min 23 sec").getAttribute("aria-expanded")).toBe("true");
  });

  test("of steps that is over is its steps, however long they took", async () => {
    const step = (title: string) => ({ type: "custom", title, status_indicator: "complete" });
    const over = (...tasks: object[]) => workflow({ tasks, summary: { duration: 83 } });
    expect((await Chat.of([over(step("Adding a task"))]).draw()).items).toEqual(["Adding a task"]);
    expect((await Chat.of([over(step("Adding"), step("Moving"))]).draw()).items).toEqual(["2 steps"]);
  });

  test("that goes on is what it does at the moment", async () => {
    const tasks = [
      { type: "custom", title: "Done", status_indicator: "complete" },
      { type: "web_search", title_query: "roofers", status_indicator: "loading" },
    ];
    const chat = Chat.of([workflow({ tasks })]);
    await chat.set({ conversation: { ...chat.state.conversation, open: new Set(["w"]) }, responding: true });
    expect(chat.items).toEqual(["Searching for “roofers”"]);
    expect(chat.one(".thread-disclosure").hasAttribute("data-running")).toBe(true);
  });

  test("is open where the server wants it, and shows every kind of task", async () => {
    const tasks = [
      {
        type: "custom",
        title: "Reading",
        icon: "document",
        content: "some *text*",
        status_indicator: "loading",
      },
      {
        type: "web_search",
        queries: ["roofers"],
        sources: [url("Roofers"), url("Bad", "javascript:alert(1)")],
      },
      thought,
      { type: "file", title: "Files", sources: [{ type: "file", filename: "a.pdf", title: "Plan" }] },
      { type: "image", title: "Drawing", status_indicator: "complete" },
      { type: "surprise", title: "New" },
    ];
    const chat = await Chat.of([workflow({ tasks, expanded: true, summary: { title: "All done" } })]).draw();
    expect(chat.all(".thread-task-title").map(title => title.textContent)).toEqual([
      "Reading",
      "Searching the web",
      "First",
      "Files",
      "Drawing",
      "New",
    ]);
    expect(chat.all(".thread-chip").map(chip => chip.textContent?.trim())).toEqual([
      "roofers",
      "Roofers",
      "Bad",
      "Plan",
    ]);
    expect(chat.all("a.thread-chip")).toHaveLength(1);
    expect(chat.all(".thread-ring")).toHaveLength(1);
  });

  test("with nothing in it is not there", async () => {
    expect((await Chat.of([workflow({})]).draw()).items).toEqual([]);
  });
});

test("a task alone is a line, and opens where there is more to it", async () => {
  const chat = await Chat.of([
    item("task", "t1", { task: { type: "custom", title: "Saved" } }),
    item("task", "t2", { task: { type: "thought", title: "Why", content: "because" } }),
  ]).draw();
  expect(chat.items).toEqual(["Saved", "Why"]);
  await chat.click("Why");
  expect(chat.items[1]).toContain("because");
});

test("a widget is drawn by its own", async () => {
  const widget = { type: "Card", children: [{ type: "Text", value: "inside" }] };
  const chat = await Chat.of([item("widget", "w", { widget })]).draw();
  expect(chat.all(".thread-widget")).toHaveLength(1);
});

test("a call of the page's tool is a line while it goes on, and then nothing", async () => {
  const call = item("client_tool_call", "c", {
    status: "pending",
    call_id: "1",
    name: "look",
    arguments: {},
  });
  const chat = Chat.of([call]);
  await chat.set({ responding: true });
  expect(chat.items).toEqual(["Waiting for this page…"]);
  await chat.set({ responding: false });
  expect(chat.items).toEqual([]);
});

describe("what is not known, or makes no sense", () => {
  test("is left out", async () => {
    const chat = await Chat.of([
      item("hologram", "h", { anything: 1 }),
      item("end_of_turn", "e"),
      item("widget", "w", { widget: "no" }),
      item("workflow", "f"),
      item("task", "t", { task: 7 }),
      { type: "assistant_message" },
      null,
      assistant("a", "still here"),
    ]).draw();
    expect(chat.items).toEqual(["still here"]);
  });

  const wrong: unknown[] = [
    null,
    7,
    "text",
    [],
    {},
    [null, 7, {}],
    { _$litType$: 1, strings: ["<b>"], values: [] },
  ];
  const kinds: Record<string, string[]> = {
    user_message: ["content", "attachments", "quoted_text", "inference_options"],
    assistant_message: ["content"],
    generated_image: ["image", "progress"],
    structured_input: ["status", "inputs"],
    workflow: ["workflow"],
    task: ["task"],
    client_tool_call: ["status", "name", "arguments"],
    widget: ["widget", "copy_text"],
  };
  const odd = (value: unknown) => ({
    type: value,
    title: value,
    text: value,
    url: value,
    content: value,
    tasks: [{ type: "custom", title: value, content: value, icon: value, status_indicator: value }, value],
    summary: { title: value, duration: value, icon: value },
    sources: [value, { type: "url", url: value, title: value, description: value, timestamp: value }],
    annotations: [{ source: { type: "url", url: value, title: value } }, value],
  });

  test("takes nothing else with it", async () => {
    for (const [type, fields] of Object.entries(kinds)) {
      for (const value of wrong) {
        const all = [value, odd(value), [odd(value)]].flatMap(bad =>
          fields.map((field, index) =>
            item(type, `x${index}${JSON.stringify(bad).length}`, { [field]: bad }),
          ),
        );
        const chat = await Chat.of([...all, assistant("a", "still here")]).draw();
        expect(chat.items.at(-1)).toBe("still here");
        leave();
      }
    }
  });
});

test("HTML and script are words, wherever they are", async () => {
  const evil = '<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script>';
  const source = {
    type: "url",
    url: "https://example.com",
    title: evil,
    description: evil,
    attribution: evil,
  };
  const tasks = [
    { type: "custom", title: evil, content: evil, icon: evil },
    { type: "web_search", title_query: evil, queries: [evil], sources: [source] },
    { type: "thought", title: evil, content: evil },
  ];
  const chat = await Chat.of([
    user("u", evil, {
      quoted_text: evil,
      attachments: [{ type: "file", id: "f", name: evil, mime_type: evil }],
    }),
    assistant("a", evil, { annotations: [annotation(source, 3)] }),
    item("workflow", "w", {
      workflow: { type: "custom", tasks, expanded: true, summary: { title: evil, icon: evil } },
    }),
    item("task", "t", { task: tasks[0] }),
    item("structured_input", "s", {
      status: "pending",
      inputs: [
        { id: evil, type: "multiple_choice", question: evil, options: [{ value: evil }] },
        { id: "2", type: "freeform", question: evil, description: evil },
      ],
    }),
  ]).draw();
  await chat.click("1 source");
  expect(chat.all("script")).toEqual([]);
  expect(chat.all("[onerror]")).toEqual([]);
  expect(globalThis).not.toHaveProperty("owned");
});
