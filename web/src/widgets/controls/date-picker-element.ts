/** `<chatkit-date-picker>`: a button with a calendar, by the ARIA practices for a date picker dialog. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import {
  addDays,
  addMonths,
  type Day,
  dayFormat,
  dayOf,
  dayOfWeek,
  firstDayOf,
  today,
  weeksOf,
  within,
} from "./calendar";
import { FormControl } from "./form-control";
import { type PickerView, trigger } from "./picker";
import type { Align, Side } from "./place";
import { Popover } from "./popover";

export interface DateView extends PickerView {
  min: Day | null;
  max: Day | null;
  locale: string;
  side: Side;
  align: Align;
}

/** How many years before and after one can be chosen where there are no bounds. */
const YEARS = 100;

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
    })}${floating.isOpen ? this.panel() : nothing}`;
  }

  protected override updated(): void {
    const { view } = this;
    this.holds(view.value, view.isRequired, view.strings.fieldRequired, this.button);
  }

  // --- the calendar --------------------------------------------------------------------------------------------------

  private panel(): TemplateResult {
    const { view } = this;
    return html`<div
      class="w-popover w-calendar"
      popover="manual"
      id="${view.id}-calendar"
      role="dialog"
      aria-label=${view.strings.chooseDate}
      @keydown=${(event: KeyboardEvent) => this.onPanelKey(event)}
    >
      <div class="w-calendar-head">
        ${this.turn("chevron-left", view.strings.previousMonth, -1)} ${this.months()} ${this.years()}
        ${this.turn("chevron-right", view.strings.nextMonth, 1)}
      </div>
      ${this.grid()}
      <div class="w-calendar-foot">
        <button
          type="button"
          class="w-link"
          ?disabled=${!this.isAllowed(today())}
          @click=${() => this.choose(today())}
        >
          ${view.strings.goToToday}
        </button>
      </div>
    </div>`;
  }

  private turn(sign: string, label: string, months: number): TemplateResult {
    const to = addMonths(`${this.at.slice(0, 8)}01`, months);
    const isBeyond =
      (this.view.max !== null && to > this.view.max) ||
      (this.view.min !== null && addDays(addMonths(to, 1), -1) < this.view.min);
    return html`<button
      type="button"
      class="w-turn"
      aria-label=${label}
      ?disabled=${isBeyond}
      @click=${() => this.show(addMonths(this.at, months))}
    >${icon(sign)}</button>`;
  }

  private months(): TemplateResult {
    const { view } = this;
    const year = this.at.slice(0, 4);
    const format = dayFormat(view.locale, { month: "long" });
    const numbers = Array.from({ length: 12 }, (_, index) => `${index + 1}`.padStart(2, "0"));
    return this.chooser(
      view.strings.month,
      numbers.map(month => ({ value: month, label: format(`${year}-${month}-01`) })),
      this.at.slice(5, 7),
      month => addMonths(this.at, Number(month) - Number(this.at.slice(5, 7))),
    );
  }

  private years(): TemplateResult {
    const { view, at } = this;
    const format = dayFormat(view.locale, { year: "numeric" });
    const shown = Number(at.slice(0, 4));
    const first = Number(view.min?.slice(0, 4) ?? Math.max(1, shown - YEARS));
    const last = Number(view.max?.slice(0, 4) ?? Math.min(9999, shown + YEARS));
    const years = Array.from({ length: Math.min(Math.max(last - first + 1, 1), 1000) }, (_, index) =>
      `${first + index}`.padStart(4, "0"),
    );
    return this.chooser(
      view.strings.year,
      years.map(year => ({ value: year, label: format(`${year}-01-01`) })),
      at.slice(0, 4),
      year => addMonths(at, (Number(year) - shown) * 12),
    );
  }

  private chooser(
    label: string,
    options: { value: string; label: string }[],
    value: string,
    to: (value: string) => Day,
  ): TemplateResult {
    return html`<select
      class="w-chooser"
      aria-label=${label}
      form=""
      @change=${(event: Event) => {
        event.stopPropagation();
        this.show(to((event.currentTarget as HTMLSelectElement).value));
      }}
    >${options.map(
      option =>
        html`<option value=${option.value} .selected=${option.value === value}>${option.label}</option>`,
    )}</select>`;
  }

  private grid(): TemplateResult {
    const { view, at } = this;
    const first = firstDayOf(view.locale);
    const weeks = weeksOf(at, first);
    const name = dayFormat(view.locale, { dateStyle: "full" });
    const short = dayFormat(view.locale, { weekday: "narrow" });
    const long = dayFormat(view.locale, { weekday: "long" });
    const number = dayFormat(view.locale, { day: "numeric" });
    const month = dayFormat(view.locale, { month: "long", year: "numeric" });
    return html`<table class="w-days" role="grid" aria-label=${month(at)}>
      <thead><tr>${(weeks[0] ?? []).map(day => html`<th scope="col" abbr=${long(day)}>${short(day)}</th>`)}</tr></thead>
      <tbody>${weeks.map(
        week =>
          html`<tr>${week.map(
            day => html`<td role="gridcell" aria-selected=${day === view.value ? "true" : nothing}><button
            type="button"
            class="w-day"
            data-day=${day}
            tabindex=${day === at ? "0" : "-1"}
            aria-label=${name(day)}
            aria-pressed=${day === view.value}
            aria-current=${day === today() ? "date" : nothing}
            aria-disabled=${this.isAllowed(day) ? nothing : "true"}
            ?data-other=${day.slice(0, 7) !== at.slice(0, 7)}
            @click=${() => this.choose(day)}
          >${number(day)}</button></td>`,
          )}</tr>`,
      )}</tbody>
    </table>`;
  }

  private isAllowed(day: Day): boolean {
    return day !== "" && day === within(day, this.view.min, this.view.max);
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
    if (!this.isAllowed(day)) return;
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
    const to = inGrid ? this.moved(event) : null;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(to);
    this.focusDay();
  }

  private moved({ key, shiftKey }: KeyboardEvent): Day | null {
    const { at } = this;
    const forward = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const inWeek = dayOfWeek(at, firstDayOf(this.view.locale));
    switch (key) {
      case "ArrowLeft":
        return addDays(at, -forward);
      case "ArrowRight":
        return addDays(at, forward);
      case "ArrowUp":
        return addDays(at, -7);
      case "ArrowDown":
        return addDays(at, 7);
      case "Home":
        return addDays(at, -inWeek);
      case "End":
        return addDays(at, 6 - inWeek);
      case "PageUp":
        return addMonths(at, shiftKey ? -12 : -1);
      case "PageDown":
        return addMonths(at, shiftKey ? 12 : 1);
      default:
        return null;
    }
  }
}

if (customElements.get("chatkit-date-picker") === undefined) {
  customElements.define("chatkit-date-picker", ChatKitDatePicker);
}
