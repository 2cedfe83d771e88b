/**
 * Colours by the names that servers use: `red-100`, `blue-500`, `gray-900`, or whatever CSS calls a colour.
 *
 * A scale is computed in OKLCH from one hue, so that every step is as light in all of them. In the dark scheme a scale
 * runs the other way, so that `red-100` is a quiet background and `red-700` can be read on the surface in both.
 */

export type Scheme = "light" | "dark";

/** Hue, the most chroma that it gets, and how much lighter its middle is: yellow is none where it is dark. */
const HUES: Readonly<Record<string, readonly [hue: number, chroma: number, lift: number]>> = {
  gray: [264, 0.006, 0],
  slate: [257, 0.035, 0],
  zinc: [286, 0.014, 0],
  neutral: [0, 0, 0],
  stone: [58, 0.012, 0],
  red: [25, 0.21, 0],
  orange: [50, 0.18, 0.06],
  amber: [70, 0.165, 0.11],
  yellow: [88, 0.165, 0.15],
  lime: [128, 0.2, 0.12],
  green: [150, 0.17, 0.05],
  emerald: [163, 0.145, 0.05],
  teal: [183, 0.115, 0.05],
  cyan: [213, 0.12, 0.06],
  sky: [237, 0.15, 0.03],
  blue: [258, 0.2, 0],
  indigo: [277, 0.21, -0.03],
  violet: [293, 0.23, -0.02],
  purple: [304, 0.23, 0],
  fuchsia: [322, 0.25, 0],
  pink: [352, 0.21, 0.02],
  rose: [14, 0.22, 0],
};

type Curve = readonly (readonly [step: number, lightness: number, chroma: number])[];

const CURVES: Readonly<Record<Scheme, Curve>> = {
  light: [
    [0, 1, 0],
    [50, 0.975, 0.09],
    [100, 0.945, 0.2],
    [200, 0.895, 0.4],
    [300, 0.825, 0.66],
    [400, 0.735, 0.88],
    [500, 0.645, 1],
    [600, 0.555, 1],
    [700, 0.48, 0.88],
    [800, 0.41, 0.72],
    [900, 0.345, 0.56],
    [950, 0.27, 0.4],
    [1000, 0.18, 0.15],
  ],
  dark: [
    [0, 0.165, 0.15],
    [50, 0.215, 0.25],
    [100, 0.265, 0.38],
    [200, 0.325, 0.52],
    [300, 0.4, 0.7],
    [400, 0.5, 0.9],
    [500, 0.6, 1],
    [600, 0.66, 0.92],
    [700, 0.745, 0.68],
    [800, 0.825, 0.46],
    [900, 0.9, 0.24],
    [950, 0.945, 0.12],
    [1000, 0.985, 0.03],
  ],
};

/** A colour as CSS has it; null: there is none of this name. */
export function colour(name: string, scheme: Scheme): string | null {
  const [, family = "", step = ""] = /^([a-z]+)-(\d{1,4})$/.exec(name) ?? [];
  if (Object.hasOwn(HUES, family) && Number(step) <= 1000) return shade(family, Number(step), scheme);
  return isColour(name) ? name : null;
}

function shade(family: string, step: number, scheme: Scheme): string {
  const [hue, most, lift] = HUES[family] ?? [0, 0, 0];
  const [lightness, chroma] = on(CURVES[scheme], step);
  const middle = Math.max(0, 1 - Math.abs(step - 450) / 400);
  // Dull ones would be the surface itself in the dark, where bright ones stand out by their colour.
  const apart = scheme === "dark" && most < 0.05 ? 0.045 * Math.max(0, 1 - step / 500) : 0;
  const light = Math.min(lightness + lift * middle + apart, 1);
  return `oklch(${light.toFixed(3)} ${(chroma * most).toFixed(3)} ${hue})`;
}

function on(curve: Curve, step: number): [lightness: number, chroma: number] {
  const above = Math.max(
    1,
    curve.findIndex(([at]) => at >= step),
  );
  const [from, to] = [curve[above - 1], curve[above]];
  if (from === undefined || to === undefined) return [0, 0];
  const part = (step - from[0]) / (to[0] - from[0]);
  return [from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
}

const FUNCTIONS =
  /^(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|var|calc|(?:repeating-)?(?:linear|radial|conic)-gradient)$/;
const MAX_LENGTH = 400;

const SHAPE = /^(?:[a-z]+|#\w+|[a-z-]+\([\w#%,.()/+* -]*)$/i;

/** Whether a value can be nothing but colours and numbers: nothing that is loaded, nothing that ends a declaration. */
function isHarmless(value: string): boolean {
  if (value.length > MAX_LENGTH || !SHAPE.test(value) || value.includes("/*")) return false;
  return [...value.matchAll(/([\w-]*)\s*\(/g)].every(([, name = ""]) => name === "" || FUNCTIONS.test(name));
}

function isSupported(property: string, value: string): boolean {
  return typeof CSS === "undefined" || typeof CSS.supports !== "function" || CSS.supports(property, value);
}

function isColour(value: string): boolean {
  return isHarmless(value) && !value.includes("gradient(") && isSupported("color", value);
}

/** A gradient as CSS has it; null: it is none. */
export function gradient(value: string): string | null {
  return isHarmless(value) && value.includes("gradient(") && isSupported("background-image", value)
    ? value
    : null;
}
