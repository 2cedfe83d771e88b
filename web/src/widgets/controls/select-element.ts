/** `<chatkit-select>`: a combobox with a list of its own, by the ARIA practices for one that only selects. */
import { html, nothing, type PropertyValues } from "lit";
import { FormControl } from "./form-control";
import { found, type Option, stepped, typed } from "./options";
import { trigger } from "./picker";
import { Popover } from "./popover";
import { type SelectView, selectPanel } from "./select-panel";

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
    })}${
      isOpen
        ? selectPanel({
            view,
            options: this.shown,
            active: this.active,
            search: this.search,
            optionId: index => this.optionId(index),
            find: text => this.find(text),
            point: index => {
              this.active = index;
            },
            choose: index => this.choose(index),
            onKey: event => this.onKey(event),
          })
        : nothing
    }`;
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

  private find(text: string): void {
    this.search = text;
    this.active = stepped(this.shown, -1, 1);
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
    if (this.view.isSearchable) this.find(key);
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
