/** Days, times and states as people say them. */

/** @type {Record<import("./api.js").Status, string>} */
export const STATUS = {
  pending: "To do",
  in_progress: "In progress",
  review: "In review",
  completed: "Done",
};

/** @type {Record<import("./api.js").Status, {move: import("./api.js").Move, label: string, short?: string}[]>} */
export const MOVES = {
  pending: [
    { move: "start", label: "Start" },
    { move: "complete", label: "Complete" },
  ],
  in_progress: [
    { move: "request-review", label: "Request review", short: "Review" },
    { move: "complete", label: "Complete" },
  ],
  review: [
    { move: "complete", label: "Complete" },
    { move: "reject", label: "Reject" },
  ],
  completed: [{ move: "reopen", label: "Reopen" }],
};

const DAY = 86_400_000;
const near = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const thisYear = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short" });
const anyYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });

/**
 * In how many days a date (`YYYY-MM-DD`) is, from today where the user is.
 * @param {string} date
 */
export function daysUntil(date) {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const today = new Date();
  return Math.round(
    (Date.UTC(year, month - 1, day) - Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())) / DAY,
  );
}

/** @param {string} date */
export function dueWords(date) {
  const days = daysUntil(date);
  if (Math.abs(days) < 2) return capital(near.format(days, "day"));
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const format = year === new Date().getFullYear() ? thisYear : anyYear;
  return format.format(new Date(year, month - 1, day));
}

/** @param {string} moment */
export function ago(moment) {
  const seconds = (Date.parse(moment) - Date.now()) / 1000;
  if (seconds > -60) return "just now";
  if (seconds > -3600) return near.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return near.format(Math.round(seconds / 3600), "hour");
  return near.format(Math.round(seconds / 86_400), "day");
}

/** @param {string} words */
export function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string} name */
export function initial(name) {
  return [...name.trim()][0]?.toUpperCase() ?? "?";
}
