import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WidgetNode } from "../../src/protocol/types";
import { settled, show } from "./page";

const TYPES = [
  "Badge", "Basic", "Box", "Button", "Caption", "Card", "Chart", "Checkbox", "Col", "DatePicker", "Divider", "Form",
  "Icon", "Image", "Input", "Label", "ListView", "ListViewItem", "Markdown", "RadioGroup", "Row", "Select", "Spacer",
  "Table", "Table.Cell", "Table.Row", "Text", "Textarea", "Title", "Transition", "Unknown", "constructor", "__proto__",
]; // biome-ignore format: a list

const PROPS = [
  "id", "key", "value", "label", "name", "fieldName", "src", "alt", "placeholder", "pattern", "defaultValue", "color",
  "background", "width", "height", "size", "minHeight", "maxWidth", "padding", "margin", "gap", "border", "radius",
  "flex", "aspectRatio", "align", "justify", "wrap", "direction", "theme", "status", "confirm", "cancel", "asForm",
  "collapsed", "onClickAction", "onChangeAction", "onSubmitAction", "options", "limit", "variant", "iconStart",
  "iconEnd", "iconSize", "style", "submit", "disabled", "required", "inputType", "editable", "streaming", "truncate",
  "maxLines", "minLines", "data", "series", "xAxis", "min", "max", "side", "rows", "maxRows", "ariaLabel", "href",
  "onclick", "onerror", "innerHTML", "srcdoc", "textAlign", "weight", "fit", "position", "frame", "flush", "spacing",
  "colSpan", "rowSpan", "colSize", "searchable", "clearable",
]; // biome-ignore format: a list

const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " \u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "data:image/svg+xml,<svg onload=alert(1)>",
  "vbscript:msgbox(1)",
  "url(javascript:alert(1))",
  "red;background:url(https://evil.example)",
  "expression(alert(1))",
  "</style><script>alert(1)</script>",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  "<a href=javascript:alert(1)>x</a>",
  "[x](javascript:alert(1))",
  "![x](javascript:alert(1))",
  "$" + "{alert(1)}",
  "{{constructor.constructor('alert(1)')()}}",
  "<math><mtext></table><img src=x onerror=alert(1)>",
];

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
      const props = Object.fromEntries(PROPS.map(prop => [prop, attack]));
      const inner = {
        status: { text: attack, icon: attack, favicon: attack },
        confirm: { label: attack, action: { type: attack } },
        options: [{ value: attack, label: attack, description: attack }],
        editable: { name: attack, placeholder: attack, pattern: attack, autoComplete: attack },
        xAxis: { dataKey: attack, labels: { [attack]: attack } },
        series: [{ type: "bar", dataKey: attack, label: attack, color: attack, stack: attack }],
        data: [{ [attack]: attack }],
        border: { size: 1, color: attack, style: attack },
        padding: { x: attack, top: attack },
      };
      const leaf = { type: "Text", value: attack };
      for (const more of [{}, inner]) {
        const { element, warnings, leave } = await show({
          ...props,
          ...more,
          type,
          children: [leaf],
        } as WidgetNode);
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
