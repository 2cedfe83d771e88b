/** Days of the calendar as `YYYY-MM-DD`: they have no time, and so no time zone. */

export type Day = string;

const DAY_MS = 86_400_000;

/** The day of an ISO date or datetime, as it is written; null: there is no such day. */
export function dayOf(value: unknown): Day | null {
  if (typeof value !== "string") return null;
  const [, day] = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(value.trim()) ?? [];
  return day !== undefined && iso(utc(day)) === day ? day : null;
}

/** In UTC, to count with. */
export function utc(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

function iso(date: Date): Day {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}

export function today(now = new Date()): Day {
  return iso(new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())));
}

export function addDays(day: Day, days: number): Day {
  return iso(new Date(utc(day).getTime() + days * DAY_MS)) || day;
}

/** The same day of another month, or the last one that it has. */
export function addMonths(day: Day, months: number): Day {
  const date = utc(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const moved = iso(new Date(Date.UTC(year, month, Math.min(date.getUTCDate(), last))));
  return /^\d{4}-/.test(moved) ? moved : day;
}

export function within(day: Day, min: Day | null, max: Day | null): Day {
  if (min !== null && day < min) return min;
  return max !== null && day > max ? max : day;
}

/** How many days a day is after the first one of its week; weeks begin with `first` (1 is Monday, 7 Sunday). */
export function dayOfWeek(day: Day, first: number): number {
  return (utc(day).getUTCDay() - first + 7) % 7;
}

/** The weeks that have days of this day's month, whole. */
export function weeksOf(day: Day, first: number): Day[][] {
  const start = `${day.slice(0, 8)}01`;
  const end = addDays(addMonths(start, 1), -1);
  const weeks: Day[][] = [];
  for (let monday = addDays(start, -dayOfWeek(start, first)); monday <= end; monday = addDays(monday, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, index) => addDays(monday, index)));
    if (weeks.length > 5) break;
  }
  return weeks;
}

/** Where a key leads in a calendar; null: it is none of a calendar's. */
export function moved(
  at: Day,
  { key, shiftKey }: { key: string; shiftKey: boolean },
  isRtl: boolean,
  first: number,
): Day | null {
  const forward = isRtl ? -1 : 1;
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
      return addDays(at, -dayOfWeek(at, first));
    case "End":
      return addDays(at, 6 - dayOfWeek(at, first));
    case "PageUp":
      return addMonths(at, shiftKey ? -12 : -1);
    case "PageDown":
      return addMonths(at, shiftKey ? 12 : 1);
    default:
      return null;
  }
}

interface WeekInfo {
  firstDay: number;
}
interface LocaleWithWeeks extends Intl.Locale {
  getWeekInfo?(): WeekInfo;
  weekInfo?: WeekInfo;
}

/** With which day weeks begin (1 is Monday, 7 Sunday). */
export function firstDayOf(locale: string): number {
  const known = new Intl.Locale(locale) as LocaleWithWeeks;
  return (known.getWeekInfo?.() ?? known.weekInfo)?.firstDay ?? 1;
}

/** A language tag that `Intl` knows how to read. */
export function localeOf(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    return "en";
  }
}

/** What a locale calls days; in the Gregorian calendar, which ISO dates are of. */
export function dayFormat(locale: string, options: Intl.DateTimeFormatOptions): (day: Day) => string {
  const format = new Intl.DateTimeFormat(locale, { ...options, calendar: "gregory", timeZone: "UTC" });
  return day => format.format(utc(day));
}
