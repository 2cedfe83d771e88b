/** Checkboxes. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { WidgetNode } from "../../protocol/types";
import { flag, words } from "../props";
import type { Scope } from "../scope";
import { ownLabel } from "./sizes";
import { spinner } from "./spinner";

export function drawCheckbox(node: WidgetNode, scope: Scope): TemplateResult {
  const isDisabled = flag(node, "disabled");
  const field = scope.field<boolean>(node, flag(node, "defaultChecked"), isDisabled);
  const label = words(node, "label");
  const change = (event: Event): void => {
    field.value = (event.currentTarget as HTMLInputElement).checked;
    void scope.fire(node.onChangeAction, "none", { own: field });
  };
  return html`<label class="w-check" ?data-disabled=${isDisabled}>
    <input
      type="checkbox"
      class="w-tick"
      id=${field.id}
      aria-label=${label === "" ? ownLabel(field) : nothing}
      aria-busy=${scope.isBusy ? "true" : nothing}
      ?required=${flag(node, "required")}
      ?disabled=${isDisabled}
      .checked=${live(field.value)}
      @click=${(event: Event) => scope.isBusy && event.preventDefault()}
      @change=${change}
    />${label === "" ? nothing : html`<span>${label}</span>`}${scope.isBusy ? spinner() : nothing}
  </label>`;
}
