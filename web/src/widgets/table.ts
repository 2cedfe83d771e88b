/** Tables. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { WidgetNode } from "../protocol/types";
import { size, spacing } from "./lengths";
import { count, flag, oneOf } from "./props";
import type { Scope } from "./scope";
import { styled } from "./styled";
import { childrenOf, keysOf } from "./tree";

export function drawTable(node: WidgetNode, scope: Scope): TemplateResult {
  const rows = childrenOf(node).filter(child => child.type === "Table.Row");
  const keys = keysOf(rows);
  const firstOfBody = rows.findIndex(row => !flag(row, "header"));
  const head = firstOfBody < 0 ? rows.length : firstOfBody;
  const drawn = (from: number, to: number): unknown =>
    repeat(
      rows.slice(from, to),
      (_, index) => keys[from + index],
      (row, index) => drawRow(row, scope.at(keys[from + index] ?? "")),
    );
  return html`<div class="w-table-frame" role="region" tabindex="0" aria-label=${scope.strings.tableLabel}>
    <table class="w-table">
      ${head === 0 ? nothing : html`<thead>${drawn(0, head)}</thead>`}
      <tbody>${drawn(head, rows.length)}</tbody>
    </table>
  </div>`;
}

function drawRow(row: WidgetNode, scope: Scope): TemplateResult {
  const cells = childrenOf(row).filter(child => child.type === "Table.Cell");
  const keys = keysOf(cells);
  return html`<tr>${repeat(
    cells,
    (_, index) => keys[index],
    (cell, index) => drawCell(cell, flag(row, "header"), scope.at(keys[index] ?? "")),
  )}</tr>`;
}

const ALIGN = ["start", "center", "end"] as const;
const SIZES: Readonly<Record<string, string>> = {
  xs: "3rem",
  sm: "5rem",
  md: "8rem",
  lg: "12rem",
  xl: "18rem",
};

function drawCell(cell: WidgetNode, isHeader: boolean, scope: Scope): TemplateResult {
  const width = size(cell.width);
  const colSize = oneOf(cell, "colSize", ["xs", "sm", "md", "lg", "xl"]);
  const styles = {
    width,
    "min-width": width ?? (colSize && (SIZES[colSize] ?? null)),
    ...(cell.padding === undefined ? {} : spacing("padding", cell.padding)),
  };
  const colspan = count(cell, "colSpan", 1, 100) ?? nothing;
  const rowspan = count(cell, "rowSpan", 1, 1000) ?? nothing;
  const align = oneOf(cell, "align", ALIGN) ?? nothing;
  const vertical = oneOf(cell, "vAlign", ALIGN) ?? nothing;
  if (isHeader) {
    return html`<th
      scope="col"
      colspan=${colspan}
      rowspan=${rowspan}
      data-align=${align}
      data-valign=${vertical}
      ${styled(styles)}
    >${scope.children(cell)}</th>`;
  }
  return html`<td colspan=${colspan} rowspan=${rowspan} data-align=${align} data-valign=${vertical} ${styled(styles)}>
    ${scope.children(cell)}
  </td>`;
}
