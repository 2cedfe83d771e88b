/** Values of any kind as the kind that they should be, or as nothing. */

export type Fields = Record<string, unknown>;

/** What is checked of something, or null where it makes no sense. */
export type Check = (fields: Fields) => Fields | null;

export function object(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objects(value: unknown): Fields[] {
  return list(value)
    .map(object)
    .filter(one => one !== null);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function texts(value: unknown): string[] {
  return list(value).filter(one => typeof one === "string");
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** How far a list may be beyond what was said of it. */
const MAX_INDEX = 10_000;

export function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INDEX;
}
