import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WidgetNode } from "../../src/protocol/types";
import { ATTACKS, attackers, PROPS, TYPES } from "./attacks";
import { settled, show } from "./page";

const ELEMENTS = /^(script|iframe|object|embed|style|link|base|meta|foreignobject)$/i;
const ADDRESSES = /^(href|src|action|xlink:href|poster)$/i;

function isDangerous({ name, value }: Attr): boolean {
  if (/^on/i.test(name) || name === "srcdoc" || name === "formaction") return true;
  if (ADDRESSES.test(name)) return /^\s*(javascript|vbscript|data:text)/i.test(value);
  return name === "style" && /url\(|expression|javascript|@import/i.test(value);
}

/** What must be nowhere in a page, whoever wrote a widget. */
function dangers(root: Element): string[] {
  return [...root.querySelectorAll("*")].flatMap(element => [
    ...(ELEMENTS.test(element.localName) ? [element.localName] : []),
    ...[...element.attributes].filter(isDangerous).map(({ name, value }) => `${name}=${value}`),
  ]);
}

describe("strings of an attacker", () => {
  test.each(TYPES)("do nothing in any prop of %s", async type => {
    for (const attack of ATTACKS) {
      for (const node of attackers(type, attack)) {
        const { element, warnings, leave } = await show(node);
        expect(dangers(element)).toEqual([]);
        expect(warnings.filter(warning => warning.startsWith("A widget cannot"))).toEqual([]);
        leave();
      }
    }
  });
});

describe("random trees", () => {
  const some = fc.oneof(
    fc.constantFrom(...ATTACKS, "md", "lg", "start", "center", "primary", "secondary", "red-100", "auto"),
    fc.constantFrom(true, false, null, 0, -1, 3, 1e9, Number.MAX_VALUE),
    fc.record({ type: fc.constantFrom("go", "", 3), payload: fc.jsonValue() }),
    fc.record({ light: fc.string(), dark: fc.string() }),
    fc.record({ text: fc.string(), icon: fc.string() }),
    fc.record({ label: fc.string(), action: fc.record({ type: fc.string() }) }),
    fc.array(fc.record({ value: fc.string(), label: fc.string() }), { maxLength: 3 }),
    fc.record({ name: fc.string(), required: fc.boolean() }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const props = fc.dictionary(fc.constantFrom(...PROPS), some, { maxKeys: 14 });
  const { node } = fc.letrec<{ node: WidgetNode }>(tie => ({
    node: fc
      .tuple(
        fc.constantFrom(...TYPES),
        props,
        fc.option(
          fc.oneof(
            { weight: 4, arbitrary: fc.array(tie("node"), { maxLength: 4 }) },
            { weight: 1, arbitrary: tie("node") },
            { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<never> },
          ),
          { maxDepth: 3 } as never,
        ),
      )
      .map(
        ([type, all, children]) =>
          ({ ...all, type, ...(children === null ? {} : { children }) }) as WidgetNode,
      ),
  }));

  test("never throw, and never bring danger", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(node, node, async (first, second) => {
        const { element, warnings, update, leave, all } = await show(first);
        await update(second);
        for (const one of all("button")) one.click();
        await settled();
        expect(dangers(element)).toEqual([]);
        expect(warnings.filter(warning => warning.startsWith("A widget cannot"))).toEqual([]);
        leave();
      }),
      { numRuns: 150 },
    );
  });
});
