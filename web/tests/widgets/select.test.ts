import { describe, expect, test } from "vitest";
import { found, readOptions, stepped, typed } from "../../src/widgets/controls/options";
import { card, press, settled, show, type } from "./page";

const FRUIT = [
  { value: "apple", label: "Apple", description: "Red or green" },
  { value: "banana", label: "Banana" },
  { value: "cherry", label: "Cherry", disabled: true },
  { value: "fig", label: "Fig" },
  { value: "feijoa", label: "Feijoa" },
];

const select = (more: object = {}) => ({ type: "Select", name: "fruit", options: FRUIT, ...more });

async function opened(more: object = {}) {
  const shown = await show(card(select(more)));
  const trigger = shown.find(".w-trigger");
  trigger.focus();
  press(trigger, "ArrowDown");
  await settled();
  return { ...shown, trigger, active: () => shown.all(".w-option[data-active]")[0]?.textContent?.trim() };
}

describe("a select", () => {
  test("shows what is chosen, else what to choose", async () => {
    const chosen = await show(card(select({ defaultValue: "fig" })));
    expect(chosen.find(".w-trigger").textContent).toContain("Fig");
    const empty = await show(card(select({ placeholder: "Pick one" })));
    expect(empty.find(".w-trigger").textContent).toContain("Pick one");
    expect(empty.find(".w-trigger").hasAttribute("data-empty")).toBe(true);
  });

  test("has all of its looks", async () => {
    const { find } = await show(
      card(select({ variant: "soft", size: "sm", pill: true, block: true, disabled: true })),
    );
    const trigger = find<HTMLButtonElement>(".w-trigger");
    expect(trigger.dataset.variant).toBe("soft");
    expect(trigger.dataset.size).toBe("sm");
    expect(trigger.hasAttribute("data-pill")).toBe(true);
    expect(trigger.disabled).toBe(true);
    expect(find("chatkit-select").hasAttribute("data-block")).toBe(true);
  });

  test("opens a list box that says what it is", async () => {
    const { find, all, trigger } = await opened();
    expect(trigger.getAttribute("aria-expanded")).toBe("true");
    expect(trigger.getAttribute("aria-controls")).toBe(find("[role=listbox]").id);
    expect(all("[role=option]").map(one => one.getAttribute("aria-disabled"))).toEqual([
      null,
      null,
      "true",
      null,
      null,
    ]);
    expect(find("[role=option]").textContent).toContain("Red or green");
  });

  test("is walked through by keyboard, past what is disabled", async () => {
    const { trigger, active } = await opened();
    expect(active()).toContain("Apple");
    for (const [key, at] of [
      ["ArrowDown", "Banana"],
      ["ArrowDown", "Fig"],
      ["ArrowUp", "Banana"],
      ["End", "Feijoa"],
      ["ArrowDown", "Feijoa"],
      ["Home", "Apple"],
      ["f", "Fig"],
      ["f", "Feijoa"],
    ] as const) {
      press(trigger, key);
      await settled();
      expect(active()).toContain(at);
    }
  });

  test("Enter chooses, closes, and tells the server", async () => {
    const { all, find, trigger, acted } = await opened({
      onChangeAction: { type: "chosen", payload: { id: 1 } },
    });
    press(trigger, "ArrowDown");
    press(trigger, "Enter");
    await settled();
    expect(all("[role=option]")).toHaveLength(0);
    expect(find(".w-trigger").textContent).toContain("Banana");
    expect(acted[0]).toMatchObject({ type: "chosen", payload: { id: 1, fruit: "banana" } });
    expect(document.activeElement).toBe(trigger);
  });

  test("the same choice again changes nothing", async () => {
    const { trigger, acted } = await opened({ onChangeAction: { type: "chosen" }, defaultValue: "apple" });
    press(trigger, "Enter");
    await settled();
    expect(acted).toEqual([]);
  });

  test("Escape closes, and goes no further", async () => {
    const { all, trigger } = await opened();
    let outside = 0;
    document.body.addEventListener("keydown", () => {
      outside += 1;
    });
    press(trigger, "Escape");
    await settled();
    expect(all("[role=option]")).toHaveLength(0);
    expect(outside).toBe(0);
  });

  test("a press elsewhere closes", async () => {
    const { all } = await opened();
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true, composed: true }));
    await settled();
    expect(all("[role=option]")).toHaveLength(0);
  });

  test("an option that is disabled cannot be chosen", async () => {
    const { all, acted } = await opened({ onChangeAction: { type: "chosen" } });
    all(".w-option")[2]?.click();
    await settled();
    expect(acted).toEqual([]);
    expect(all(".w-option")).toHaveLength(5);
  });

  test("can be cleared where it says so", async () => {
    const { find, all, acted } = await show(
      card(select({ clearable: true, defaultValue: "fig", onChangeAction: { type: "chosen" } })),
    );
    find(".w-clear").click();
    await settled();
    expect(acted[0]?.payload).toEqual({ fruit: "" });
    expect(all(".w-clear")).toHaveLength(0);
  });
});

describe("a select of many", () => {
  const many = Array.from({ length: 16 }, (_, index) => ({ value: `${index}`, label: `Städte ${index}` }));

  test.each([
    [many, undefined, 1],
    [many.slice(0, 15), undefined, 0],
    [many, false, 0],
    [FRUIT, true, 1],
  ])("is searched past 15 options, or as it says", async (options, searchable, fields) => {
    const { all } = await opened({ options, searchable });
    expect(all(".w-search input")).toHaveLength(fields);
  });

  test("is searched without case and accents", async () => {
    const { all, find } = await opened({ options: many });
    type(find(".w-search input"), "STADTE 1");
    await settled();
    expect(all(".w-option")).toHaveLength(7);
    type(find(".w-search input"), "nothing");
    await settled();
    expect(find(".w-no-options").textContent).toBe("Nothing found");
  });

  test("what is typed on the closed one is the beginning of a search", async () => {
    const { find } = await show(card(select({ options: many })));
    press(find(".w-trigger"), "7");
    await settled();
    expect(find<HTMLInputElement>(".w-search input").value).toBe("7");
  });

  test("the search is no field of the form", async () => {
    const { find } = await opened({ options: many });
    expect(find<HTMLInputElement>(".w-search input").getAttribute("name")).toBeNull();
    expect(find(".w-search input").getAttribute("form")).toBe("");
  });
});

describe("options", () => {
  test("are read from whatever comes", () => {
    const options = readOptions([null, 3, { value: 1 }, { label: "only a label" }, { value: {}, label: [] }]);
    expect(options.map(({ value, label }) => [value, label])).toEqual([
      ["1", "1"],
      ["", "only a label"],
      ["", ""],
    ]);
    expect(readOptions("none")).toEqual([]);
  });

  test("none can be stepped to where none is enabled", () => {
    const options = readOptions([
      { value: "a", disabled: true },
      { value: "b", disabled: true },
    ]);
    expect(stepped(options, -1, 1)).toBe(-1);
    expect(stepped([], -1, 1)).toBe(-1);
    expect(typed([], 0, "a")).toBe(0);
  });

  test("descriptions are searched, too", () => {
    expect(found(readOptions(FRUIT), "green").map(({ value }) => value)).toEqual(["apple"]);
  });
});
