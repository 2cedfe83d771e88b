import { describe, expect, test } from "vitest";
import { card, press, settled, show } from "./page";

describe("buttons", () => {
  test.each([
    [{}, "secondary", "outline"],
    [{ style: "primary" }, "primary", "solid"],
    [{ style: "secondary" }, "secondary", "outline"],
    [{ variant: "solid" }, "primary", "solid"],
    [{ variant: "ghost" }, "secondary", "ghost"],
    [{ color: "danger" }, "danger", "solid"],
    [{ color: "danger", style: "primary", variant: "soft" }, "danger", "soft"],
    [{ color: "mauve", variant: "wavy" }, "secondary", "outline"],
  ])("%j is %s and %s", async (props, colour, variant) => {
    const { find } = await show(card({ type: "Button", label: "x", ...props }));
    expect(find(".w-button").dataset.color).toBe(colour);
    expect(find(".w-button").dataset.variant).toBe(variant);
  });

  test("have icons, sizes and shapes", async () => {
    const { find, all } = await show(
      card({
        type: "Button",
        label: "Go",
        iconStart: "sparkle",
        iconEnd: "chevron-right",
        iconSize: "xl",
        size: "2xl",
        pill: true,
        block: true,
        disabled: true,
      }),
    );
    const button = find<HTMLButtonElement>(".w-button");
    expect(all(".w-button-icon svg")).toHaveLength(2);
    expect(button.style.getPropertyValue("--w-icon")).toBe("24px");
    expect(button.dataset.size).toBe("2xl");
    expect(button.hasAttribute("data-pill") && button.hasAttribute("data-block") && button.disabled).toBe(
      true,
    );
  });

  test("one without words is called as its icon", async () => {
    const { find } = await show(card({ type: "Button", iconStart: "lucide:arrow-up", uniform: true }));
    expect(find(".w-button").getAttribute("aria-label")).toBe("arrow up");
    expect(find(".w-button").hasAttribute("data-uniform")).toBe(true);
  });
});

describe("inputs", () => {
  test("have all of their props", async () => {
    const { find } = await show(
      card({
        type: "Input",
        name: "mail",
        inputType: "email",
        defaultValue: "a@b.c",
        required: true,
        pattern: ".+",
        placeholder: "Mail",
        variant: "soft",
        size: "sm",
        gutterSize: "xl",
        pill: true,
        disabled: true,
      }),
    );
    const input = find<HTMLInputElement>("input");
    expect(input).toMatchObject({
      type: "email",
      value: "a@b.c",
      required: true,
      pattern: ".+",
      disabled: true,
    });
    expect(input.placeholder).toBe("Mail");
    expect(input.style.getPropertyValue("--w-gutter")).toBe("16px");
    expect(input.dataset.variant).toBe("soft");
  });

  test("a type that is none is text", async () => {
    const { find } = await show(card({ type: "Input", name: "a", inputType: "file" }));
    expect(find<HTMLInputElement>("input").type).toBe("text");
  });

  test("password managers stay away, unless they are welcome", async () => {
    const { all } = await show(
      card({ type: "Input", name: "a" }, { type: "Input", name: "b", allowAutofillExtensions: true }),
    );
    expect(all("input").map(one => one.hasAttribute("data-1p-ignore"))).toEqual([true, false]);
  });

  test("one with autoFocus takes the focus when it is new, and not from what is being written", async () => {
    const widget = card({ type: "Input", name: "a", autoFocus: true, autoSelect: true, defaultValue: "all" });
    const composer = document.body.appendChild(document.createElement("textarea"));
    composer.focus();
    const { find } = await show(widget);
    expect(document.activeElement).toBe(find("input"));
    composer.value = "half a sentence";
    composer.focus();
    await show(widget);
    expect(document.activeElement).toBe(composer);
    composer.remove();
  });
});

describe("text areas", () => {
  test("have rows, and grow up to some", async () => {
    const { find } = await show(
      card({ type: "Textarea", name: "a", rows: 2, autoResize: true, maxRows: 6, defaultValue: "one\ntwo" }),
    );
    const area = find<HTMLTextAreaElement>("textarea");
    expect(area.getAttribute("rows")).toBe("2");
    expect(area.value).toBe("one\ntwo");
    expect(area.hasAttribute("data-grows")).toBe(true);
    expect(area.style.getPropertyValue("--w-most-rows")).toBe("6");
  });

  test("Enter is a new line", async () => {
    const { find, acted } = await show(
      card({ type: "Form", onSubmitAction: { type: "save" }, children: [{ type: "Textarea", name: "a" }] }),
    );
    press(find("textarea"), "Enter");
    expect(acted).toEqual([]);
  });
});

describe("checkboxes and radios", () => {
  test("a checkbox tells what it has become", async () => {
    const { find, acted } = await show(
      card({
        type: "Checkbox",
        name: "on",
        label: "On",
        defaultChecked: true,
        onChangeAction: { type: "switched" },
      }),
    );
    const box = find<HTMLInputElement>("input");
    expect(box.checked).toBe(true);
    expect(box.closest("label")?.textContent?.trim()).toBe("On");
    box.click();
    await settled();
    expect(acted[0]).toMatchObject({ type: "switched", payload: { on: false } });
  });

  test("a group has one choice, which it tells", async () => {
    const { find, all, acted } = await show(
      card({
        type: "RadioGroup",
        name: "size",
        ariaLabel: "Size",
        direction: "col",
        defaultValue: "m",
        required: true,
        onChangeAction: { type: "sized" },
        options: [
          { value: "s", label: "Small" },
          { value: "m", label: "Medium" },
          { value: "l", label: "Large", disabled: true },
        ],
      }),
    );
    expect(find(".w-radios").getAttribute("aria-label")).toBe("Size");
    expect(find(".w-radios").dataset.direction).toBe("col");
    const radios = all<HTMLInputElement>("input");
    expect(radios.map(one => [one.checked, one.disabled, one.required])).toEqual([
      [false, false, true],
      [true, false, true],
      [false, true, true],
    ]);
    radios[0]?.click();
    await settled();
    expect(acted[0]).toMatchObject({ type: "sized", payload: { size: "s" } });
  });

  test("groups of the same name in two widgets are two groups", async () => {
    const group = card({ type: "RadioGroup", name: "a", options: [{ value: "1", label: "1" }] });
    const [one, two] = [await show(group), await show(group)];
    expect(one.find<HTMLInputElement>("input").name).not.toBe(two.find<HTMLInputElement>("input").name);
  });
});
