/** Which texts, and in which direction. English is here from the start; others come when they are asked for. */
import { en, type Strings } from "./en";

export type { Strings };

export interface Locale {
  /** As it is sent in `Accept-Language`. */
  tag: string;
  /** The language of the texts, and of the dates and numbers beside them: that of `tag`, or English. */
  language: string;
  direction: "ltr" | "rtl";
  strings: Strings;
}

const TRANSLATIONS: Record<string, () => Promise<Strings>> = {
  ar: async () => (await import("./ar")).ar,
  de: async () => (await import("./de")).de,
  en: async () => en,
  es: async () => (await import("./es")).es,
  fr: async () => (await import("./fr")).fr,
  ja: async () => (await import("./ja")).ja,
};

const RIGHT_TO_LEFT = new Set(["ar"]);

/** For a page's option, else the browser's language. Its texts are English until `translated` has brought them. */
export function localeFor(option: string | undefined): Locale {
  const tag = canonical(option ?? navigator.language) ?? "en";
  const isKnown = isTranslated(tag);
  return {
    tag,
    language: isKnown ? tag : "en",
    direction: isKnown && RIGHT_TO_LEFT.has(base(tag)) ? "rtl" : "ltr",
    strings: en,
  };
}

export function isTranslated(tag: string): boolean {
  return Object.hasOwn(TRANSLATIONS, base(tag));
}

/** The locale with its own texts. Rejects where they cannot be loaded. */
export async function translated(locale: Locale): Promise<Locale> {
  const strings = await TRANSLATIONS[base(locale.language)]?.();
  return { ...locale, strings: strings ?? en };
}

function base(tag: string): string {
  return tag.split("-")[0]?.toLowerCase() ?? "";
}

function canonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null; // no language at all
  }
}
