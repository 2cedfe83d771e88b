/** What a widget asks of the view that it is drawn in. */
import type { Strings } from "../locale";
import type { WidgetAction, WidgetItem } from "../protocol/types";

/** Where a control shows that its action goes on: nowhere, in itself, in the whole widget. */
export type Loading = "none" | "self" | "container";

/** An action as a widget names it. */
export interface ActionConfig extends WidgetAction {
  handler?: "server" | "client";
  loadingBehavior?: "auto" | Loading;
  streaming?: boolean;
}

export interface WidgetContext {
  strings: Strings;
  colorScheme: "light" | "dark";
  /** A BCP 47 tag, for numbers and dates. */
  locale: string;
  allowedImageDomains: readonly string[] | undefined;
  /** Does an action of this item, its payload complete. Settles when it is done; rejects where it failed. */
  act(action: ActionConfig, item: WidgetItem): Promise<void>;
  onDeepLink(name: string, data: Record<string, string>): void;
  /** Something is wrong with a widget, and drawn as well as it can be. */
  warn(message: string, data?: Record<string, unknown>): void;
}

/** What is needed to draw alone: a preview has no actions. */
export type PreviewContext = Omit<WidgetContext, "act">;

/** A context is made anew all the time: a widget is drawn again for what it shows alone. */
export function looksDifferent(now: PreviewContext, before: PreviewContext | undefined): boolean {
  if (before === undefined) return true;
  return (
    now.strings !== before.strings ||
    now.colorScheme !== before.colorScheme ||
    now.locale !== before.locale ||
    now.allowedImageDomains?.join(" ") !== before.allowedImageDomains?.join(" ")
  );
}
