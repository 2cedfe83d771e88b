/** Strings of an attacker in every prop of every widget. */
import type { WidgetNode } from "../../src/protocol/types";

export const TYPES = [
  "Badge", "Basic", "Box", "Button", "Caption", "Card", "Chart", "Checkbox", "Col", "DatePicker", "Divider", "Form",
  "Icon", "Image", "Input", "Label", "ListView", "ListViewItem", "Markdown", "RadioGroup", "Row", "Select", "Spacer",
  "Table", "Table.Cell", "Table.Row", "Text", "Textarea", "Title", "Transition", "Unknown", "constructor", "__proto__",
]; // biome-ignore format: a list

export const PROPS = [
  "id", "key", "value", "label", "name", "fieldName", "src", "alt", "placeholder", "pattern", "defaultValue", "color",
  "background", "width", "height", "size", "minHeight", "maxWidth", "padding", "margin", "gap", "border", "radius",
  "flex", "aspectRatio", "align", "justify", "wrap", "direction", "theme", "status", "confirm", "cancel", "asForm",
  "collapsed", "onClickAction", "onChangeAction", "onSubmitAction", "options", "limit", "variant", "iconStart",
  "iconEnd", "iconSize", "style", "submit", "disabled", "required", "inputType", "editable", "streaming", "truncate",
  "maxLines", "minLines", "data", "series", "xAxis", "min", "max", "side", "rows", "maxRows", "ariaLabel", "href",
  "onclick", "onerror", "innerHTML", "srcdoc", "textAlign", "weight", "fit", "position", "frame", "flush", "spacing",
  "colSpan", "rowSpan", "colSize", "searchable", "clearable",
]; // biome-ignore format: a list

export const ATTACKS = [
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

/** Each type with one attack in all of its props: flat, and where a prop is an object inside of that. */
export function attackers(type: string, attack: string): WidgetNode[] {
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
  const children = [{ type: "Text", value: attack }];
  return [{}, inner].map(more => ({ ...props, ...more, type, children }));
}
