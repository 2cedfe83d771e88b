/** Widgets: what a server describes as JSON, drawn. */
import type { TemplateResult } from "lit";
import type { WidgetItem, WidgetNode } from "../protocol/types";
import type { PreviewContext, WidgetContext } from "./context";
import { widgetElement } from "./element";
import { cardStyles } from "./styles/card";
import { controlStyles } from "./styles/controls";
import { layoutStyles } from "./styles/layout";
import { pickerStyles } from "./styles/picker";
import { textStyles } from "./styles/text";

export type { ActionConfig, Loading, PreviewContext, WidgetContext } from "./context";

/** A widget of a thread. */
export function widget(item: WidgetItem, context: WidgetContext): TemplateResult {
  return widgetElement(item, null, context);
}

/** A widget that is no item: an entity's preview. It comes from the page's own code, and does no actions. */
export function preview(root: WidgetNode, context: PreviewContext): TemplateResult {
  return widgetElement(null, root, context);
}

export const widgetStyles = [layoutStyles, textStyles, cardStyles, controlStyles, pickerStyles];
