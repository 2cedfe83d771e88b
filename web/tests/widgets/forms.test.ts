import { describe, expect, test } from "vitest";
import { card, gate, press, settled, show, type } from "./page";

const SAVE = { type: "save", payload: { id: 7 } };

const form = (...children: object[]) => ({ type: "Form", onSubmitAction: SAVE, children: children as never });
const input = (name: string, more: object = {}) => ({ type: "Input", name, ...more });
const submit = { type: "Button", label: "Save", submit: true };

describe("forms", () => {
  test("their values go along with every action from inside", async () => {
    const { find, all, acted } = await show(
      card(
        form(
          input("todo.title", { defaultValue: "Roof" }),
          { type: "Textarea", name: "todo.notes" },
          { type: "Checkbox", name: "urgent", label: "Urgent", defaultChecked: true },
          { type: "RadioGroup", name: "size", options: [{ value: "s", label: "S" }], defaultValue: "s" },
          { type: "Select", name: "who", options: [{ value: "ada", label: "Ada" }], defaultValue: "ada" },
          { type: "DatePicker", name: "due", defaultValue: "2026-03-14T10:00:00Z" },
          { type: "Button", label: "Preview", onClickAction: { type: "preview" } },
          submit,
        ),
      ),
    );
    const values = {
      todo: { title: "Roof", notes: "" },
      urgent: true,
      size: "s",
      who: "ada",
      due: "2026-03-14",
    };
    all(".w-button")[0]?.click();
    await settled();
    expect(acted[0]).toMatchObject({ type: "preview", payload: values });
    type(find("input.w-input"), "Gutter");
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    expect(acted[1]).toMatchObject({
      type: "save",
      payload: { ...values, id: 7, todo: { title: "Gutter", notes: "" } },
    });
  });

  test("numbers are sent as they were typed", async () => {
    const { find, acted } = await show(card(form(input("count", { inputType: "number", defaultValue: 3 }))));
    type(find("input"), "007");
    find<HTMLFormElement>("form").requestSubmit();
    expect(acted[0]?.payload).toEqual({ id: 7, count: "007" });
  });

  test("disabled fields are not sent, and neither are those outside", async () => {
    const { find, acted } = await show(
      card(
        input("outside", { defaultValue: "x" }),
        form(input("off", { defaultValue: "x", disabled: true }), input("on")),
      ),
    );
    find<HTMLFormElement>("form").requestSubmit();
    expect(acted[0]?.payload).toEqual({ id: 7, on: "" });
  });

  test("a field that the action's payload has already is ignored, and warned of once", async () => {
    const { find, acted, warnings } = await show(card(form(input("id", { defaultValue: "9" }))));
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    expect(acted.map(action => action.payload)).toEqual([{ id: 7 }, { id: 7 }]);
    expect(warnings).toHaveLength(1);
  });

  test("Enter submits a form without a submit button", async () => {
    const { all, acted } = await show(card(form(input("a"), input("b"))));
    press(all("input")[0] as HTMLElement, "Enter");
    await settled();
    expect(acted).toHaveLength(1);
  });

  test("Enter while a word is composed does not submit", async () => {
    const { find, acted } = await show(card(form(input("a"))));
    press(find("input"), "Enter", { isComposing: true });
    expect(acted).toEqual([]);
  });

  test("a field that is required blocks the form, but not its other buttons", async () => {
    const { find, all, acted } = await show(
      card(
        form(
          input("a", { required: true }),
          { type: "Button", label: "Skip", onClickAction: { type: "skip" } },
          submit,
        ),
      ),
    );
    all(".w-button")[1]?.click();
    await settled();
    expect(acted).toEqual([]);
    all(".w-button")[0]?.click();
    await settled();
    expect(acted.map(action => action.type)).toEqual(["skip"]);
    type(find("input"), "x");
    all(".w-button")[1]?.click();
    await settled();
    expect(acted.map(action => action.type)).toEqual(["skip", "save"]);
  });

  test("a submit button does its own action where the form has none", async () => {
    const { find, acted } = await show(
      card({
        type: "Form",
        children: [input("a", { required: true }), { ...submit, onClickAction: { type: "own" } }] as never,
      }),
    );
    find(".w-button").click();
    await settled();
    expect(acted).toEqual([]);
    type(find("input"), "x");
    find(".w-button").click();
    await settled();
    expect(acted[0]).toMatchObject({ type: "own", payload: { a: "x" } });
  });

  test("a form in a form has its own action, and its values are in both", async () => {
    const { all, acted } = await show({
      type: "Card",
      asForm: true,
      confirm: { label: "OK", action: { type: "all" } },
      children: [input("outer", { defaultValue: "1" }), form(input("inner", { defaultValue: "2" }))],
    });
    const [outer, inner] = all<HTMLFormElement>("form");
    inner?.requestSubmit();
    await settled();
    outer?.requestSubmit();
    await settled();
    expect(acted).toMatchObject([
      { type: "save", payload: { id: 7, inner: "2" } },
      { type: "all", payload: { outer: "1", inner: "2" } },
    ]);
  });

  test("names cannot reach a prototype", async () => {
    const { find, acted } = await show(
      card(form(input("__proto__.x", { defaultValue: "y" }), input("constructor"))),
    );
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    expect(acted[0]?.payload).toEqual({ id: 7 });
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});

describe("labels", () => {
  test("are for the field of their name, in their form", async () => {
    const { all } = await show(
      card(
        { type: "Label", value: "Title", fieldName: "title" },
        input("title"),
        {
          type: "Label",
          value: "Who",
          fieldName: "who",
        },
        { type: "Select", name: "who", options: [] },
      ),
    );
    const labels = all<HTMLLabelElement>("label");
    expect(labels.map(label => label.htmlFor)).toEqual([all("input")[0]?.id, all(".w-trigger")[0]?.id]);
    expect(all("input")[0]?.hasAttribute("aria-label")).toBe(false);
  });

  test("a field without one is called as its placeholder or its name", async () => {
    const { all } = await show(card(input("a", { placeholder: "Search" }), input("first_name")));
    expect(all("input").map(one => one.getAttribute("aria-label"))).toEqual(["Search", "first name"]);
  });

  test("a group of radios is named by its label", async () => {
    const { find } = await show(
      card({ type: "Label", value: "Size", fieldName: "s" }, { type: "RadioGroup", name: "s", options: [] }),
    );
    expect(find("[role=radiogroup]").getAttribute("aria-labelledby")).toBe(find("label").id);
  });
});

describe("what was typed", () => {
  const widget = (title: string, defaultValue = "") =>
    card({ type: "Title", value: title }, form(input("a", { defaultValue })));

  test("stays while the widget is updated around it", async () => {
    const { find, update } = await show(widget("one", "x"));
    const field = find<HTMLInputElement>("input");
    type(field, "typed");
    await update(widget("two", "another default"));
    expect(find<HTMLInputElement>("input")).toBe(field);
    expect(field.value).toBe("typed");
  });

  test("stays when its field moves to another place", async () => {
    const { find, update } = await show(widget("one"));
    type(find("input"), "typed");
    await update(
      card(
        { type: "Text", value: "new" },
        form({ type: "Caption", value: "c" }, { type: "Box", children: [input("a")] as never }),
      ),
    );
    expect(find<HTMLInputElement>("input").value).toBe("typed");
  });

  test("stays while the widget is out of the page", async () => {
    const { find, leave, comeBack } = await show(widget("one"));
    type(find("input"), "typed");
    leave();
    await comeBack();
    expect(find<HTMLInputElement>("input").value).toBe("typed");
  });

  test("gives way to what the server answers", async () => {
    const { find, update } = await show(widget("one", "x"));
    type(find("input"), "typed");
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    await update(widget("saved", "x"));
    expect(find<HTMLInputElement>("input").value).toBe("typed");
    await update(widget("saved", "TYPED"));
    expect(find<HTMLInputElement>("input").value).toBe("TYPED");
  });

  test("gives way to another key", async () => {
    const { find, update } = await show(card(form(input("a", { key: "1" }))));
    type(find("input"), "typed");
    await update(card(form(input("a", { key: "2", defaultValue: "fresh" }))));
    expect(find<HTMLInputElement>("input").value).toBe("fresh");
  });

  test("a field that is not touched follows its default", async () => {
    const { find, update } = await show(widget("one", "A"));
    await update(widget("one", "Ada"));
    expect(find<HTMLInputElement>("input").value).toBe("Ada");
  });
});

describe("a card as a form", () => {
  const booking = (more: object = {}) => ({
    type: "Card",
    asForm: true,
    confirm: { label: "Book", action: { type: "book" } },
    cancel: { label: "No", action: { type: "no" } },
    children: [input("guest", { required: true })],
    ...more,
  });

  test("confirm validates and sends the values; cancel does not validate", async () => {
    const { all, find, acted } = await show(booking());
    const [cancel, confirm] = all(".w-card-footer button");
    confirm?.click();
    await settled();
    expect(acted).toEqual([]);
    cancel?.click();
    await settled();
    type(find("input"), "Ada");
    confirm?.click();
    await settled();
    expect(acted).toMatchObject([
      { type: "no", payload: { guest: "" } },
      { type: "book", payload: { guest: "Ada" } },
    ]);
  });

  test("everything waits for it", async () => {
    const { promise, open } = gate();
    const { find } = await show(booking(), { act: () => promise });
    type(find("input"), "Ada");
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    expect(find(".w-frame").hasAttribute("inert")).toBe(true);
    expect(find(".w-frame").getAttribute("aria-busy")).toBe("true");
    open();
    await settled();
    expect(find(".w-frame").hasAttribute("inert")).toBe(false);
  });
});

describe("names that are those of a form's own properties", () => {
  test.each(["requestSubmit", "reportValidity", "querySelector", "submit", "elements"])("%s", async name => {
    const { find, acted } = await show(card(form(input(name, { defaultValue: "x" }))));
    press(find("input"), "Enter");
    await settled();
    expect(acted[0]?.payload).toEqual({ id: 7, [name]: "x" });
    const own = await show(
      card({ type: "Form", children: [input(name), { ...submit, onClickAction: { type: "own" } }] as never }),
    );
    own.find(".w-button").click();
    await settled();
    expect(own.acted[0]?.payload).toEqual({ [name]: "" });
  });
});
