/** Threads by when they began: today, yesterday, the last week, the last month, then month by month. */

import type { Strings } from "../../locale";
import type { Thread } from "../../protocol/types";

export interface Days {
  title: string;
  threads: Thread[];
}

const DAY_MS = 86_400_000;

/** In the order in which they come; those of one time stand together. */
export function byDay(threads: readonly Thread[], now: Date, language: string, strings: Strings): Days[] {
  const days = new Map<string, Thread[]>();
  for (const thread of threads) {
    const title = dayOf(new Date(thread.created_at), now, language, strings);
    days.set(title, [...(days.get(title) ?? []), thread]);
  }
  return [...days].map(([title, found]) => ({ title, threads: found }));
}

function dayOf(date: Date, now: Date, language: string, strings: Strings): string {
  if (Number.isNaN(date.getTime())) return strings.previous30Days;
  const days = Math.round((midnight(now) - midnight(date)) / DAY_MS);
  if (days <= 1) return relative(-Math.max(days, 0), language);
  if (days <= 7) return strings.previous7Days;
  if (days <= 30) return strings.previous30Days;
  const isThisYear = date.getFullYear() === now.getFullYear();
  const month: Intl.DateTimeFormatOptions = isThisYear
    ? { month: "long" }
    : { month: "long", year: "numeric" };
  return capital(new Intl.DateTimeFormat(language, month).format(date), language);
}

/** “Today” and “Yesterday”, as the language has them. */
function relative(days: number, language: string): string {
  return capital(new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day"), language);
}

function capital(text: string, language: string): string {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
