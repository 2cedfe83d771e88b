/** Widgets: what a server describes as JSON, drawn. */
import { css, html, type TemplateResult } from "lit";
import type { Strings } from "../locale";
import type { WidgetAction, WidgetItem, WidgetNode } from "../protocol/types";

/** An action as a widget names it. */
export interface ActionConfig extends WidgetAction {
  handler?: "server" | "client";
  loadingBehavior?: "auto" | "none" | "self" | "container";
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

/** A widget of a thread. */
export function widget(item: WidgetItem, _context: WidgetContext): TemplateResult {
  return html`<pre>${item.widget.type}</pre>`;
}

/** A widget that is no item: an entity's preview. */
export function preview(root: WidgetNode, _context: Omit<WidgetContext, "act">): TemplateResult {
  return html`<pre>${root.type}</pre>`;
}

export const widgetStyles = css``;
