/** A line of text. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { WidgetNode } from "../../protocol/types";
import { flag, oneOf, string, words } from "../props";
import type { Scope } from "../scope";
import { styled } from "../styled";
import { autofill, gutterOf, ownLabel, sizeOf } from "./sizes";
import { selectAll, typing } from "./typing";

const TYPES = ["text", "number", "email", "password", "tel", "url"] as const;

export function drawInput(node: WidgetNode, scope: Scope): TemplateResult {
  const isDisabled = flag(node, "disabled");
  const field = scope.field(node, words(node, "defaultValue"), isDisabled);
  const type = oneOf(node, "inputType", TYPES) ?? "text";
  const ignored = !autofill(node);
  return html`<input
    class="w-input"
    part="widget-input"
    id=${field.id}
    type=${type}
    step=${type === "number" ? "any" : nothing}
    pattern=${string(node, "pattern") ?? nothing}
    placeholder=${string(node, "placeholder") ?? nothing}
    aria-label=${ownLabel(field, string(node, "placeholder"))}
    autocomplete=${ignored ? "off" : nothing}
    data-1p-ignore=${ignored ? "true" : nothing}
    data-lpignore=${ignored ? "true" : nothing}
    data-variant=${oneOf(node, "variant", ["soft", "outline"]) ?? "outline"}
    data-size=${sizeOf(node)}
    ?data-pill=${flag(node, "pill")}
    ?data-square=${node.pill === false}
    ?required=${flag(node, "required")}
    ?disabled=${isDisabled}
    .value=${live(field.value)}
    @input=${(event: Event) => {
      field.value = (event.currentTarget as HTMLInputElement).value;
    }}
    @focus=${flag(node, "autoSelect") ? selectAll : null}
    ${typing(node, scope.strings)}
    ${styled({ "--w-gutter": gutterOf(node) })}
  />`;
}
