/** Lines of text. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { WidgetNode } from "../../protocol/types";
import { count, flag, oneOf, string, words } from "../props";
import type { Scope } from "../scope";
import { styled } from "../styled";
import { autofill, gutterOf, ownLabel, sizeOf } from "./sizes";
import { checkPattern, fitHeight, selectAll, typing } from "./typing";

export function drawTextarea(node: WidgetNode, scope: Scope): TemplateResult {
  const isDisabled = flag(node, "disabled");
  const field = scope.field(node, words(node, "defaultValue"), isDisabled);
  const grows = flag(node, "autoResize");
  const rows = count(node, "rows", 1, 100) ?? 3;
  const most = count(node, "maxRows", 1, 200);
  const ignored = !autofill(node);
  return html`<textarea
    class="w-input w-textarea"
    part="widget-input"
    id=${field.id}
    rows=${rows}
    placeholder=${string(node, "placeholder") ?? nothing}
    aria-label=${ownLabel(field, string(node, "placeholder"))}
    autocomplete=${ignored ? "off" : nothing}
    data-1p-ignore=${ignored ? "true" : nothing}
    data-lpignore=${ignored ? "true" : nothing}
    data-variant=${oneOf(node, "variant", ["soft", "outline"]) ?? "outline"}
    data-size=${sizeOf(node)}
    ?data-grows=${grows}
    ?required=${flag(node, "required")}
    ?disabled=${isDisabled}
    .value=${live(field.value)}
    @input=${(event: Event) => {
      const textarea = event.currentTarget as HTMLTextAreaElement;
      field.value = textarea.value;
      checkPattern(textarea, string(node, "pattern"), scope.strings);
      if (grows) fitHeight(textarea);
    }}
    @focus=${flag(node, "autoSelect") ? selectAll : null}
    ${typing(node, scope.strings, grows)}
    ${styled({
      "--w-gutter": gutterOf(node),
      "--w-rows": `${rows}`,
      "--w-most-rows": grows && most !== null ? `${Math.max(most, rows)}` : null,
    })}
  ></textarea>`;
}
