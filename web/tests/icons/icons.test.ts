import { html, render } from "lit";
import { icons } from "lucide";
import { describe, expect, it } from "vitest";
import options from "../../node_modules/@openai/chatkit/types/index.d.ts?raw";
import widgets from "../../node_modules/@openai/chatkit/types/widgets.d.ts?raw";
import { icon } from "../../src/icons";

function drawn(name: string): HTMLElement {
  const place = document.createElement("div");
  render(html`${icon(name)}`, place);
  return place;
}

/** The members of a union of string literals in the public types. */
function members(types: string, name: string): string[] {
  const union = new RegExp(`export type ${name} =([^;]*);`).exec(types)?.[1] ?? "";
  return [...union.matchAll(/'([^']+)'/g)].map(match => match[1] ?? "");
}

describe("names of the public types", () => {
  const names = [
    ...members(options, "ChatKitIcon"),
    ...members(options, "HeaderIcon"),
    ...members(widgets, "WidgetIcon"),
  ];

  it("are all found in the types", () => {
    expect(names.length).toBeGreaterThan(150);
  });

  it.each([...new Set(names)])("%s is drawn", async name => {
    const place = drawn(name);
    document.body.append(place);
    await expect.poll(() => place.querySelector("svg")?.children.length).toBeGreaterThan(0);
    const svg = place.querySelector("svg");
    expect(svg?.getAttribute("aria-hidden")).toBe("true");
    expect(svg?.getAttribute("width")).toBe("1em");
    place.remove();
  });
});

describe("lucide:*", () => {
  it("keeps a place until the chunk is there, and then draws the icon", async () => {
    const place = drawn("lucide:rocket");
    document.body.append(place);
    const element = place.querySelector("chatkit-icon");
    await (element as unknown as { updateComplete: Promise<unknown> }).updateComplete;
    expect(element?.querySelector("svg")).toBeTruthy();
    await expect.poll(() => element?.querySelectorAll("path").length).toBeGreaterThan(0);
    place.remove();
  });

  it.each(["arrow-down-0-1", "grid-2x2", "building-2", "a-arrow-down", "axis-3d"])(
    "%s is found",
    async name => {
      const place = drawn(`lucide:${name}`);
      document.body.append(place);
      await expect.poll(() => place.querySelectorAll("svg > *").length).toBeGreaterThan(0);
      place.remove();
    },
  );

  it("draws nothing for an icon that Lucide does not have", async () => {
    const place = drawn("lucide:no-such-icon");
    document.body.append(place);
    await expect.poll(() => place.querySelector("svg")).toBeNull();
    place.remove();
  });
});

describe("other names", () => {
  it.each(["", "lucide:", "lucide:A B", "vendor:x", "__proto__", "toString"])("%j draws nothing", name => {
    expect(drawn(name).querySelector("*")).toBeNull();
  });

  it.each(["nothing-of-the-kind", "constructor"])("%j draws nothing, once that is known", async name => {
    const place = drawn(name);
    document.body.append(place);
    await import("../../src/icons/chatkit");
    await expect.poll(() => place.querySelector("svg")).toBeNull();
    place.remove();
  });

  it("are no error where a server sent no text at all", () => {
    for (const name of [undefined, null, 7, {}, []])
      expect(drawn(name as unknown as string).querySelector("*")).toBeNull();
  });
});

it("draws every kind of element that Lucide uses", () => {
  const tags = new Set(Object.values(icons).flatMap(shape => shape.map(([tag]) => tag)));
  expect([...tags].sort()).toEqual(["circle", "ellipse", "line", "path", "polygon", "polyline", "rect"]);
});
