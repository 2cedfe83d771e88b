/** One choice of a few. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { WidgetNode } from "../../protocol/types";
import { flag, oneOf, records, string, words } from "../props";
import type { Scope } from "../scope";
import { ownLabel } from "./sizes";
import { spinner } from "./spinner";

export function drawRadioGroup(node: WidgetNode, scope: Scope): TemplateResult {
  const isDisabled = flag(node, "disabled");
  const field = scope.field(node, string(node, "defaultValue") ?? "", isDisabled);
  const ariaLabel = string(node, "ariaLabel");
  const choose = (value: string): void => {
    field.value = value;
    void scope.fire(node.onChangeAction, "none", { own: field });
  };
  return html`<div
    class="w-radios"
    role="radiogroup"
    id=${field.id}
    data-direction=${oneOf(node, "direction", ["row", "col"]) ?? "row"}
    aria-label=${ariaLabel ?? ownLabel(field)}
    aria-labelledby=${ariaLabel === null && field.isLabelled ? `${field.id}-label` : nothing}
    aria-required=${flag(node, "required") ? "true" : nothing}
    aria-busy=${scope.isBusy ? "true" : nothing}
  >${records(node.options, 500).map(option => {
    const value = words(option, "value");
    const isOff = isDisabled || flag(option, "disabled");
    return html`<label class="w-check" ?data-disabled=${isOff}>
      <input
        type="radio"
        class="w-dot"
        name=${field.id}
        .value=${value}
        ?required=${flag(node, "required")}
        ?disabled=${isOff}
        .checked=${live(field.value === value)}
        @click=${(event: Event) => scope.isBusy && event.preventDefault()}
        @change=${() => choose(value)}
      /><span>${words(option, "label") || value}</span>
    </label>`;
  })}${scope.isBusy ? spinner() : nothing}</div>`;
}
