/** One choice of many. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../../protocol/types";
import { flag, oneOf, string } from "../props";
import type { Scope } from "../scope";
import { readOptions } from "./options";
import "./select-element";
import type { SelectView } from "./select-panel";
import { ownLabel, sizeOf } from "./sizes";

/** From how many options on one searches. */
const MANY = 15;

export function drawSelect(node: WidgetNode, scope: Scope): TemplateResult {
  const isDisabled = flag(node, "disabled");
  const field = scope.field(node, string(node, "defaultValue") ?? "", isDisabled);
  const options = readOptions(node.options);
  const placeholder = string(node, "placeholder");
  const isSearchable = typeof node.searchable === "boolean" ? node.searchable : options.length > MANY;
  const view: SelectView = {
    id: field.id,
    label: ownLabel(field, placeholder),
    value: field.value,
    options,
    placeholder: placeholder ?? scope.strings.choose,
    isSearchable,
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
  return html`<chatkit-select
    class="w-picker"
    ?data-block=${flag(node, "block")}
    .view=${view}
  ></chatkit-select>`;
}
