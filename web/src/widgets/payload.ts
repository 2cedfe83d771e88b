/** Puts the values of a form into the payload of an action. */

export type FieldValue = string | boolean;

export interface Payload {
  /** As the action had it, with the fields; what is no object stays what it was. */
  payload: unknown;
  /** Names of fields that have no place in it. */
  ignored: string[];
}

type Tree = Record<string, unknown>;

const REFUSED = new Set(["__proto__", "constructor", "prototype"]);
const MAX_PARTS = 20;

/** `todo.title` is `{"todo": {"title": ...}}`. What the action's payload has already is not replaced. */
export function filledIn(base: unknown, fields: Iterable<readonly [string, FieldValue]>): Payload {
  const entries = [...fields];
  const tree = base === undefined || base === null ? {} : copied(base);
  if (entries.length === 0 || tree === null) return { payload: base, ignored: entries.map(([name]) => name) };
  const ignored = entries.filter(([name, value]) => !put(tree, name, value)).map(([name]) => name);
  return { payload: tree, ignored };
}

/** A copy that can be written to; null: it is no object. What is inside is copied on the way to what is written there. */
function copied(value: unknown): Tree | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function put(tree: Tree, name: string, value: FieldValue): boolean {
  const parts = name.split(".");
  if (parts.length > MAX_PARTS || parts.some(part => part === "" || REFUSED.has(part))) return false;
  const last = parts.pop() ?? "";
  let place = tree;
  for (const part of parts) {
    const inner = Object.hasOwn(place, part) ? copied(place[part]) : {};
    if (inner === null) return false;
    place[part] = inner;
    place = inner;
  }
  if (Object.hasOwn(place, last)) return false;
  place[last] = value;
  return true;
}
