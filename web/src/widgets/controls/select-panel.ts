/** The list of a select, and its search. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../../icons";
import type { Option } from "./options";
import type { PickerView } from "./picker";

export interface SelectView extends PickerView {
  options: readonly Option[];
  isSearchable: boolean;
}

interface Shown {
  view: SelectView;
  /** Those that were found. */
  options: readonly Option[];
  /** The index of the option that Enter chooses. */
  active: number;
  search: string;
  optionId(index: number): string;
  find(text: string): void;
  point(index: number): void;
  choose(index: number): void;
  onKey(event: KeyboardEvent): void;
}

export function selectPanel(shown: Shown): TemplateResult {
  const { view, options } = shown;
  return html`<div class="w-popover w-select-panel" popover="manual">
    ${view.isSearchable ? searchField(shown) : nothing}
    <ul
      class="w-options"
      role="listbox"
      id="${view.id}-list"
      tabindex="-1"
      aria-label=${view.label === nothing ? view.placeholder : view.label}
      @mousedown=${(event: Event) => event.preventDefault()}
    >${repeat(
      options,
      (one, index) => `${index} ${one.value}`,
      (one, index) => option(one, index, shown),
    )}</ul>
    ${options.length === 0 ? html`<p class="w-no-options" role="status">${view.strings.noOptions}</p>` : nothing}
  </div>`;
}

function searchField({ view, active, search, optionId, find, onKey }: Shown): TemplateResult {
  return html`<div class="w-search">${icon("search")}<input
    type="text"
    role="combobox"
    aria-autocomplete="list"
    aria-expanded="true"
    aria-controls="${view.id}-list"
    aria-activedescendant=${active >= 0 ? optionId(active) : nothing}
    aria-label=${view.strings.searchOptions}
    placeholder=${view.strings.searchOptions}
    autocomplete="off"
    spellcheck="false"
    form=""
    .value=${live(search)}
    @input=${(event: Event) => {
      event.stopPropagation();
      find((event.currentTarget as HTMLInputElement).value);
    }}
    @keydown=${onKey}
  /></div>`;
}

function option(
  one: Option,
  index: number,
  { view, active, optionId, point, choose }: Shown,
): TemplateResult {
  const isChosen = one.value === view.value;
  return html`<li
    class="w-option"
    role="option"
    id=${optionId(index)}
    aria-selected=${isChosen}
    aria-disabled=${one.isDisabled ? "true" : nothing}
    ?data-active=${index === active}
    @pointermove=${() => one.isDisabled || point(index)}
    @click=${() => choose(index)}
  ><span class="w-option-text"><span>${one.label}</span>${
    one.description === "" ? nothing : html`<span class="w-option-description">${one.description}</span>`
  }</span>${isChosen ? icon("check") : nothing}</li>`;
}
