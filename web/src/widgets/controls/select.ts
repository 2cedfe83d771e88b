/** One choice of many. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../../protocol/types";
import { flag, string } from "../props";
import type { Scope } from "../scope";
import { readOptions } from "./options";
import "./select-element";
import { pickerView } from "./picker";
import type { SelectView } from "./select-panel";

/** From how many options on one searches. */
const MANY = 15;

export function drawSelect(node: WidgetNode, scope: Scope): TemplateResult {
  const options = readOptions(node.options);
  const view: SelectView = {
    ...pickerView(node, scope, string(node, "defaultValue") ?? "", scope.strings.choose),
    options,
    isSearchable: typeof node.searchable === "boolean" ? node.searchable : options.length > MANY,
  };
  return html`<chatkit-select
    class="w-picker"
    ?data-block=${flag(node, "block")}
    .view=${view}
  ></chatkit-select>`;
}
