/** Which texts, and in which direction. */
import { en, type Strings } from "./en";

export type { Strings };

export interface Locale {
  /** As it is sent in `Accept-Language`. */
  tag: string;
  direction: "ltr" | "rtl";
  strings: Strings;
}

export function localeFor(tag: string | undefined): Locale {
  return { tag: tag ?? navigator.language, direction: "ltr", strings: en };
}
