/** What is beside the drawing of a chart: its legend, the values that are pointed at, a table for who cannot see it. */
import { html, nothing, type TemplateResult } from "lit";
import { styled } from "../styled";
import type { Frame } from "./frame";
import type { Chart } from "./model";

type Format = (value: number) => string;

function swatch(colour: string): TemplateResult {
  return html`<span class="w-swatch" ${styled({ "background-color": colour })}></span>`;
}

function shown(value: number | null | undefined, format: Format): string {
  return value == null ? "–" : format(value);
}

export function legend(chart: Chart): TemplateResult {
  return html`<ul class="w-legend" aria-hidden="true">
    ${chart.series.map(({ label, colour }) => html`<li>${swatch(colour)}${label}</li>`)}
  </ul>`;
}

/** The values of a category, on the side of it where there is room. */
export function tip(chart: Chart, frame: Frame, category: number, format: Format): unknown {
  const at = frame.middles[category];
  if (at === undefined) return nothing;
  const isAtEnd = at > frame.width / 2;
  const place = {
    left: isAtEnd ? null : `${at + 10}px`,
    right: isAtEnd ? `${frame.width - at + 10}px` : null,
  };
  return html`<div class="w-tip" ${styled(place)}>
    <p class="w-tip-title">${chart.categories[category]}</p>
    ${chart.series.map(
      ({ label, colour, values }) => html`<p class="w-tip-row">
        ${swatch(colour)}<span>${label}</span
        ><span class="w-tip-value">${shown(values[category], format)}</span>
      </p>`,
    )}
  </div>`;
}

export function table(chart: Chart, label: string, format: Format): TemplateResult {
  const head = html`<tr>
    <th scope="col">${chart.heading}</th>
    ${chart.series.map(series => html`<th scope="col">${series.label}</th>`)}
  </tr>`;
  const row = (category: string, index: number): TemplateResult => html`<tr>
    <th scope="row">${category}</th>
    ${chart.series.map(({ values }) => html`<td>${shown(values[index], format)}</td>`)}
  </tr>`;
  return html`<div class="w-unseen"><table>
    <caption>${label}</caption>
    <thead>${head}</thead>
    <tbody>${chart.categories.map(row)}</tbody>
  </table></div>`;
}
