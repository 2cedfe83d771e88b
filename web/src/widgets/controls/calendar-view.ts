/** The calendar of a date picker. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import { addDays, addMonths, type Day, dayFormat, firstDayOf, today, weeksOf, within } from "./calendar";
import type { PickerView } from "./picker";
import type { Align, Side } from "./place";

export interface DateView extends PickerView {
  min: Day | null;
  max: Day | null;
  locale: string;
  side: Side;
  align: Align;
}

interface Shown {
  view: DateView;
  /** The day that has the focus; its month is shown. */
  at: Day;
  show(day: Day): void;
  choose(day: Day): void;
  onKey(event: KeyboardEvent): void;
}

/** How many years before and after one can be chosen where there are no bounds. */
const YEARS = 100;
const MOST_YEARS = 1000;

export function isAllowed(day: Day, { min, max }: DateView): boolean {
  return day !== "" && day === within(day, min, max);
}

export function calendar(shown: Shown): TemplateResult {
  const { view } = shown;
  return html`<div
    class="w-popover w-calendar"
    popover="manual"
    id="${view.id}-calendar"
    role="dialog"
    aria-label=${view.strings.chooseDate}
    @keydown=${shown.onKey}
  >
    <div class="w-calendar-head">
      ${turn(shown, "chevron-left", view.strings.previousMonth, -1)} ${months(shown)} ${years(shown)}
      ${turn(shown, "chevron-right", view.strings.nextMonth, 1)}
    </div>
    ${grid(shown)}
    <div class="w-calendar-foot">
      <button
        type="button"
        class="w-link"
        ?disabled=${!isAllowed(today(), view)}
        @click=${() => shown.choose(today())}
      >
        ${view.strings.goToToday}
      </button>
    </div>
  </div>`;
}

function turn({ view, at, show }: Shown, sign: string, label: string, by: number): TemplateResult {
  const to = addMonths(`${at.slice(0, 8)}01`, by);
  const isBeyond =
    (view.max !== null && to > view.max) || (view.min !== null && addDays(addMonths(to, 1), -1) < view.min);
  return html`<button
    type="button"
    class="w-turn"
    aria-label=${label}
    ?disabled=${isBeyond}
    @click=${() => show(addMonths(at, by))}
  >${icon(sign)}</button>`;
}

function months({ view, at, show }: Shown): TemplateResult {
  const format = dayFormat(view.locale, { month: "long" });
  const numbers = Array.from({ length: 12 }, (_, index) => `${index + 1}`.padStart(2, "0"));
  const options = numbers.map(month => ({ value: month, label: format(`2000-${month}-01`) }));
  const now = at.slice(5, 7);
  return chooser(view.strings.month, options, now, to => show(addMonths(at, Number(to) - Number(now))));
}

function years({ view, at, show }: Shown): TemplateResult {
  const format = dayFormat(view.locale, { year: "numeric" });
  const now = Number(at.slice(0, 4));
  const first = Number(view.min?.slice(0, 4) ?? Math.max(1, now - YEARS));
  const last = Number(view.max?.slice(0, 4) ?? Math.min(9999, now + YEARS));
  const count = Math.min(Math.max(last - first + 1, 1), MOST_YEARS);
  const numbers = Array.from({ length: count }, (_, index) => `${first + index}`.padStart(4, "0"));
  const options = numbers.map(year => ({ value: year, label: format(`${year}-01-01`) }));
  return chooser(view.strings.year, options, at.slice(0, 4), to =>
    show(addMonths(at, (Number(to) - now) * 12)),
  );
}

function chooser(
  label: string,
  options: { value: string; label: string }[],
  value: string,
  choose: (value: string) => void,
): TemplateResult {
  const change = (event: Event): void => {
    event.stopPropagation();
    choose((event.currentTarget as HTMLSelectElement).value);
  };
  return html`<select class="w-chooser" aria-label=${label} form="" @change=${change}>
    ${options.map(
      option =>
        html`<option value=${option.value} .selected=${option.value === value}>${option.label}</option>`,
    )}
  </select>`;
}

function grid(shown: Shown): TemplateResult {
  const { at, view } = shown;
  const weeks = weeksOf(at, firstDayOf(view.locale));
  const month = dayFormat(view.locale, { month: "long", year: "numeric" });
  const short = dayFormat(view.locale, { weekday: "narrow" });
  const long = dayFormat(view.locale, { weekday: "long" });
  const names = {
    full: dayFormat(view.locale, { dateStyle: "full" }),
    number: dayFormat(view.locale, { day: "numeric" }),
  };
  return html`<table class="w-days" role="grid" aria-label=${month(at)}>
    <thead><tr>${(weeks[0] ?? []).map(
      day => html`<th scope="col" abbr=${long(day)}>${short(day)}</th>`,
    )}</tr></thead>
    <tbody>${weeks.map(week => html`<tr>${week.map(day => dayCell(day, shown, names))}</tr>`)}</tbody>
  </table>`;
}

type Name = (day: Day) => string;

function dayCell(day: Day, { view, at, choose }: Shown, { full, number }: Record<"full" | "number", Name>) {
  const isChosen = day === view.value;
  return html`<td role="gridcell" aria-selected=${isChosen ? "true" : nothing}><button
    type="button"
    class="w-day"
    data-day=${day}
    tabindex=${day === at ? "0" : "-1"}
    aria-label=${full(day)}
    aria-pressed=${isChosen}
    aria-current=${day === today() ? "date" : nothing}
    aria-disabled=${isAllowed(day, view) ? nothing : "true"}
    ?data-other=${day.slice(0, 7) !== at.slice(0, 7)}
    @click=${() => choose(day)}
  >${number(day)}</button></td>`;
}
