/** Reads props as a server sent them: what has another type than it should is as if it were absent. */

export type Props = Readonly<Record<string, unknown>>;

export function record(value: unknown): Props | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Props) : null;
}

export function string(props: Props, name: string): string | null {
  const value = props[name];
  return typeof value === "string" ? value : null;
}

/** What is shown as words; a number is, too. */
export function words(props: Props, name: string): string {
  const value = props[name];
  return typeof value === "number" && Number.isFinite(value) ? String(value) : (string(props, name) ?? "");
}

export function flag(props: Props, name: string): boolean {
  return props[name] === true;
}

/** A whole number of at least `least`, and at most `most`. */
export function count(props: Props, name: string, least = 0, most = 10_000): number | null {
  const value = props[name];
  if (typeof value !== "number" || !Number.isFinite(value) || value < least) return null;
  return Math.min(Math.floor(value), most);
}

export function oneOf<T extends string>(props: Props, name: string, values: readonly T[]): T | null {
  const value = props[name];
  return values.find(one => one === value) ?? null;
}

/** The objects of a list. */
export function records(value: unknown, most = 5000): Props[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, most)
    .map(record)
    .filter(one => one !== null);
}
