/** `<chatkit-date-picker>`: a button with a calendar, by the ARIA practices for a date picker dialog. */
import { html, nothing } from "lit";
import { type Day, dayFormat, dayOf, firstDayOf, moved, today, within } from "./calendar";
import { calendar, type DateView, isAllowed } from "./calendar-view";
import { FormControl } from "./form-control";
import { trigger } from "./picker";
import { Popover } from "./popover";

export class ChatKitDatePicker extends FormControl {
  static override properties = {
    view: { attribute: false, hasChanged: () => true },
    at: { state: true },
  };

  declare view: DateView;
  /** The day that has the focus; its month is shown. */
  declare at: Day;
  private readonly floating = new Popover(this, {
    anchor: () => this.button,
    panel: () => this.querySelector<HTMLElement>(".w-popover"),
    side: () => this.view.side,
    align: () => this.view.align,
    isAsWide: false,
  });

  constructor() {
    super();
    this.at = today();
  }

  private get button(): HTMLElement | null {
    return this.querySelector<HTMLElement>(".w-trigger");
  }

  protected override render(): unknown {
    const { view, floating } = this;
    const chosen = dayOf(view.value);
    return html`${trigger(view, {
      role: nothing,
      popup: "dialog",
      panelId: `${view.id}-calendar`,
      isOpen: floating.isOpen,
      shown: chosen === null ? "" : dayFormat(view.locale, { dateStyle: "medium" })(chosen),
      sign: "calendar",
      onClick: () => (floating.isOpen ? this.shut() : this.open()),
      onKey: event => this.onTriggerKey(event),
    })}${
      floating.isOpen
        ? calendar({
            view,
            at: this.at,
            show: day => this.show(day),
            choose: day => this.choose(day),
            onKey: event => this.onPanelKey(event),
          })
        : nothing
    }`;
  }

  protected override updated(): void {
    const { view } = this;
    this.holds(view.value, view.isRequired, view.strings.fieldRequired, this.button);
  }

  // --- opening and choosing ------------------------------------------------------------------------------------------

  private open(): void {
    const { view } = this;
    this.at = within(dayOf(view.value) ?? today(), view.min, view.max);
    this.floating.open();
    this.focusDay();
  }

  private shut(): void {
    this.floating.close();
    this.button?.focus();
  }

  private show(day: Day): void {
    this.at = within(day, this.view.min, this.view.max);
  }

  private focusDay(): void {
    void this.updateComplete.then(() => {
      this.querySelector<HTMLElement>(`[data-day="${this.at}"]`)?.focus({ preventScroll: true });
    });
  }

  private choose(day: Day): void {
    if (!isAllowed(day, this.view)) return;
    this.shut();
    if (day !== this.view.value) this.view.choose(day);
  }

  // --- keyboard ------------------------------------------------------------------------------------------------------

  private onTriggerKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.floating.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.shut();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      this.open();
    }
  }

  private onPanelKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.shut();
      return;
    }
    const inGrid = (event.target as HTMLElement).matches(".w-day");
    const isRtl = getComputedStyle(this).direction === "rtl";
    const to = inGrid ? moved(this.at, event, isRtl, firstDayOf(this.view.locale)) : null;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(to);
    this.focusDay();
  }
}

if (customElements.get("chatkit-date-picker") === undefined) {
  customElements.define("chatkit-date-picker", ChatKitDatePicker);
}
