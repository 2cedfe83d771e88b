/** Text that is edited where it stands: it looks like text until one is in it. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { WidgetNode } from "../../protocol/types";
import { count, flag, type Props, string, words } from "../props";
import type { Scope } from "../scope";
import { type Styles, styled } from "../styled";
import { autofill, ownLabel } from "./sizes";
import { checkPattern, fitHeight, selectAll, typing } from "./typing";

export function drawEditable(
  node: WidgetNode,
  editable: Props,
  scope: Scope,
  styles: Styles,
): TemplateResult {
  const field = scope.field({ ...editable, key: node.key }, words(node, "value"));
  const isLine = (count(node, "minLines", 1) ?? 1) === 1;
  const ignored = !autofill(editable);
  return html`<textarea
    class="w-editable"
    part="widget-editable"
    id=${field.id}
    rows="1"
    placeholder=${string(editable, "placeholder") ?? nothing}
    aria-label=${ownLabel(field, string(editable, "placeholder"))}
    autocomplete=${string(editable, "autoComplete") ?? (ignored ? "off" : nothing)}
    data-1p-ignore=${ignored ? "true" : nothing}
    data-lpignore=${ignored ? "true" : nothing}
    ?required=${flag(editable, "required")}
    ?readonly=${flag(node, "streaming")}
    .value=${live(field.value)}
    @input=${(event: Event) => {
      const textarea = event.currentTarget as HTMLTextAreaElement;
      field.value = textarea.value;
      checkPattern(textarea, string(editable, "pattern"), scope.strings);
      fitHeight(textarea);
    }}
    @keydown=${isLine ? submitLine : null}
    @focus=${flag(editable, "autoSelect") ? selectAll : null}
    ${typing(editable, scope.strings, true)}
    ${styled(styles)}
  ></textarea>`;
}

/** A line ends with Enter, as in any field of one line. */
function submitLine(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  (event.currentTarget as HTMLTextAreaElement).form?.requestSubmit();
}
