/** Values from a server as words, and figures as people say them. */

/** A text, whatever a server has put there instead. */
export function words(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

/** As "1 min 20 sec", in a language. */
export function duration(seconds: number, language: string): string {
  const whole = Math.max(1, Math.round(Number.isFinite(seconds) ? seconds : 0));
  const parts = [
    [Math.floor(whole / 60), "minute"],
    [whole % 60, "second"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) =>
      new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(count),
    )
    .join(" ");
}

/** A day, if it is one. */
export function day(timestamp: unknown, language: string): string {
  const date = new Date(words(timestamp));
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleDateString(language, { dateStyle: "medium" });
}
