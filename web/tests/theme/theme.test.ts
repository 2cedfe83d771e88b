import type { ColorOption, ThemeOption } from "@openai/chatkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { themeCss } from "../../src/theme";
import { BLACK, type Colour, colourOf, contrast, cssOf, fromLch, toLch, WHITE } from "../../src/theme/colour";
import { colourTokens } from "../../src/theme/colours";
import { MEANINGS } from "../../src/theme/scales";

const byte = fc.integer({ min: 0, max: 255 });
const colours = fc.tuple(byte, byte, byte).map(([r, g, b]) => `rgb(${r}, ${g}, ${b})`);
const option: fc.Arbitrary<ColorOption> = fc.record(
  {
    grayscale: fc.record({
      hue: fc.integer({ min: 0, max: 360 }),
      tint: fc.constantFrom(0, 3, 6, 9),
      shade: fc.constantFrom(-4, -1, 0, 2, 4),
    }),
    accent: fc.record({ primary: colours, level: fc.constantFrom(0, 1, 2, 3) }),
    surface: fc.record({ background: colours, foreground: colours }),
  },
  { requiredKeys: [] },
);
const schemes = fc.constantFrom("light" as const, "dark" as const);

function read(tokens: Record<string, string>, name: string): Colour {
  const colour = colourOf(tokens[`--ck-${name}`] ?? "");
  if (colour === null) throw new Error(`--ck-${name} is no colour: ${tokens[`--ck-${name}`]}`);
  return colour;
}

describe("every text of every theme can be read", () => {
  const grounds = ["surface", "surface-raised", "surface-muted", "surface-hover"];
  const pairs: [string, string[], number][] = [
    ["text", grounds, 4.5],
    ["text-2", grounds, 4.5],
    ["text-3", grounds, 4.5],
    ["accent-text", [...grounds, "accent-soft"], 4.5],
    ["on-accent", ["accent"], 4.5],
    ["focus", ["surface", "surface-raised"], 3],
    ["border-strong", ["surface", "surface-raised"], 3],
    ...MEANINGS.flatMap((meaning): [string, string[], number][] => [
      [`${meaning}-text`, ["surface", "surface-raised", `${meaning}-soft`], 4.5],
      [`on-${meaning}`, [meaning], 4.5],
    ]),
  ];

  test.each(pairs)("%s on %s", (name, backgrounds, least) => {
    fc.assert(
      fc.property(option, schemes, (color, scheme) => {
        const tokens = colourTokens(color, scheme);
        for (const background of backgrounds) {
          expect(contrast(read(tokens, name), read(tokens, background))).toBeGreaterThanOrEqual(least - 0.01);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("colours", () => {
  test.each([
    ["#fff", WHITE],
    ["#000000", BLACK],
    ["#ff000080", { r: 1, g: 0, b: 0, alpha: 128 / 255 }],
    ["rgb(255 0 0 / 50%)", { r: 1, g: 0, b: 0, alpha: 0.5 }],
    ["rgba(0, 128, 255, 0.25)", { r: 0, g: 128 / 255, b: 1, alpha: 0.25 }],
    ["hsl(120, 100%, 25%)", { r: 0, g: 0.5, b: 0, alpha: 1 }],
    ["hsl(0.5turn 100% 50%)", { r: 0, g: 1, b: 1, alpha: 1 }],
    ["transparent", { ...BLACK, alpha: 0 }],
  ])("%s is read", (css, colour) => {
    const read = colourOf(css);
    expect(read).not.toBeNull();
    for (const part of ["r", "g", "b", "alpha"] as const) expect(read?.[part]).toBeCloseTo(colour[part], 2);
  });

  test.each([
    "",
    "#12",
    "#ggg",
    "rgb(1,2)",
    "rgb(a, b, c)",
    "red; } * { color: blue",
    "var(--x)",
    "currentColor",
  ])("%j is none", css => expect(colourOf(css)).toBeNull());

  test("nothing that is read back from CSS has changed", () => {
    fc.assert(
      fc.property(colours, css => {
        const colour = colourOf(css);
        expect(colour && colourOf(cssOf(colour))).toEqual(colour);
      }),
    );
  });

  test("the way to OKLCH and back leads to the same colour", () => {
    fc.assert(
      fc.property(colours, css => {
        const colour = colourOf(css) ?? BLACK;
        const back = fromLch(toLch(colour));
        for (const part of ["r", "g", "b"] as const) expect(back[part]).toBeCloseTo(colour[part], 1);
      }),
    );
  });
});

describe("the sheet", () => {
  test("is light where nothing is said", () => {
    expect(themeCss(undefined)).toContain(":host { color-scheme: light;");
    expect(themeCss(undefined)).toContain("--ck-surface: #ffffff;");
  });

  test("has the other scheme for a subtree", () => {
    expect(themeCss("dark")).toContain(":host { color-scheme: dark;");
    expect(themeCss("dark")).toContain('[data-scheme="light"] { color-scheme: light;');
  });

  test("says what the page asked for", () => {
    const theme: ThemeOption = {
      radius: "sharp",
      density: "compact",
      typography: { baseSize: 18, fontFamily: "Inter, sans-serif", fontFamilyMono: "Fira Code" },
      color: {
        accent: { primary: "#0d6efd", level: 2 },
        surface: { background: "#fdf6e3", foreground: "#073642" },
      },
    };
    const css = themeCss(theme);
    expect(css).toContain("--ck-radius-control: 0px;");
    expect(css).toContain("--ck-size: 18px;");
    expect(css).toContain("--ck-font: Inter, sans-serif;");
    expect(css).toContain("--ck-font-mono: Fira Code;");
    expect(css).toContain("--ck-accent: #0d6efd;");
    expect(css).toContain("--ck-surface: #fdf6e3;");
    expect(css).toContain("--ck-text: #073642;");
  });

  test("quiet backgrounds have more of the accent with its level", () => {
    const muted = ([0, 1, 2, 3] as const).map(level =>
      toLch(read(colourTokens({ accent: { primary: "#d6336c", level } }, "light"), "surface-muted")),
    );
    expect(muted.map(({ c }) => c)).toEqual(muted.map(({ c }) => c).toSorted((a, b) => a - b));
    expect(new Set(muted.map(({ c }) => c)).size).toBe(4);
  });

  test("a tint gives the grays a hue, and a shade makes them darker", () => {
    const plain = read(colourTokens({}, "light"), "gray-200");
    const blue = read(colourTokens({ grayscale: { hue: 250, tint: 8 } }, "light"), "gray-200");
    const dark = read(colourTokens({ grayscale: { hue: 250, tint: 0, shade: 4 } }, "light"), "gray-200");
    expect(blue.b).toBeGreaterThan(blue.r);
    expect(dark.g).toBeLessThan(plain.g);
  });
});
