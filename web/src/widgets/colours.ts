/** Colours of widgets: names that mean something in their place, primitives, CSS, one for each scheme. */
import { colour, gradient, type Scheme } from "../theme/palette";
import { record } from "./props";
import type { Styles } from "./styled";

type Names = Readonly<Record<string, string>>;

const STATUSES = ["info", "success", "warning", "caution", "danger", "discovery"] as const;

function statuses(suffix: string): Names {
  return Object.fromEntries(STATUSES.map(name => [name, `var(--ck-${name}${suffix})`]));
}

const TEXT: Names = {
  ...statuses("-text"),
  default: "var(--ck-text)",
  prose: "var(--ck-text)",
  primary: "var(--ck-text)",
  emphasis: "var(--ck-text)",
  secondary: "var(--ck-text-2)",
  tertiary: "var(--ck-text-3)",
  accent: "var(--ck-accent-text)",
};

const SURFACES: Names = {
  ...statuses("-soft"),
  surface: "var(--ck-surface)",
  "surface-secondary": "var(--ck-surface-muted)",
  "surface-tertiary": "var(--ck-surface-hover)",
  "surface-elevated": "var(--ck-surface-raised)",
  "surface-elevated-secondary": "var(--ck-surface-muted)",
  accent: "var(--ck-accent-soft)",
};

const BORDERS: Names = {
  ...statuses(""),
  default: "var(--ck-border)",
  subtle: "color-mix(in srgb, var(--ck-border) 65%, transparent)",
  strong: "var(--ck-border-strong)",
  accent: "var(--ck-accent)",
};

/** What the series of a chart get, one after the other. */
export const SERIES = ["blue", "purple", "orange", "green", "red", "yellow", "pink"] as const;

const CHART: Names = Object.fromEntries(SERIES.map(name => [name, `${name}-500`]));

function resolved(value: unknown, scheme: Scheme, names: Names): string | null {
  const pair = record(value);
  // Whoever gives a colour for each scheme has seen to both: primitives are what they are in the light.
  if (pair !== null) return named(pair[scheme], "light", names);
  return named(value, scheme, names);
}

function named(value: unknown, scheme: Scheme, names: Names): string | null {
  if (typeof value !== "string") return null;
  if (Object.hasOwn(names, value)) return names[value] ?? null;
  const [, alpha] = /^alpha-(\d{1,2}|100)$/.exec(value) ?? [];
  if (alpha !== undefined) return `color-mix(in srgb, var(--ck-text) ${Number(alpha)}%, transparent)`;
  return colour(value, scheme);
}

export function textColour(value: unknown, scheme: Scheme): string | null {
  return resolved(value, scheme, TEXT);
}

export function borderColour(value: unknown, scheme: Scheme): string | null {
  return resolved(value, scheme, BORDERS);
}

/** The colour of the series of this index. */
export function seriesColour(value: unknown, index: number, scheme: Scheme): string {
  const name = typeof value === "string" && Object.hasOwn(CHART, value) ? CHART[value] : value;
  const own = resolved(name, scheme, {});
  return own ?? colour(`${SERIES[index % SERIES.length]}-500`, scheme) ?? "currentColor";
}

export function background(value: unknown, scheme: Scheme): Styles {
  const pair = record(value);
  const wanted = pair === null ? value : pair[scheme];
  const image = typeof wanted === "string" ? gradient(wanted) : null;
  if (image !== null) return { "background-image": image };
  return { "background-color": resolved(value, scheme, SURFACES) };
}
