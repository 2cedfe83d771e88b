/** All colours of a theme. Whatever a page chooses, every text can be read on whatever it may stand on (WCAG AA). */

import type { ColorOption } from "@openai/chatkit";
import { BLACK, type Colour, colourOf, contrast, cssOf, inkOn, mix, over, readable, WHITE } from "./colour";
import { colourFor, grays, inkOf, MEANINGS, type Meaning, type Scheme, STEPS } from "./scales";

export type Tokens = Record<`--ck-${string}`, string>;

const TEXT = 4.5;
const SHAPES = 3;

/** How much of the accent is in quiet backgrounds, and in soft ones, by `accent.level`. */
const QUIET = [0, 0.05, 0.09, 0.14] as const;
const SOFT = [0.1, 0.14, 0.19, 0.25] as const;

export function colourTokens(color: ColorOption, scheme: Scheme): Tokens {
  const scale = grays(scheme, color.grayscale ?? { hue: 0, tint: 0 });
  const ground = grounds(color, scheme, scale);
  const colours: Record<string, Colour> = {
    ...Object.fromEntries(STEPS.map((step, index) => [`gray-${step}`, scale[index] ?? BLACK])),
    ...ground,
    ...inks(ground),
    ...accents(color, ground),
    ...Object.assign({}, ...MEANINGS.map(meaning => meanings(meaning, scheme, ground))),
  };
  const tokens: Tokens = { ...shadows(scheme) };
  for (const [name, colour] of Object.entries(colours)) tokens[`--ck-${name}`] = cssOf(colour);
  const { background } = color.surface ?? {};
  if (background !== undefined) tokens["--ck-surface"] = cssOf(found(background));
  return tokens;
}

/** The user's colours were checked before. */
function found(css: string): Colour {
  return colourOf(css) ?? BLACK;
}

// --- backgrounds -----------------------------------------------------------------------------------------------------

interface Grounds {
  surface: Colour;
  "surface-raised": Colour;
  "surface-muted": Colour;
  "surface-hover": Colour;
  text: Colour;
}

function grounds({ surface: option, accent }: ColorOption, scheme: Scheme, scale: Colour[]): Grounds {
  const page = scheme === "light" ? WHITE : BLACK;
  const surface = option ? over(found(option.background), page) : (scale[0] ?? page);
  const wish = option ? over(found(option.foreground), surface) : (scale.at(-1) ?? BLACK);
  const text = readable(wish, [surface], TEXT);
  const isDark = inkOn(surface) === WHITE;
  const tint = (colour: Colour): Colour =>
    accent ? mix(colour, found(accent.primary), QUIET[accent.level] * found(accent.primary).alpha) : colour;
  const all = {
    surface,
    "surface-raised": legible(mix(surface, WHITE, isDark ? 0.05 : 0.7), surface),
    "surface-muted": legible(tint(mix(surface, text, isDark ? 0.07 : 0.045)), surface),
    "surface-hover": legible(tint(mix(surface, text, isDark ? 0.1 : 0.07)), surface),
  };
  return { ...all, text: readable(wish, Object.values(all), TEXT) };
}

/** A background beside the surface, as near to it as it must be for one ink to be read on both. */
function legible(colour: Colour, surface: Colour): Colour {
  const ink = contrast(WHITE, surface) > contrast(BLACK, surface) ? WHITE : BLACK;
  let near = colour;
  for (let step = 0; step < 10 && contrast(ink, near) < TEXT; step++) near = mix(near, surface, 0.5);
  return contrast(ink, near) < TEXT ? surface : near;
}

// --- what stands on them ---------------------------------------------------------------------------------------------

function inks(ground: Grounds): Record<string, Colour> {
  const { text, surface } = ground;
  const all = backgrounds(ground);
  return {
    "text-2": readable(mix(text, surface, 0.27), all, TEXT),
    "text-3": readable(mix(text, surface, 0.42), all, TEXT),
    border: mix(surface, text, 0.11),
    "border-strong": readable(mix(surface, text, 0.35), [surface, ground["surface-raised"]], SHAPES),
  };
}

function accents({ accent }: ColorOption, ground: Grounds): Record<string, Colour> {
  const colour = accent ? over(found(accent.primary), ground.surface) : ground.text;
  const soft = legible(mix(ground.surface, colour, SOFT[accent?.level ?? 0]), ground.surface);
  return {
    accent: colour,
    "on-accent": inkOn(colour),
    "accent-soft": soft,
    "accent-text": readable(colour, [...backgrounds(ground), soft], TEXT),
    focus: readable(colour, [ground.surface, ground["surface-raised"]], SHAPES),
  };
}

function meanings(meaning: Meaning, scheme: Scheme, ground: Grounds): Record<string, Colour> {
  const colour = colourFor(meaning, scheme);
  const soft = legible(mix(ground.surface, colour, scheme === "light" ? 0.1 : 0.16), ground.surface);
  return {
    [meaning]: colour,
    [`${meaning}-soft`]: soft,
    [`${meaning}-text`]: readable(inkOf(colour, scheme), [...backgrounds(ground), soft], TEXT),
    [`on-${meaning}`]: inkOn(colour),
  };
}

function backgrounds(ground: Grounds): Colour[] {
  return [ground.surface, ground["surface-raised"], ground["surface-muted"], ground["surface-hover"]];
}

function shadows(scheme: Scheme): Tokens {
  const [thin, thick, line] = scheme === "light" ? [0.05, 0.1, 0.06] : [0.3, 0.45, 0];
  const hairline = line ? `, 0 0 0 1px rgb(0 0 0 / ${line})` : ", 0 0 0 1px rgb(255 255 255 / 0.09)";
  return {
    "--ck-shadow-sm": `0 1px 2px rgb(0 0 0 / ${thin}), 0 2px 8px rgb(0 0 0 / ${thin})`,
    "--ck-shadow-md": `0 4px 12px rgb(0 0 0 / ${thin}), 0 12px 32px rgb(0 0 0 / ${thick})${hairline}`,
  };
}
