import { describe, expect, test } from "vitest";
import { imageUrl } from "../../src/widgets/images";
import { card, settled, show } from "./page";

describe("badges", () => {
  test("have a colour, a variant, a size and a shape", async () => {
    const { find } = await show(
      card({ type: "Badge", label: "New", color: "discovery", variant: "solid", size: "lg", pill: true }),
    );
    const badge = find(".w-badge");
    expect(badge.textContent).toBe("New");
    const { color, variant, size, pill } = badge.dataset;
    expect({ color, variant, size, pill }).toEqual({
      color: "discovery",
      variant: "solid",
      size: "lg",
      pill: "",
    });
  });

  test("are quiet where nothing is said", async () => {
    const { find } = await show(card({ type: "Badge", label: "x", color: "purple", variant: 3 }));
    const { color, variant, size } = find(".w-badge").dataset;
    expect({ color, variant, size }).toEqual({ color: "secondary", variant: "soft", size: "sm" });
  });
});

describe("icons", () => {
  test("are as large as they are said to be", async () => {
    const { find } = await show(card({ type: "Icon", name: "sparkle", size: "2xl" }));
    expect(find(".w-icon").style.getPropertyValue("font-size")).toBe("28px");
    expect(find(".w-icon svg").getAttribute("aria-hidden")).toBe("true");
  });

  test("a name that is none draws nothing", async () => {
    const { find } = await show(card({ type: "Icon", name: "constructor" }));
    expect(find(".w-icon").querySelector("svg")).toBeNull();
  });
});

describe("images", () => {
  test("have all of their props", async () => {
    const { find } = await show(
      card({
        type: "Image",
        src: "/a.png",
        alt: "A hill",
        fit: "contain",
        position: "top left",
        frame: true,
        flush: true,
        radius: "full",
        size: 40,
        margin: 1,
        background: "surface-secondary",
      }),
    );
    const frame = find(".w-image");
    expect(frame.className).toContain("w-framed");
    expect(frame.className).toContain("w-flush");
    expect(frame.style.getPropertyValue("--w-fit")).toBe("contain");
    expect(frame.style.getPropertyValue("--w-position")).toBe("top left");
    expect(frame.style.getPropertyValue("border-radius")).toBe("9999px");
    expect(frame.style.getPropertyValue("width")).toBe("40px");
    expect(find("img").getAttribute("alt")).toBe("A hill");
    expect(find("img").getAttribute("loading")).toBe("lazy");
  });

  test("one from a domain that is not allowed is a link", async () => {
    const { find, all } = await show(
      card({ type: "Image", src: "https://evil.example/a.png", alt: "A hill" }),
      {
        context: { allowedImageDomains: ["good.example"] },
      },
    );
    expect(all("img")).toHaveLength(0);
    const link = find<HTMLAnchorElement>("a");
    expect(link.textContent).toBe("A hill");
    expect(link.rel).toBe("noopener noreferrer");
  });

  test("one that cannot be loaded says what it was", async () => {
    const { find, all } = await show(card({ type: "Image", src: "/gone.png", alt: "A hill" }));
    find("img").dispatchEvent(new Event("error"));
    await settled();
    expect(all("img")).toHaveLength(0);
    expect(find(".w-image").textContent).toContain("A hill");
  });

  test.each([
    ["https://good.example/a.png", ["good.example"], true],
    ["https://cdn.good.example/a.png", ["good.example"], true],
    ["https://cdn.good.example/a.png", ["*.good.example"], true],
    ["https://cdn.good.example/a.png", [".good.example"], true],
    ["https://good.example/a.png", ["https://good.example/"], true],
    ["https://good.example/a.png", ["good.example:443"], true],
    ["https://good.example@evil.example/a.png", ["good.example"], false],
    ["https://notgood.example/a.png", ["good.example"], false],
    ["https://good.example.evil.example/a.png", ["good.example"], false],
    ["https://good.example/a.png", [], false],
    ["https://good.example/a.png", undefined, true],
    ["/own.png", [], true],
    ["data:image/png;base64,AA", [], true],
    ["data:text/html,<script>", undefined, false],
    ["javascript:alert(1)", undefined, false],
    [" java\nscript:alert(1)", undefined, false],
    ["vbscript:x", undefined, false],
    ["file:///etc/passwd", undefined, false],
    ["ftp://a.example/b", undefined, false],
    ["", undefined, false],
    ["http://[", undefined, false],
  ])("%j of %j: %j", (src, domains, isShown) => {
    expect(imageUrl(src, domains) !== null).toBe(isShown);
  });
});

describe("tables", () => {
  const cell = (value: string, more: object = {}) => ({
    type: "Table.Cell",
    children: [{ type: "Text", value }],
    ...more,
  });

  test("have a head, and cells that span", async () => {
    const { find, all } = await show(
      card({
        type: "Table",
        children: [
          {
            type: "Table.Row",
            header: true,
            children: [cell("Name"), cell("Count", { align: "end", colSize: "sm" })],
          },
          { type: "Table.Row", children: [cell("Roof", { rowSpan: 2, vAlign: "start" }), cell("3")] },
          { type: "Table.Row", children: [cell("wide", { colSpan: 2, width: 90, padding: { x: 1 } })] },
        ],
      }),
    );
    expect(all("thead th").map(one => one.textContent?.trim())).toEqual(["Name", "Count"]);
    expect(find("th").getAttribute("scope")).toBe("col");
    expect(all("tbody tr")).toHaveLength(2);
    const [roof] = all("tbody td");
    expect(roof?.getAttribute("rowspan")).toBe("2");
    expect(roof?.dataset.valign).toBe("start");
    const wide = all("tbody td").at(-1);
    expect(wide?.getAttribute("colspan")).toBe("2");
    expect(wide?.style.getPropertyValue("width")).toBe("90px");
    expect(find(".w-table-frame").getAttribute("aria-label")).toBe("Table");
  });

  test("what is no row or cell is left out", async () => {
    const { all } = await show(
      card({
        type: "Table",
        children: [
          { type: "Text", value: "x" },
          { type: "Table.Row", children: [{ type: "Text", value: "y" }] },
        ],
      }),
    );
    expect(all("td, th")).toHaveLength(0);
    expect(all("tr")).toHaveLength(1);
  });

  test("a row outside of a table is a row", async () => {
    const { element } = await show(card({ type: "Table.Row", children: [cell("alone")] }));
    expect(element.textContent?.trim()).toBe("alone");
  });
});

describe("transitions", () => {
  test("draw their only child, and another one in its place", async () => {
    const transition = (value: string, key: string) =>
      card({ type: "Transition", children: { type: "Text", key, value } });
    const { element, find, update } = await show(transition("one", "a"));
    const inside = find(".w-transition-inside");
    await update(transition("one more", "a"));
    expect(find(".w-transition-inside")).toBe(inside);
    await update(transition("two", "b"));
    expect(element.textContent?.trim()).toBe("two");
    expect(find(".w-transition-inside")).not.toBe(inside);
  });

  test("without a child they are nothing", async () => {
    const { element } = await show(card({ type: "Transition", children: null as never }));
    expect(element.textContent?.trim()).toBe("");
  });
});
