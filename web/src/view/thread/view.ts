/** What the drawing of one item gets, and may remember. */

import type { ChatKitOptions } from "@openai/chatkit";
import type { Strings } from "../../locale";
import type { Session } from "../../session";
import type { WidgetContext } from "../../widgets";

/** What the reader has done with an item: a value, kept while the item itself is not drawn. */
export interface Notes {
  isOpen?: boolean;
  showsSources?: boolean;
  hasCopied?: boolean;
  /** Was asked whether they mean it. */
  confirms?: boolean;
  hasFailed?: boolean;
  /** By question. */
  answers?: Readonly<Record<string, DraftAnswer>>;
}

export interface DraftAnswer {
  values: readonly string[];
  /** What is written beside the options, or where there are none. */
  text: string;
  /** What is written counts, beside options. */
  isOther: boolean;
}

export const NO_NOTES: Notes = {};

export interface ItemView {
  session: Session;
  options: ChatKitOptions;
  widgets: WidgetContext;
  strings: Strings;
  /** Of the texts, for numbers and dates. */
  language: string;
  /** Images from elsewhere are not shown, where this is a list. */
  imageDomains: readonly string[] | undefined;
  /** More of this item is to come. */
  isGrowing: boolean;
  isResponding: boolean;
  notes: Notes;
  note(change: Notes): void;
}
