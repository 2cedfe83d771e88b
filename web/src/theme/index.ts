/** A page's theme as custom properties: one sheet on the host, which the page's own CSS outdoes. */

import type { ChatKitOptions, ThemeOption, TypographyOption } from "@openai/chatkit";
import { colourTokens, type Tokens } from "./colours";
import type { Scheme } from "./scales";

export type { Scheme } from "./scales";

type Option = ChatKitOptions["theme"];

export function themeOf(option: Option): ThemeOption {
  return typeof option === "string" ? { colorScheme: option } : (option ?? {});
}

export function schemeOf(option: Option): Scheme {
  return themeOf(option).colorScheme ?? "light";
}

/**
 * The rules of a theme. The scheme's colours are on the host; the other scheme's are for what has `data-scheme` inside,
 * and so is the first one's within that.
 */
export function themeCss(option: Option): string {
  const { colorScheme: scheme = "light", ...theme } = themeOf(option);
  const other = scheme === "light" ? "dark" : "light";
  const color = theme.color ?? {};
  const { surface: _, ...withoutSurface } = color; // a page's surface is of its own scheme
  const own = colourTokens(color, scheme);
  const shape = {
    ...SHAPES[theme.radius ?? "pill"],
    "--ck-space": SPACES[theme.density ?? "normal"],
    ...typography(theme.typography ?? {}),
    ...MOTION,
  };
  return [
    rule(":host", scheme, { ...shape, ...own }),
    rule(`[data-scheme="${other}"]`, other, colourTokens(withoutSurface, other)),
    rule(`[data-scheme="${other}"] [data-scheme="${scheme}"]`, scheme, own),
    CONTRAST,
  ].join("\n");
}

function rule(selector: string, scheme: Scheme, tokens: Tokens): string {
  const lines = Object.entries(tokens).map(([name, value]) => `${name}: ${value};`);
  return `${selector} { color-scheme: ${scheme}; ${lines.join(" ")} }`;
}

/** For who asks for more contrast than AA. */
const CONTRAST = `@media (prefers-contrast: more) {
  :host, [data-scheme] { --ck-text-2: var(--ck-text); --ck-text-3: var(--ck-text); --ck-border: var(--ck-border-strong); }
}`;

// --- shapes ----------------------------------------------------------------------------------------------------------

function radii(sm: number, md: number, lg: number, control: number): Tokens {
  return {
    "--ck-radius-sm": `${sm}px`,
    "--ck-radius-md": `${md}px`,
    "--ck-radius-lg": `${lg}px`,
    "--ck-radius-full": "9999px",
    "--ck-radius-control": `${control}px`,
  };
}

const SHAPES: Record<NonNullable<ThemeOption["radius"]>, Tokens> = {
  pill: radii(8, 14, 24, 9999),
  round: radii(8, 12, 18, 12),
  soft: radii(4, 6, 10, 6),
  sharp: radii(0, 0, 0, 0),
};

const SPACES: Record<NonNullable<ThemeOption["density"]>, string> = {
  compact: "3.25px",
  normal: "4px",
  spacious: "4.75px",
};

const MOTION: Tokens = {
  "--ck-ease": "cubic-bezier(0.2, 0, 0, 1)",
  "--ck-fast": "120ms",
  "--ck-slow": "200ms",
};

const FONT =
  'ui-sans-serif, -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji"';
const FONT_MONO =
  'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "Noto Sans Mono", monospace';

function typography({ baseSize = 16, fontFamily, fontFamilyMono }: TypographyOption): Tokens {
  return {
    "--ck-font": fontFamily ?? FONT,
    "--ck-font-mono": fontFamilyMono ?? FONT_MONO,
    "--ck-size": `${baseSize}px`,
  };
}
