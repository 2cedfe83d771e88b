/** A date. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../../protocol/types";
import { flag, oneOf } from "../props";
import type { Scope } from "../scope";
import { dayOf, localeOf } from "./calendar";
import "./date-picker-element";
import type { DateView } from "./calendar-view";
import { pickerView } from "./picker";

export function drawDatePicker(node: WidgetNode, scope: Scope): TemplateResult {
  const view: DateView = {
    ...pickerView(node, scope, dayOf(node.defaultValue) ?? "", scope.strings.chooseDate),
    min: dayOf(node.min),
    max: dayOf(node.max),
    locale: localeOf(scope.context.locale),
    side: oneOf(node, "side", ["top", "bottom", "left", "right"]) ?? "bottom",
    align: oneOf(node, "align", ["start", "center", "end"]) ?? "start",
  };
  return html`<chatkit-date-picker
    class="w-picker"
    ?data-block=${flag(node, "block")}
    .view=${view}
  ></chatkit-date-picker>`;
}
