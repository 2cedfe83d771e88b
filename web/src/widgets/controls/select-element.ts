/** `<chatkit-select>`: a combobox with a list of its own, by the ARIA practices for one that only selects. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../../icons";
import { FormControl } from "./form-control";
import { found, type Option, stepped, typed } from "./options";
import { type PickerView, trigger } from "./picker";
import { Popover } from "./popover";

export interface SelectView extends PickerView {
  options: readonly Option[];
  isSearchable: boolean;
}

const PAGE = 10;
/** How long letters belong together. */
const TYPING_MS = 600;

export class ChatKitSelect extends FormControl {
  static override properties = {
    view: { attribute: false, hasChanged: () => true },
    search: { state: true },
    active: { state: true },
  };

  declare view: SelectView;
  declare search: string;
  /** The index of the option that Enter chooses. */
  declare active: number;
  private letters = "";
  private lettersAt = 0;
  private readonly floating = new Popover(this, {
    anchor: () => this.button,
    panel: () => this.querySelector<HTMLElement>(".w-popover"),
    side: () => "bottom",
    align: () => "start",
    isAsWide: true,
  });

  constructor() {
    super();
    this.search = "";
    this.active = -1;
  }

  private get button(): HTMLElement | null {
    return this.querySelector<HTMLElement>(".w-trigger");
  }
  private get shown(): readonly Option[] {
    return this.search === "" ? this.view.options : found(this.view.options, this.search);
  }
  private optionId(index: number): string {
    return `${this.view.id}-option-${index}`;
  }

  protected override render(): unknown {
    const { view } = this;
    const { isOpen } = this.floating;
    const chosen = view.options.find(option => option.value === view.value);
    return html`${trigger(view, {
      role: "combobox",
      popup: "listbox",
      panelId: `${view.id}-list`,
      isOpen,
      shown: chosen?.label ?? view.value,
      sign: "chevron-down",
      active: isOpen && !view.isSearchable && this.active >= 0 ? this.optionId(this.active) : undefined,
      onClick: () => (isOpen ? this.shut() : this.open()),
      onKey: event => this.onKey(event),
    })}${isOpen ? this.panel() : nothing}`;
  }

  private panel(): TemplateResult {
    const { view, shown } = this;
    return html`<div class="w-popover w-select-panel" popover="manual">
      ${view.isSearchable ? this.searchField() : nothing}
      <ul
        class="w-options"
        role="listbox"
        id="${view.id}-list"
        tabindex="-1"
        aria-label=${view.label === nothing ? view.placeholder : view.label}
        @mousedown=${(event: Event) => event.preventDefault()}
      >${repeat(
        shown,
        (option, index) => `${index} ${option.value}`,
        (option, index) => this.option(option, index),
      )}</ul>
      ${shown.length === 0 ? html`<p class="w-no-options" role="status">${view.strings.noOptions}</p>` : nothing}
    </div>`;
  }

  private searchField(): TemplateResult {
    const { view } = this;
    return html`<div class="w-search">${icon("search")}<input
      type="text"
      role="combobox"
      aria-autocomplete="list"
      aria-expanded="true"
      aria-controls="${view.id}-list"
      aria-activedescendant=${this.active >= 0 ? this.optionId(this.active) : nothing}
      aria-label=${view.strings.searchOptions}
      placeholder=${view.strings.searchOptions}
      autocomplete="off"
      spellcheck="false"
      form=""
      .value=${live(this.search)}
      @input=${(event: Event) => {
        event.stopPropagation();
        this.search = (event.currentTarget as HTMLInputElement).value;
        this.active = stepped(this.shown, -1, 1);
      }}
      @keydown=${(event: KeyboardEvent) => this.onKey(event)}
    /></div>`;
  }

  private option(option: Option, index: number): TemplateResult {
    const isChosen = option.value === this.view.value;
    return html`<li
      class="w-option"
      role="option"
      id=${this.optionId(index)}
      aria-selected=${isChosen}
      aria-disabled=${option.isDisabled ? "true" : nothing}
      ?data-active=${index === this.active}
      @pointermove=${() => {
        if (!option.isDisabled) this.active = index;
      }}
      @click=${() => this.choose(index)}
    ><span class="w-option-text"><span>${option.label}</span>${
      option.description === ""
        ? nothing
        : html`<span class="w-option-description">${option.description}</span>`
    }</span>${isChosen ? icon("check") : nothing}</li>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { view } = this;
    this.holds(view.value, view.isRequired, view.strings.fieldRequired, this.button);
    if (this.floating.isOpen && changed.has("active")) {
      this.querySelector("[data-active]")?.scrollIntoView?.({ block: "nearest" });
    }
  }

  // --- opening and choosing ------------------------------------------------------------------------------------------

  private open(): void {
    this.search = "";
    const chosen = this.view.options.findIndex(option => option.value === this.view.value);
    this.active = chosen >= 0 ? chosen : stepped(this.view.options, -1, 1);
    this.floating.open();
    if (this.view.isSearchable) {
      void this.updateComplete.then(() => this.querySelector<HTMLInputElement>(".w-search input")?.focus());
    }
  }

  private shut(): void {
    this.floating.close();
    this.button?.focus();
  }

  private choose(index: number): void {
    const option = this.shown[index];
    if (option === undefined || option.isDisabled) return;
    this.shut();
    if (option.value !== this.view.value) this.view.choose(option.value);
  }

  // --- keyboard ------------------------------------------------------------------------------------------------------

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const isHandled = this.floating.isOpen ? this.onKeyInList(event) : this.onKeyOutside(event);
    if (!isHandled) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private onKeyOutside({ key }: KeyboardEvent): boolean {
    if (["ArrowDown", "ArrowUp", "Enter", " "].includes(key)) {
      this.open();
      return true;
    }
    if (key.length !== 1) return false;
    this.open();
    if (this.view.isSearchable) this.search = key;
    else this.type(key);
    return true;
  }

  private onKeyInList(event: KeyboardEvent): boolean {
    const { key } = event;
    const inSearch = event.target instanceof HTMLInputElement;
    if (key === "Escape") this.shut();
    else if (key === "Enter" || (key === " " && !inSearch)) this.choose(this.active);
    else if (key === "Tab") {
      this.floating.close();
      return false;
    } else return this.step(key, inSearch) || (!inSearch && key.length === 1 && this.type(key));
    return true;
  }

  private step(key: string, inSearch: boolean): boolean {
    const last = this.shown.length;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
    if (!inSearch) Object.assign(steps, { Home: -last, End: last });
    const step = steps[key];
    if (step === undefined) return false;
    this.active = stepped(this.shown, this.active, step);
    return true;
  }

  private type(letter: string): boolean {
    const now = Date.now();
    this.letters = now - this.lettersAt < TYPING_MS ? this.letters + letter : letter;
    this.lettersAt = now;
    this.active = typed(this.shown, this.active, this.letters);
    return true;
  }
}

if (customElements.get("chatkit-select") === undefined)
  customElements.define("chatkit-select", ChatKitSelect);
