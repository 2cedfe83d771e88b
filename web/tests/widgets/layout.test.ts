import { describe, expect, test } from "vitest";
import { card, show } from "./page";

const text = (value: string) => ({ type: "Text", value });

describe("boxes", () => {
  test("numbers of spacing are steps of space, and sizes are px", async () => {
    const { find } = await show(
      card({
        type: "Box",
        padding: { x: 4, top: 2 },
        gap: 3,
        width: 120,
        maxHeight: "50%",
        children: [text("a")],
      }),
    );
    const { style } = find('[data-kind="Box"]');
    expect(style.getPropertyValue("padding-inline-start")).toBe("calc(var(--ck-space) * 4)");
    expect(style.getPropertyValue("padding-block-start")).toBe("calc(var(--ck-space) * 2)");
    expect(style.getPropertyValue("padding-block-end")).toBe("");
    expect(style.getPropertyValue("gap")).toBe("calc(var(--ck-space) * 3)");
    expect(style.getPropertyValue("width")).toBe("120px");
    expect(style.getPropertyValue("max-height")).toBe("50%");
  });

  test("alignment, wrapping, flex, radius and ratio become styles", async () => {
    const { find } = await show(
      card({
        type: "Row",
        align: "end",
        justify: "between",
        wrap: "wrap",
        flex: 2,
        radius: "lg",
        aspectRatio: "16 / 9",
        size: 40,
      }),
    );
    const { style } = find('[data-kind="Row"]');
    expect(style.getPropertyValue("align-items")).toBe("flex-end");
    expect(style.getPropertyValue("justify-content")).toBe("space-between");
    expect(style.getPropertyValue("flex-wrap")).toBe("wrap");
    expect(style.getPropertyValue("border-radius")).toBe("10px");
    expect(style.getPropertyValue("aspect-ratio")).toBe("16 / 9");
    expect(style.getPropertyValue("height")).toBe("40px");
  });

  test("borders are of all sides, or of some", async () => {
    const { all } = await show(
      card(
        { type: "Box", border: { size: 2, color: "strong", style: "dashed" } },
        { type: "Box", border: { x: 1, top: { size: 3, color: "danger" } } },
      ),
    );
    const [whole, some] = all('[data-kind="Box"]').map(box => box.style);
    expect(whole?.getPropertyValue("border-inline-end")).toBe("2px dashed var(--ck-border-strong)");
    expect(some?.getPropertyValue("border-block-start")).toBe("3px solid var(--ck-danger)");
    expect(some?.getPropertyValue("border-inline-start")).toBe("1px solid var(--ck-border)");
    expect(some?.getPropertyValue("border-block-end")).toBe("");
  });

  test("direction says how what is inside runs", async () => {
    const { all } = await show({
      type: "Basic",
      direction: "row",
      children: [{ type: "Box", direction: "row" }, { type: "Box" }, { type: "Form", direction: "row" }],
    });
    const classes = all(".w-box").map(box => (box.classList.contains("w-row") ? "row" : "col"));
    expect(classes).toEqual(["row", "row", "col", "row"]);
  });

  test("a box gives up what a server no longer says of it", async () => {
    const { find, update } = await show(card({ type: "Box", width: 10, padding: 2 }));
    await update(card({ type: "Box", padding: 2 }));
    expect(find('[data-kind="Box"]').style.getPropertyValue("width")).toBe("");
    expect(find('[data-kind="Box"]').style.getPropertyValue("padding-inline-start")).not.toBe("");
  });

  test("dividers and spacers take their sizes", async () => {
    const { find } = await show(
      card(
        { type: "Divider", size: 2, spacing: 3, color: "subtle", flush: true },
        { type: "Spacer", minSize: 20 },
      ),
    );
    const divider = find(".w-divider");
    expect(divider.style.getPropertyValue("--w-line")).toBe("2px");
    expect(divider.style.getPropertyValue("--w-gap")).toBe("calc(var(--ck-space) * 3)");
    expect(divider.classList.contains("w-flush")).toBe(true);
    expect(find(".w-spacer").style.getPropertyValue("--w-least")).toBe("20px");
  });
});

describe("what is not as it should be", () => {
  test("an unknown widget draws what is inside of it, and is warned of once", async () => {
    const carousel = { type: "Carousel", children: [text("inside")] };
    const { element, warnings, update } = await show(card(carousel, carousel));
    await update(card(carousel, carousel, text("more")));
    expect(element.textContent).toContain("inside");
    expect(warnings).toEqual(["Unknown widget"]);
  });

  test("props of a wrong type are as if absent", async () => {
    const { find, warnings } = await show(
      card({
        type: "Box",
        padding: true,
        width: {},
        border: "thick",
        background: 7,
        radius: 3,
        flex: [],
        gap: null,
      }),
    );
    expect(find('[data-kind="Box"]').style.length).toBe(0);
    expect(warnings).toEqual([]);
  });

  test.each([
    "url(https://evil.example/x)",
    "expression(alert(1))",
    "1px;background:url(x)",
    "calc(1px) url(x)",
    "var(--x, url(//e))",
    "10px}",
    "\\75rl(x)",
  ])("%s is no length", async width => {
    const { find } = await show(
      card({ type: "Box", width, padding: width, flex: width, aspectRatio: width }),
    );
    expect(find('[data-kind="Box"]').style.length).toBe(0);
  });

  test("children that are none are left out", async () => {
    const { element } = await show(
      card(
        ...([null, 7, "text", [], {}, { type: 3 }, text("the one")] as unknown as ReturnType<typeof text>[]),
      ),
    );
    expect(element.textContent?.trim()).toBe("the one");
  });

  test("siblings may have the same key", async () => {
    const { all } = await show(
      card({ type: "Text", key: "a", value: "1" }, { type: "Text", key: "a", value: "2" }, text("3")),
    );
    expect(all(".w-text").map(one => one.textContent)).toEqual(["1", "2", "3"]);
  });
});

describe("trees that are too large", () => {
  test.each([
    [
      "deep",
      () => Array.from({ length: 200 }).reduce<object>(inner => ({ type: "Box", children: [inner] }), {}),
    ],
    ["wide", () => ({ type: "Box", children: Array.from({ length: 6000 }, () => text("x")) })],
    [
      "in a circle",
      () => {
        const box: { type: string; children: unknown[] } = { type: "Box", children: [] };
        box.children.push(box);
        return box;
      },
    ],
    [
      "shared over and over",
      () =>
        Array.from({ length: 40 }).reduce<object>(
          inner => ({ type: "Box", children: [inner, inner] }),
          text("x"),
        ),
    ],
  ])("%s: a quiet note", async (_, tree) => {
    const { find, warnings } = await show(tree() as never);
    expect(find(".w-note").textContent).toContain("too large");
    expect(warnings).toHaveLength(1);
  });

  test("5,000 components are drawn", async () => {
    const { all } = await show(card(...Array.from({ length: 4990 }, (_, index) => text(`${index}`))));
    expect(all(".w-text")).toHaveLength(4990);
  });
});

describe("schemes", () => {
  test("a theme on the root is the widget's own scheme", async () => {
    const { find } = await show({ type: "Card", theme: "dark", children: [text("x")] });
    expect(find(".w-card").dataset.scheme).toBe("dark");
  });

  test("the page's scheme needs none", async () => {
    const { find } = await show({ type: "Card", theme: "light", children: [text("x")] });
    expect(find(".w-card").dataset.scheme).toBeUndefined();
  });

  test("a colour for each scheme is that of the widget's", async () => {
    const { find } = await show({
      type: "Card",
      theme: "dark",
      background: { light: "#fff", dark: "#123456" },
      children: [],
    });
    expect(find(".w-card").style.getPropertyValue("background-color")).toBe("#123456");
  });

  test("a card in a widget may have one of its own, too", async () => {
    const { all } = await show({
      type: "Basic",
      theme: "dark",
      children: [
        {
          type: "Card",
          theme: "light",
          children: [{ type: "Text", value: "x", color: { light: "#111", dark: "#eee" } }],
        },
        { type: "Text", value: "x", color: { light: "#111", dark: "#eee" } },
      ],
    });
    expect(all("[data-scheme]").map(one => one.dataset.scheme)).toEqual(["dark", "light"]);
    expect(all(".w-text").map(one => one.style.getPropertyValue("color"))).toEqual(["#111", "#eee"]);
  });

  test("a gradient is a background", async () => {
    const gradient = "linear-gradient(135deg, #378cd1 0%, #2b67ac 100%)";
    const { find } = await show({ type: "Card", background: gradient, children: [] });
    expect(find(".w-card").style.getPropertyValue("background-image")).toBe(gradient);
  });
});
