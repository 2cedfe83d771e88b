/** The grays of a theme, and the hues that mean something. */

import { type Colour, fromLch, toLch } from "./colour";

export type Scheme = "light" | "dark";

export interface Grayscale {
  hue: number;
  /** From 0 to 9: how much of the hue. */
  tint: number;
  /** From -4 to 4: how much darker. */
  shade?: number;
}

export const STEPS = [0, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000] as const;

/** Of each step: from the background to the text, in both schemes. */
const LIGHTNESS: Record<Scheme, readonly number[]> = {
  light: [1, 0.985, 0.967, 0.928, 0.872, 0.76, 0.65, 0.55, 0.45, 0.35, 0.26, 0.17],
  dark: [0.218, 0.245, 0.272, 0.31, 0.365, 0.45, 0.55, 0.65, 0.745, 0.835, 0.915, 0.975],
};

const TINT_STEP = 0.0045;
const SHADE_STEP = 0.012;

/** From the lightest to the darkest for `light`, the other way round for `dark`. */
export function grays(scheme: Scheme, { hue, tint, shade = 0 }: Grayscale): Colour[] {
  return LIGHTNESS[scheme].map(lightness =>
    fromLch({
      l: Math.min(1, Math.max(0, lightness - shade * SHADE_STEP)),
      c: tint * TINT_STEP,
      h: hue,
    }),
  );
}

export const MEANINGS = ["info", "success", "warning", "caution", "danger", "discovery"] as const;
export type Meaning = (typeof MEANINGS)[number];

const HUES: Record<Meaning, { c: number; h: number; light: number; dark: number }> = {
  info: { c: 0.19, h: 257, light: 0.56, dark: 0.68 },
  success: { c: 0.14, h: 152, light: 0.56, dark: 0.72 },
  warning: { c: 0.17, h: 48, light: 0.63, dark: 0.74 },
  caution: { c: 0.15, h: 85, light: 0.76, dark: 0.82 },
  danger: { c: 0.2, h: 26, light: 0.57, dark: 0.67 },
  discovery: { c: 0.2, h: 295, light: 0.55, dark: 0.69 },
};

export function colourFor(meaning: Meaning, scheme: Scheme): Colour {
  const { c, h, [scheme]: l } = HUES[meaning];
  return fromLch({ l, c, h });
}

/** The same hue, nearly as light as the middle: what a text of this hue starts from. */
export function inkOf(colour: Colour, scheme: Scheme): Colour {
  return fromLch({ ...toLch(colour), l: scheme === "light" ? 0.5 : 0.78 });
}
