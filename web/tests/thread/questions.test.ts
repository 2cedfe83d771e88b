import { afterEach, describe, expect, test } from "vitest";
import { Chat, item, leave } from "./chat";

afterEach(leave);

const inputs = [
  { id: "who", type: "multiple_choice", question: "Who?", options: [{ value: "Ann" }, { value: "Bob" }] },
  {
    id: "what",
    type: "multiple_choice",
    multiple: true,
    question: "What?",
    options: [{ value: "A" }, { value: "B" }],
  },
  { id: "why", type: "freeform", question: "Why?", description: "In a word" },
];

function asked(): Chat {
  return Chat.of([item("structured_input", "q", { status: "pending", inputs })]);
}

async function choose(chat: Chat, value: string): Promise<void> {
  const label = chat.all("label.thread-choice").find(one => one.textContent?.trim() === value);
  const input = label?.querySelector("input");
  if (!input) throw new Error(`no ${value}`);
  input.checked = !input.checked;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  await chat.drawn();
}

async function write(chat: Chat, selector: string, text: string): Promise<void> {
  const field = chat.one(selector) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await chat.drawn();
}

async function submit(chat: Chat): Promise<void> {
  chat.one("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await chat.drawn();
}

describe("questions that wait", () => {
  test("are answered together; what was left out was skipped", async () => {
    const chat = await asked().draw();
    expect(chat.button("Submit").disabled).toBe(true);
    await choose(chat, "Ann");
    await choose(chat, "Bob");
    await choose(chat, "A");
    await choose(chat, "B");
    await choose(chat, "A");
    expect(chat.button("Submit").disabled).toBe(false);
    await submit(chat);
    expect(chat.asked.answerQuestions).toHaveBeenCalledWith("q", "answered", {
      who: { values: ["Bob"] },
      what: { values: ["B"] },
      why: { skipped: true },
    });
  });

  test("may be called by what every object has", async () => {
    for (const id of ["constructor", "__proto__", "toString"]) {
      const odd = { id, type: "multiple_choice", question: "What?", options: [{ value: "Oak" }] };
      const both = { status: "pending", inputs: [inputs[0], odd] };
      const chat = await Chat.of([item("structured_input", "q", both)]).draw();
      await choose(chat, "Ann");
      await choose(chat, "Oak");
      await submit(chat);
      const answers = Object.fromEntries([
        ["who", { values: ["Ann"] }],
        [id, { values: ["Oak"] }],
      ]);
      expect(chat.asked.answerQuestions).toHaveBeenCalledWith("q", "answered", answers);
      leave();
    }
  });

  test("take other answers than those that are offered", async () => {
    const chat = await asked().draw();
    await choose(chat, "Ann");
    await write(chat, "fieldset fieldset input[type=text]", "Carl");
    await write(chat, "textarea", " because ");
    await submit(chat);
    expect(chat.asked.answerQuestions).toHaveBeenCalledWith("q", "answered", {
      who: { values: ["Carl"] },
      what: { skipped: true },
      why: { values: ["because"] },
    });
  });

  test("can be skipped", async () => {
    const chat = await asked().draw();
    await chat.click("Skip");
    expect(chat.asked.answerQuestions).toHaveBeenCalledWith("q", "skipped", {});
  });

  test("are not sent empty, nor while an answer is written", async () => {
    const chat = await asked().draw();
    await submit(chat);
    await choose(chat, "Ann");
    await chat.set({ responding: true });
    expect((chat.one("fieldset") as HTMLFieldSetElement).disabled).toBe(true);
    await submit(chat);
    expect(chat.asked.answerQuestions).not.toHaveBeenCalled();
  });

  test("keep what was written when the thread is drawn again", async () => {
    const chat = await asked().draw();
    await write(chat, "textarea", "because");
    await chat.set({ responding: true });
    await chat.set({ responding: false });
    expect((chat.one("textarea") as HTMLTextAreaElement).value).toBe("because");
  });

  test("have names for all that can be filled in", async () => {
    const chat = await asked().draw();
    expect(chat.all("legend").map(legend => legend.textContent)).toEqual(["Who?", "What?"]);
    const [label] = chat.all("label[for]");
    expect(chat.one("textarea").id).toBe(label?.getAttribute("for"));
    expect(chat.one("textarea").getAttribute("aria-describedby")).toBe(chat.one(".thread-question-hint").id);
  });
});

describe("questions that were answered", () => {
  test("are shown with what was said", async () => {
    const answered = [
      { ...inputs[0], answer: { values: ["Bob"] } },
      { ...inputs[2], answer: { skipped: true } },
    ];
    const chat = await Chat.of([
      item("structured_input", "q", { status: "answered", inputs: answered }),
    ]).draw();
    expect(chat.all("dt").map(question => question.textContent)).toEqual(["Who?", "Why?"]);
    expect(chat.all("dd").map(answer => answer.textContent)).toEqual(["Bob", "No answer"]);
  });

  test("are a line where they were skipped", async () => {
    const chat = await Chat.of([item("structured_input", "q", { status: "skipped", inputs })]).draw();
    expect(chat.items).toEqual(["Questions skipped"]);
  });
});
