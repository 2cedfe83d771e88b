import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { colour, gradient } from "../../src/theme/palette";
import { background, borderColour, seriesColour, textColour } from "../../src/widgets/colours";
import { size, space } from "../../src/widgets/lengths";

describe("the palette", () => {
  test("a scale goes from light to dark in the light, and from dark to light in the dark", () => {
    const lightness = (name: string, scheme: "light" | "dark") =>
      Number(/oklch\(([\d.]+)/.exec(colour(name, scheme) ?? "")?.[1]);
    for (const family of ["gray", "red", "blue", "yellow"]) {
      const steps = [50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950];
      const light = steps.map(step => lightness(`${family}-${step}`, "light"));
      const dark = steps.map(step => lightness(`${family}-${step}`, "dark"));
      expect(light).toEqual(light.toSorted((a, b) => b - a));
      expect(dark).toEqual(dark.toSorted((a, b) => a - b));
    }
  });

  test.each(["red-1001", "red", "colour-100", "constructor-100", "red-", "-100", ""])("%j is none", name => {
    expect(colour(name, "light") === null || colour(name, "light") === "red").toBe(true);
  });

  test.each([
    "#abc",
    "rebeccapurple",
    "rgb(1 2 3 / 50%)",
    "hsl(10, 20%, 30%)",
    "var(--brand)",
    "color-mix(in srgb, red, blue)",
  ])("%s is what CSS says", name => expect(colour(name, "dark")).toBe(name));

  test.each([
    "url(https://evil.example)",
    "image-set('a.png' 1x)",
    "red; background: url(x)",
    "var(--x, url(//evil))",
    "expression(alert(1))",
    "linear-gradient(red, blue)",
    "r\\65d",
    "/* */red",
    "element(#a)",
    "attr(data-x)",
    '"red"',
    "red}",
    "a".repeat(500),
  ])("%s is no colour", name => expect(colour(name, "light")).toBeNull());

  test("gradients are backgrounds, unless they load something", () => {
    expect(gradient("linear-gradient(90deg, red, #00f 50%)")).not.toBeNull();
    expect(gradient("radial-gradient(circle at 10% 20%, rgba(1,2,3,.5), transparent)")).not.toBeNull();
    expect(gradient("linear-gradient(red, blue), url(https://evil.example)")).toBeNull();
    expect(gradient("red")).toBeNull();
  });

  test("no string gets through that could load, or end a declaration", () => {
    const part = fc.constantFrom(
      "url(",
      "red",
      ")",
      ";",
      "{",
      "}",
      "\\",
      "'",
      '"',
      "var(",
      "--x",
      ",",
      "#abc",
      " ",
      "/*",
      "linear-gradient(",
      "@import",
      "<",
    );
    const value = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 8 }).map(parts => parts.join("")),
    );
    fc.assert(
      fc.property(value, text => {
        for (const css of [colour(text, "light"), gradient(text), size(text), space(text)]) {
          expect(css ?? "").not.toMatch(/url|image|[;{}\\"'<>@]|\/\*|expression|attr\(|element\(/i);
        }
      }),
    );
  });
});

describe("names in their place", () => {
  test("each kind has names of its own", () => {
    expect(textColour("secondary", "light")).toBe("var(--ck-text-2)");
    expect(textColour("alpha-70", "light")).toBe("color-mix(in srgb, var(--ck-text) 70%, transparent)");
    expect(textColour("warning", "dark")).toBe("var(--ck-warning-text)");
    expect(borderColour("strong", "light")).toBe("var(--ck-border-strong)");
    expect(background("surface-secondary", "light")).toEqual({
      "background-color": "var(--ck-surface-muted)",
    });
    expect(background({ light: "red-100", dark: "linear-gradient(red, blue)" }, "dark")).toEqual({
      "background-image": "linear-gradient(red, blue)",
    });
  });

  test("primitives that are given for each scheme are what they are in the light", () => {
    expect(textColour({ light: "red-700", dark: "red-300" }, "dark")).toBe(colour("red-300", "light"));
    expect(textColour("red-300", "dark")).toBe(colour("red-300", "dark"));
  });

  test.each([null, undefined, 3, [], {}, { light: "red" }, "constructor", "__proto__", "toString"])(
    "%j is none",
    value => {
      expect(textColour(value, "dark")).not.toBeTypeOf("function");
      expect(["object", "string"]).toContain(typeof textColour(value, "dark"));
    },
  );

  test("series get colours one after the other", () => {
    const colours = Array.from({ length: 7 }, (_, index) => seriesColour(undefined, index, "light"));
    expect(new Set(colours).size).toBe(7);
    expect(seriesColour(undefined, 7, "light")).toBe(colours[0]);
    expect(seriesColour("green", 0, "light")).toBe(colours[3]);
  });
});
