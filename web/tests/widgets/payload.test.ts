import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filledIn } from "../../src/widgets/payload";

describe("the values of a form in an action's payload", () => {
  test("names with dots nest", () => {
    const { payload, ignored } = filledIn({ id: 7 }, [
      ["todo.title", "Roof"],
      ["todo.done", true],
      ["plain", ""],
    ]);
    expect(payload).toEqual({ id: 7, todo: { title: "Roof", done: true }, plain: "" });
    expect(ignored).toEqual([]);
  });

  test("what the payload has already stays, beside what is new", () => {
    const { payload, ignored } = filledIn({ title: "kept", todo: { id: 1 }, list: [1] }, [
      ["title", "typed"],
      ["todo.id", "2"],
      ["todo.title", "new"],
      ["list.first", "x"],
    ]);
    expect(payload).toEqual({ title: "kept", todo: { id: 1, title: "new" }, list: [1] });
    expect(ignored).toEqual(["title", "todo.id", "list.first"]);
  });

  test("a name and one below it do not fit both", () => {
    const { payload, ignored } = filledIn(undefined, [
      ["a", "1"],
      ["a.b", "2"],
    ]);
    expect(payload).toEqual({ a: "1" });
    expect(ignored).toEqual(["a.b"]);
  });

  test("a payload that is no object stays what it is", () => {
    expect(filledIn([1, 2], [["a", "1"]])).toEqual({ payload: [1, 2], ignored: ["a"] });
    expect(filledIn("text", [])).toEqual({ payload: "text", ignored: [] });
    expect(filledIn(undefined, [])).toEqual({ payload: undefined, ignored: [] });
  });

  test("the action's own payload is not written to", () => {
    const base = { todo: { id: 1 } };
    filledIn(base, [["todo.title", "x"]]);
    expect(base).toEqual({ todo: { id: 1 } });
  });

  test.each([
    "__proto__.polluted",
    "constructor.prototype.polluted",
    "a.__proto__.polluted",
    "prototype",
    "a..b",
    ".",
    "",
  ])("%j is no name of a field", name => {
    const { payload, ignored } = filledIn({ a: {} }, [[name, "yes"]]);
    expect(ignored).toEqual([name]);
    expect(payload).toEqual({ a: {} });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("one that is nested without end is taken as it is", () => {
    let deep: unknown = "end";
    for (let depth = 0; depth < 50_000; depth += 1) deep = { a: deep };
    expect(filledIn({ deep }, [["deep.b", "x"]]).payload).toMatchObject({ deep: { b: "x" } });
  });

  test("no names pollute any prototype, and none replace what is there", () => {
    const part = fc.constantFrom(
      "a",
      "b",
      "__proto__",
      "constructor",
      "prototype",
      "toString",
      "hasOwnProperty",
      "",
    );
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join("."));
    const base = fc.option(fc.dictionary(fc.constantFrom("a", "b"), fc.jsonValue()));
    fc.assert(
      fc.property(base, fc.array(fc.tuple(name, fc.string())), (json, fields) => {
        const before = JSON.stringify(json);
        const { payload } = filledIn(json ?? undefined, fields);
        expect(JSON.stringify(json)).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
        for (const [key, value] of Object.entries(json ?? {})) {
          if (typeof value !== "object" || value === null) expect((payload as never)[key]).toEqual(value);
        }
      }),
    );
  });
});
