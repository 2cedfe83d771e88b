/** Colours as numbers: read from CSS, compared, mixed, and made readable (sRGB, OKLCH, WCAG 2 contrast). */

/** sRGB, each from 0 to 1. */
export interface Colour {
  r: number;
  g: number;
  b: number;
  alpha: number;
}

/** Lightness from 0 to 1, chroma from 0 to about 0.4, hue in degrees. */
export interface Lch {
  l: number;
  c: number;
  h: number;
}

export const WHITE: Colour = { r: 1, g: 1, b: 1, alpha: 1 };
export const BLACK: Colour = { r: 0, g: 0, b: 0, alpha: 1 };

// --- CSS -------------------------------------------------------------------------------------------------------------

/** What a CSS colour is; null: it is none, or one that depends on where it stands (`var()`, `currentColor`). */
export function colourOf(css: string): Colour | null {
  const text = css.trim().toLowerCase();
  if (text.startsWith("#")) return hex(text.slice(1));
  if (text === "transparent") return { ...BLACK, alpha: 0 };
  const call = /^(rgb|hsl)a?\(([^()]*)\)$/.exec(text);
  if (call?.[1] !== undefined && call[2] !== undefined) return called(call[1], call[2]);
  return drawn(text);
}

/** As CSS. */
export function cssOf({ r, g, b, alpha }: Colour): string {
  const bytes = [r, g, b].map(part => Math.round(clamp(part) * 255));
  if (alpha < 1) return `rgb(${bytes.join(" ")} / ${Number(alpha.toFixed(3))})`;
  return `#${bytes.map(byte => byte.toString(16).padStart(2, "0")).join("")}`;
}

function hex(digits: string): Colour | null {
  if (!/^([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits)) return null;
  const size = digits.length < 6 ? 1 : 2;
  const part = (index: number): number => {
    const found = digits.slice(index * size, (index + 1) * size);
    return found === "" ? 1 : Number.parseInt(found.repeat(3 - size), 16) / 255;
  };
  return { r: part(0), g: part(1), b: part(2), alpha: part(3) };
}

const TURNS: Record<string, number> = {
  "": 1 / 360,
  deg: 1 / 360,
  grad: 1 / 400,
  rad: 0.5 / Math.PI,
  turn: 1,
};

function called(name: string, inside: string): Colour | null {
  const parts = inside.split(/[\s,/]+/).filter(part => part !== "");
  if (parts.length < 3 || parts.length > 4) return null;
  const alpha = number(parts[3] ?? "1", 1);
  const colour =
    name === "rgb"
      ? { r: number(parts[0], 255), g: number(parts[1], 255), b: number(parts[2], 255), alpha }
      : fromHsl(angle(parts[0]), number(parts[1], 100), number(parts[2], 100), alpha);
  return Object.values(colour).every(Number.isFinite) ? clamped(colour) : null;
}

/** A number or a percentage, of `whole`. */
function number(text: string | undefined, whole: number): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?%?$/.test(text ?? "")) return Number.NaN;
  return Number.parseFloat(text ?? "") / (text?.endsWith("%") ? 100 : whole);
}

function angle(text: string | undefined): number {
  const found = /^([+-]?[\d.]+)([a-z]*)$/.exec(text ?? "");
  const turn = TURNS[found?.[2] ?? "none"];
  return turn === undefined ? Number.NaN : Number.parseFloat(found?.[1] ?? "") * turn;
}

function fromHsl(h: number, s: number, l: number, alpha: number): Colour {
  const part = (offset: number): number => {
    const k = (((offset + h * 12) % 12) + 12) % 12;
    return l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return { r: part(0), g: part(8), b: part(4), alpha };
}

/** Names and newer colour spaces are read by the browser. */
function drawn(css: string): Colour | null {
  if (/var\(|env\(|currentcolor|^(inherit|initial|unset|revert)/.test(css)) return null;
  if (typeof CSS === "undefined" || !CSS.supports("color", css)) return null;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!canvas) return null;
  canvas.fillStyle = css;
  canvas.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
  return { r: r / 255, g: g / 255, b: b / 255, alpha: alpha / 255 };
}

// --- spaces ----------------------------------------------------------------------------------------------------------

export function fromLch(lch: Lch): Colour {
  let { c } = lch;
  let colour = outside({ ...lch, c });
  while (c > 0.001 && !isInside(colour)) {
    c *= 0.95; // duller, until a screen can show it
    colour = outside({ ...lch, c });
  }
  return clamped(colour);
}

export function toLch(colour: Colour): Lch {
  const [r, g, b] = [linear(colour.r), linear(colour.g), linear(colour.b)];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const middle = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const l = 0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short;
  const x = 1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short;
  const y = 0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short;
  return { l, c: Math.hypot(x, y), h: (Math.atan2(y, x) * 180) / Math.PI };
}

function outside({ l, c, h }: Lch): Colour {
  const x = c * Math.cos((h * Math.PI) / 180);
  const y = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * x + 0.2158037573 * y) ** 3;
  const middle = (l - 0.1055613458 * x - 0.0638541728 * y) ** 3;
  const short = (l - 0.0894841775 * x - 1.291485548 * y) ** 3;
  return {
    r: gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    g: gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    b: gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
    alpha: 1,
  };
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function gamma(part: number): number {
  return part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055;
}

function isInside({ r, g, b }: Colour): boolean {
  return [r, g, b].every(part => part >= -0.0005 && part <= 1.0005);
}

function clamp(part: number): number {
  return Math.min(1, Math.max(0, part));
}

function clamped({ r, g, b, alpha }: Colour): Colour {
  return { r: clamp(r), g: clamp(g), b: clamp(b), alpha: clamp(alpha) };
}

// --- what they are beside each other ---------------------------------------------------------------------------------

/** `amount` of `b` in `a`. */
export function mix(a: Colour, b: Colour, amount: number): Colour {
  const part = (x: number, y: number): number => x + (y - x) * amount;
  return {
    r: part(a.r, b.r),
    g: part(a.g, b.g),
    b: part(a.b, b.b),
    alpha: part(a.alpha, b.alpha),
  };
}

/** What is seen of a colour that one can see through. */
export function over(colour: Colour, background: Colour): Colour {
  return { ...mix(background, colour, colour.alpha), alpha: 1 };
}

function luminance({ r, g, b }: Colour): number {
  const [red, green, blue] = [r, g, b].map(part => linear(Math.round(part * 255) / 255));
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** From 1 to 21, as WCAG 2 has it. */
export function contrast(a: Colour, b: Colour): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

export function leastContrast(colour: Colour, backgrounds: readonly Colour[]): number {
  return Math.min(...backgrounds.map(background => contrast(colour, background)));
}

/** Black or white, whichever is read better; white where both are read well. */
export function inkOn(background: Colour, least = 4.5): Colour {
  return contrast(WHITE, background) >= least || contrast(WHITE, background) > contrast(BLACK, background)
    ? WHITE
    : BLACK;
}

/** The colour, as much lighter or darker as it must be to be read on all these backgrounds. */
export function readable(colour: Colour, backgrounds: readonly Colour[], least: number): Colour {
  if (leastContrast(colour, backgrounds) >= least) return colour;
  const white = leastContrast(WHITE, backgrounds);
  const end = white >= leastContrast(BLACK, backgrounds) ? 1 : 0;
  const lch = toLch(colour);
  let [near, far] = [lch.l, end];
  for (let step = 0; step < 12; step++) {
    const l = (near + far) / 2;
    if (leastContrast(fromLch({ ...lch, l }), backgrounds) >= least) far = l;
    else near = l;
  }
  return fromLch({ ...lch, l: far, c: far === end ? 0 : lch.c });
}
