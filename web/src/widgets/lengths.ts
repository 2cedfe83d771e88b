/** Lengths, spacing, borders and boxes as servers write them. Numbers are px, or steps of space where it is about space. */

import type { Scheme } from "../theme/palette";
import { background, borderColour } from "./colours";
import { oneOf, type Props, record } from "./props";
import type { Styles } from "./styled";

const UNIT =
  "(?:px|r?em|r?lh|ex|ch|ic|%|[sld]?v(?:w|h|i|b|min|max)|cq(?:w|h|i|b|min|max)|cm|mm|q|in|pt|pc|fr)";
const NUMBER = new RegExp(`^-?(?:\\d{1,6}(?:\\.\\d{1,6})?|\\.\\d{1,6})(${UNIT})?$`, "i");
const KEYWORD = /^(?:auto|none|(?:min|max|fit)-content)$/;
const COMPUTED = /^(?:calc|min|max|clamp|fit-content)\([\w\s%.,()+*/-]{1,120}\)$/i;
const CALLS = /^(?:calc|min|max|clamp|fit-content|var|)$/i;
const LARGEST = 10_000;

/** A CSS length; null: it is none. */
function length(value: string): string | null {
  const text = value.trim();
  const unit = NUMBER.exec(text);
  if (unit !== null) return unit[1] === undefined ? `${text}px` : text;
  if (KEYWORD.test(text)) return text;
  if (!COMPUTED.test(text) || text.includes("/*")) return null;
  return [...text.matchAll(/([\w-]*)\(/g)].every(([, name = ""]) => CALLS.test(name)) ? text : null;
}

function isUsable(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= LARGEST;
}

/** A size: a number is px. */
export function size(value: unknown): string | null {
  if (isUsable(value)) return `${value}px`;
  return typeof value === "string" ? length(value) : null;
}

/** Space: a number is steps of 4 px (of the theme's density). */
export function space(value: unknown): string | null {
  if (typeof value === "string" && /^\d{1,3}(?:\.\d{1,3})?$/.test(value)) return space(Number(value));
  if (isUsable(value)) return value === 0 ? "0px" : `calc(var(--ck-space) * ${value})`;
  return typeof value === "string" ? length(value) : null;
}

/** `left` and `right` are the start and the end of a line: what is mirrored is mirrored as a whole. */
const SIDES = {
  top: "block-start",
  right: "inline-end",
  bottom: "block-end",
  left: "inline-start",
} as const;

type Side = keyof typeof SIDES;

function perSide<T>(value: unknown, read: (value: unknown) => T | null): [side: Side, of: T | null][] {
  const sides = record(value);
  return (Object.keys(SIDES) as Side[]).map(side => {
    const axis = side === "top" || side === "bottom" ? "y" : "x";
    return [side, sides === null ? read(value) : read(sides[side] ?? sides[axis])];
  });
}

export function spacing(property: "padding" | "margin", value: unknown): Styles {
  return Object.fromEntries(
    perSide(value, space).map(([side, width]) => [`${property}-${SIDES[side]}`, width]),
  );
}

const LINES = ["solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset"] as const;

function line(value: unknown, scheme: Scheme): string | null {
  const props = record(value) ?? { size: value };
  if (!isUsable(props.size) || props.size < 0) return null;
  const colour = borderColour(props.color, scheme) ?? "var(--ck-border)";
  return `${props.size}px ${oneOf(props, "style", LINES) ?? "solid"} ${colour}`;
}

export function borders(value: unknown, scheme: Scheme): Styles {
  const all = record(value);
  const sides: [Side, string | null][] =
    all !== null && "size" in all
      ? perSide(null, () => line(all, scheme))
      : perSide(value, one => line(one, scheme));
  return Object.fromEntries(sides.map(([side, of]) => [`border-${SIDES[side]}`, of]));
}

const RADII: Readonly<Record<string, string>> = {
  none: "0px",
  "2xs": "2px",
  xs: "4px",
  sm: "6px",
  md: "8px",
  lg: "10px",
  xl: "12px",
  "2xl": "16px",
  "3xl": "20px",
  "4xl": "24px",
  full: "9999px",
  "100%": "100%",
};

export function radius(value: unknown): string | null {
  return typeof value === "string" && Object.hasOwn(RADII, value) ? (RADII[value] ?? null) : null;
}

function flex(value: unknown): string | null {
  if (isUsable(value) && value >= 0) return `${value} 1 0%`;
  if (typeof value !== "string") return null;
  return /^(?:auto|none|initial|\d{1,3}(?:\.\d+)?(?: \d{1,3}(?:\.\d+)?)?(?: (?:auto|0|\d{1,4}(?:px|%|r?em)))?)$/.test(
    value,
  )
    ? value
    : null;
}

function aspectRatio(value: unknown): string | null {
  if (isUsable(value) && value > 0) return `${value}`;
  if (typeof value !== "string") return null;
  return /^(?:auto|\d{1,5}(?:\.\d{1,6})?(?:\s*\/\s*\d{1,5}(?:\.\d{1,6})?)?)$/.test(value) ? value : null;
}

/** The props that boxes, images and charts share. */
export function block(props: Props): Styles {
  const margin = spacing("margin", props.margin);
  return {
    height: size(props.height) ?? size(props.size),
    width: size(props.width) ?? size(props.size),
    "min-height": size(props.minHeight) ?? size(props.minSize),
    "min-width": size(props.minWidth) ?? size(props.minSize),
    "max-height": size(props.maxHeight) ?? size(props.maxSize),
    "max-width": size(props.maxWidth) ?? size(props.maxSize),
    "aspect-ratio": aspectRatio(props.aspectRatio),
    "border-radius": radius(props.radius),
    flex: flex(props.flex),
    ...margin,
  };
}

const ALIGN: Readonly<Record<string, string>> = {
  start: "flex-start",
  center: "center",
  end: "flex-end",
  baseline: "baseline",
  stretch: "stretch",
};

const JUSTIFY: Readonly<Record<string, string>> = {
  ...ALIGN,
  between: "space-between",
  around: "space-around",
  evenly: "space-evenly",
};

function keyword(names: Readonly<Record<string, string>>, value: unknown): string | null {
  return typeof value === "string" && Object.hasOwn(names, value) ? (names[value] ?? null) : null;
}

/** How what is inside is laid out. */
export function arrangement(props: Props): Styles {
  return {
    "align-items": keyword(ALIGN, props.align),
    "justify-content": keyword(JUSTIFY, props.justify),
    "flex-wrap": oneOf(props, "wrap", ["nowrap", "wrap", "wrap-reverse"]),
    gap: space(props.gap),
  };
}

/** Everything about a box: its place, its edge and what is inside. */
export function box(props: Props, scheme: Scheme): Styles {
  const place = block(props);
  const isFixed = place.flex === null && place.width?.endsWith("px") === true;
  return {
    ...place,
    ...(isFixed ? { "flex-shrink": "0" } : {}),
    ...arrangement(props),
    ...spacing("padding", props.padding),
    ...borders(props.border, scheme),
    ...background(props.background, scheme),
  };
}
