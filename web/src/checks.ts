/** Checks of values that a page passes: each throws a TypeError that names where the wrong one is. */

export type Check = (value: unknown, path: string) => void;

/** What is there but means nothing, by its path. */
export type Unknown = string[];

function fail(path: string, what: string): never {
  throw new TypeError(`${path} must be ${what}`);
}

function typed(type: "string" | "boolean" | "function", what: string): Check {
  return (value, path) => {
    if (typeof value !== type) fail(path, what);
  };
}

export const string = typed("string", "a string");
export const boolean = typed("boolean", "true or false");
export const callable = typed("function", "a function");

export const text: Check = (value, path) => {
  if (typeof value !== "string" || value.trim() === "") fail(path, "a string that is not empty");
};

export const anything: Check = () => undefined;

export function matching(what: string, isOne: (value: string) => boolean): Check {
  return (value, path) => {
    if (typeof value !== "string" || !isOne(value)) fail(path, what);
  };
}

export function number(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value !== "number" || !(value >= least && value <= most))
      fail(path, most === Infinity ? `a number, at least ${least}` : `a number from ${least} to ${most}`);
  };
}

export function oneOf(...values: (string | number)[]): Check {
  return (value, path) => {
    if (!values.includes(value as string))
      fail(path, `one of ${values.map(one => JSON.stringify(one)).join(", ")}`);
  };
}

export function either(what: string, ...checks: [(value: unknown) => boolean, Check][]): Check {
  return (value, path) => {
    const found = checks.find(([isOne]) => isOne(value));
    if (found === undefined) fail(path, what);
    found[1](value, path);
  };
}

export function nullable(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path);
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function list(each: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) fail(path, "an array");
    for (const [index, one] of value.entries()) each(one, `${path}[${index}]`);
  };
}

export function record(each: Check): Check {
  return (value, path) => {
    if (!isObject(value)) fail(path, "an object");
    for (const [key, one] of Object.entries(value)) each(one, `${path}[${JSON.stringify(key)}]`);
  };
}

/** An object of these fields; a `!` at the end of a name: one that must be there. `unknown` gets the paths of others. */
export function shape(fields: Record<string, Check>, unknown?: Unknown): Check {
  const checks = new Map(
    Object.entries(fields).map(([name, check]) => [
      name.replace(/!$/, ""),
      { check, isNeeded: name.endsWith("!") },
    ]),
  );
  return (value, path) => {
    if (!isObject(value)) fail(path || "options", "an object");
    const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
    for (const [name, { check, isNeeded }] of checks) {
      const field = value[name];
      if (field !== undefined || isNeeded) check(field, at(name));
    }
    for (const name of Object.keys(value)) if (!checks.has(name)) unknown?.push(at(name));
  };
}
