import { describe, expect, test } from "vitest";
import { card, press, show, type } from "./page";

describe("text", () => {
  test("its props are styles", async () => {
    const { find } = await show(
      card({
        type: "Text",
        value: "hello",
        size: "lg",
        weight: "semibold",
        italic: true,
        lineThrough: true,
        color: "danger",
        textAlign: "end",
        width: 80,
        minLines: 3,
        maxLines: 2,
      }),
    );
    const text = find(".w-text");
    expect(text.textContent).toBe("hello");
    expect(text.classList.contains("w-clamp")).toBe(true);
    const styles = {
      "font-size": "calc(var(--ck-size) * 1.125)",
      "font-weight": "600",
      "font-style": "italic",
      "text-decoration": "line-through",
      color: "var(--ck-danger-text)",
      "text-align": "end",
      width: "80px",
      "--w-lines": "2",
    };
    for (const [name, value] of Object.entries(styles)) expect(text.style.getPropertyValue(name)).toBe(value);
  });

  test("a text that is cut off says all of itself in its tooltip", async () => {
    const { find } = await show(card({ type: "Text", value: "a long one", truncate: true }));
    expect(find(".w-text").title).toBe("a long one");
    expect(find(".w-text").classList.contains("w-truncate")).toBe(true);
  });

  test("a number is words, too", async () => {
    const { element } = await show(card({ type: "Text", value: 42 }, { type: "Badge", label: 7 }));
    expect(element.textContent?.replaceAll(/\s/g, "")).toBe("427");
  });

  test("titles are headings, captions are not", async () => {
    const { find, all } = await show(
      card({ type: "Title", value: "T", size: "3xl" }, { type: "Caption", value: "c", size: "sm" }),
    );
    expect(find("h3").style.getPropertyValue("font-size")).toBe("calc(var(--ck-size) * 2)");
    expect(find("p.w-caption").style.getPropertyValue("font-size")).toBe("calc(var(--ck-size) * 0.75)");
    expect(all("h3")).toHaveLength(1);
  });

  test.each([
    ["secondary", "var(--ck-text-2)"],
    ["#ff0000", "#ff0000"],
    [{ light: "#111", dark: "#eee" }, "#111"],
  ])("the colour %j", async (color, css) => {
    const { find } = await show(card({ type: "Text", value: "x", color }));
    expect(find(".w-text").style.getPropertyValue("color")).toBe(css);
  });
});

describe("text that grows", () => {
  const growing = (value: string, streaming = true) => card({ type: "Text", id: "t", value, streaming });

  test("what was there stays as it is, and what is new fades in", async () => {
    const { find, update } = await show(growing("Once"));
    const before = find(".w-fresh");
    await update(growing("Once upon"));
    await update(growing("Once upon a time"));
    expect(find(".w-text").textContent).toBe("Once upon a time");
    expect(find(".w-fresh")).toBe(before);
    await update(growing("Once upon a time.", false));
    expect(find(".w-text").textContent).toBe("Once upon a time.");
  });

  test("hundreds of pieces are not hundreds of elements", async () => {
    const { all, find, update } = await show(growing(""));
    for (let words = 1; words <= 100; words += 1) await update(growing("word ".repeat(words)));
    expect(find(".w-text").textContent).toBe("word ".repeat(100));
    expect(all(".w-fresh").length).toBeLessThan(20);
  });

  test("a text that becomes another one is that one", async () => {
    const { find, update } = await show(growing("abc"));
    await update(growing("xyz"));
    expect(find(".w-text").textContent).toBe("xyz");
  });
});

describe("markdown", () => {
  test("is drawn as such", async () => {
    const { find } = await show(card({ type: "Markdown", value: "some **bold** words" }));
    expect(find(".w-markdown").textContent).toContain("words");
  });
});

describe("text that is edited where it stands", () => {
  const form = (value: string, more: object = {}) => ({
    type: "Form",
    onSubmitAction: { type: "save" },
    children: [{ type: "Text", value, editable: { name: "todo.title", required: true, ...more } }],
  });

  test("begins with its value, and is sent by Enter", async () => {
    const { find, acted } = await show(card(form("Roof")));
    const field = find<HTMLTextAreaElement>(".w-editable");
    expect(field.value).toBe("Roof");
    type(field, "Gutter");
    press(field, "Enter");
    expect(acted[0]?.payload).toEqual({ todo: { title: "Gutter" } });
  });

  test("Shift and Enter begin a new line", async () => {
    const { find, acted } = await show(card(form("Roof")));
    press(find(".w-editable"), "Enter", { shiftKey: true });
    expect(acted).toEqual([]);
  });

  test("a pattern is checked as that of an input", async () => {
    const { find } = await show(card(form("abc", { pattern: "[a-z]+" })));
    const field = find<HTMLTextAreaElement>(".w-editable");
    expect(field.validationMessage).toBe("");
    type(field, "123");
    expect(field.validationMessage).toBe("Please use the requested format.");
    type(field, "xyz");
    expect(field.validationMessage).toBe("");
  });

  test("a pattern that is none is ignored", async () => {
    const { find } = await show(card(form("abc", { pattern: "([" })));
    expect(find<HTMLTextAreaElement>(".w-editable").validationMessage).toBe("");
  });

  test("is text where `editable` is false", async () => {
    const { find } = await show(card({ type: "Text", value: "x", editable: false }));
    expect(find("p.w-text").textContent).toBe("x");
  });

  test("has a name, also without a label", async () => {
    const { find } = await show(card(form("x")));
    expect(find(".w-editable").getAttribute("aria-label")).toBe("todo title");
  });
});
