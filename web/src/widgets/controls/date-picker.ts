/** A date. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../../protocol/types";
import { flag, oneOf, string } from "../props";
import type { Scope } from "../scope";
import { dayOf, localeOf } from "./calendar";
import "./date-picker-element";
import type { DateView } from "./calendar-view";
import { ownLabel, sizeOf } from "./sizes";

export function drawDatePicker(node: WidgetNode, scope: Scope): TemplateResult {
  const isDisabled = flag(node, "disabled");
  const field = scope.field(node, dayOf(node.defaultValue) ?? "", isDisabled);
  const placeholder = string(node, "placeholder");
  const view: DateView = {
    id: field.id,
    label: ownLabel(field, placeholder),
    value: field.value,
    min: dayOf(node.min),
    max: dayOf(node.max),
    locale: localeOf(scope.context.locale),
    side: oneOf(node, "side", ["top", "bottom", "left", "right"]) ?? "bottom",
    align: oneOf(node, "align", ["start", "center", "end"]) ?? "start",
    placeholder: placeholder ?? scope.strings.chooseDate,
    isClearable: flag(node, "clearable"),
    isDisabled,
    isRequired: flag(node, "required"),
    isBusy: scope.isBusy,
    look: {
      variant: oneOf(node, "variant", ["solid", "soft", "outline", "ghost"]) ?? "outline",
      size: sizeOf(node),
      isPill: flag(node, "pill"),
      isSquare: node.pill === false,
    },
    strings: scope.strings,
    choose: value => {
      field.value = value;
      scope.state.onChange();
      void scope.fire(node.onChangeAction, "none", { own: field });
    },
  };
  return html`<chatkit-date-picker
    class="w-picker"
    ?data-block=${flag(node, "block")}
    .view=${view}
  ></chatkit-date-picker>`;
}
