/** What a select and a date picker have in common: a button that shows the value, and a panel below it. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";
import type { WidgetNode } from "../../protocol/types";
import { flag, oneOf, string } from "../props";
import type { Scope } from "../scope";
import { ownLabel, sizeOf } from "./sizes";
import { spinner } from "./spinner";

export interface Look {
  variant: string;
  size: string;
  isPill: boolean;
  isSquare: boolean;
}

export interface PickerView {
  /** Of the button: what a label is for. */
  id: string;
  /** `aria-label`, if no label is for it. */
  label: string | typeof nothing;
  value: string;
  placeholder: string;
  isClearable: boolean;
  isDisabled: boolean;
  isRequired: boolean;
  isBusy: boolean;
  look: Look;
  strings: Strings;
  choose(value: string): void;
}

/** What a node says of it, whichever it is; `words` are shown where nothing is chosen. */
export function pickerView(node: WidgetNode, scope: Scope, value: string, words: string): PickerView {
  const isDisabled = flag(node, "disabled");
  const field = scope.field(node, value, isDisabled);
  const placeholder = string(node, "placeholder");
  return {
    id: field.id,
    label: ownLabel(field, placeholder),
    value: field.value,
    placeholder: placeholder ?? words,
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
    choose: chosen => {
      field.value = chosen;
      scope.state.onChange();
      void scope.fire(node.onChangeAction, "none", { own: field });
    },
  };
}

export interface Trigger {
  role: string | typeof nothing;
  popup: "listbox" | "dialog";
  panelId: string;
  isOpen: boolean;
  /** What is chosen, in words; empty: nothing is. */
  shown: string;
  sign: string;
  active?: string | undefined;
  onClick(): void;
  onKey(event: KeyboardEvent): void;
}

export function trigger(view: PickerView, how: Trigger): TemplateResult {
  const { look } = view;
  const canClear = view.isClearable && view.value !== "" && !view.isDisabled;
  return html`<button
      type="button"
      class="w-trigger w-input"
      part="widget-input"
      id=${view.id}
      role=${how.role}
      aria-haspopup=${how.popup}
      aria-expanded=${how.isOpen}
      aria-controls=${how.isOpen ? how.panelId : nothing}
      aria-activedescendant=${how.active ?? nothing}
      aria-label=${view.label === nothing ? nothing : labelled(view, how)}
      aria-required=${view.isRequired && how.role !== nothing ? "true" : nothing}
      aria-busy=${view.isBusy ? "true" : nothing}
      data-variant=${look.variant}
      data-size=${look.size}
      ?data-pill=${look.isPill}
      ?data-square=${look.isSquare}
      ?data-empty=${how.shown === ""}
      ?data-clearable=${canClear}
      ?disabled=${view.isDisabled}
      @click=${() => view.isBusy || how.onClick()}
      @keydown=${(event: KeyboardEvent) => view.isBusy || how.onKey(event)}
    ><span class="w-trigger-value">${how.shown || view.placeholder}</span
    >${canClear ? nothing : html`<span class="w-trigger-sign">${view.isBusy ? spinner() : icon(how.sign)}</span>`}</button>${
      canClear ? clear(view) : nothing
    }`;
}

/** A name says what the button shows: for a combobox, that is its value. */
function labelled(view: PickerView, how: Trigger): string {
  const label = String(view.label);
  const shown = how.shown || view.placeholder;
  return how.popup === "listbox" || label === shown ? label : `${label}: ${shown}`;
}

function clear(view: PickerView): TemplateResult {
  const onClick = (event: Event): void => {
    const trigger = (event.currentTarget as HTMLElement).previousElementSibling;
    view.choose("");
    if (trigger instanceof HTMLElement) trigger.focus();
  };
  const field = view.label === nothing ? view.placeholder : String(view.label);
  return html`<button
    type="button"
    class="w-clear"
    aria-label=${view.strings.clearChoice(field)}
    ?disabled=${view.isBusy}
    @click=${onClick}
  >${view.isBusy ? spinner() : icon("close")}</button>`;
}
