/** A chart as SVG: what can be seen alone. */
import { nothing, svg, type TemplateResult } from "lit";
import { styled } from "../styled";
import type { Frame, Tick } from "./frame";
import type { Chart, Series } from "./model";
import { areaPath, barPath, isEndOfStack, linePath, lonely } from "./shapes";

type Drawn = TemplateResult<2>;

export function drawn(chart: Chart, frame: Frame, active: number, id: string): Drawn {
  const { width, height } = frame;
  const of = (kind: Series["kind"], draw: (series: Series, index: number) => unknown): unknown =>
    chart.series.map((series, index) => (series.kind === kind ? draw(series, index) : nothing));
  return svg`<svg class="w-svg" width=${width} height=${height} viewBox="0 0 ${width} ${height}" aria-hidden="true">
    ${frame.yTicks.map(tick => gridLine(tick, frame, chart.hasYAxis))}
    ${cursor(frame, active, chart)}
    <g class="w-bars" ${styled({ "--w-zero": `${frame.y(0)}px` })}>
      ${of("bar", (series, index) => bars(chart, series, index, frame, active))}
    </g>
    ${of("area", (series, index) => filled(series, index, frame, `${id}-${index}`))}
    ${of("line", (series, index) => line(series, index, frame))}
    ${active < 0 ? nothing : chart.series.map((series, index) => dot(series, index, frame, active))}
    ${frame.xTicks.map(
      tick =>
        svg`<text class="w-tick-label" x=${tick.at} y=${height - 4} text-anchor=${tick.anchor}>${tick.label}</text>`,
    )}
  </svg>`;
}

function gridLine({ at, label }: Tick, frame: Frame, hasLabel: boolean): Drawn {
  const isRtl = frame.left === 0 && frame.right < frame.width;
  return svg`<line class="w-grid" x1=${frame.left} x2=${frame.right} y1=${at} y2=${at} />
    ${
      hasLabel
        ? svg`<text
            class="w-tick-label"
            x=${isRtl ? frame.right + 8 : frame.left - 8}
            y=${at}
            dy="0.32em"
            text-anchor=${isRtl ? "start" : "end"}
          >${label}</text>`
        : nothing
    }`;
}

/** What the pointed category is on: a band behind bars, a line behind lines. */
function cursor(frame: Frame, active: number, chart: Chart): unknown {
  const at = frame.middles[active];
  if (at === undefined) return nothing;
  const height = frame.bottom - frame.top;
  if (chart.series.some(({ kind }) => kind === "bar")) {
    return svg`<rect class="w-band" x=${at - frame.step / 2} y=${frame.top} width=${frame.step} height=${height} rx="4" />`;
  }
  return svg`<line class="w-cursor" x1=${at} x2=${at} y1=${frame.top} y2=${frame.bottom} />`;
}

function bars(chart: Chart, series: Series, index: number, frame: Frame, active: number): unknown {
  return frame.spans[index]?.map((span, category) => {
    const bar = frame.bar(index, category);
    if (span === null || bar === null) return nothing;
    const isEnd = isEndOfStack(frame, chart.series, index, category);
    const path = barPath(bar.left, bar.width, frame.y(span[0]), frame.y(span[1]), isEnd);
    const isQuiet = active >= 0 && active !== category;
    return svg`<path class="w-bar" d=${path} fill=${series.colour} ?data-quiet=${isQuiet} />`;
  });
}

function filled(series: Series, index: number, frame: Frame, id: string): Drawn {
  return svg`
    <linearGradient id=${id} x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color=${series.colour} stop-opacity="0.32" />
      <stop offset="1" stop-color=${series.colour} stop-opacity="0.04" />
    </linearGradient>
    <path class="w-area" d=${areaPath(frame, index, series)} fill="url(#${id})" />
    ${line(series, index, frame)}`;
}

function line(series: Series, index: number, frame: Frame): Drawn {
  const alone = lonely(frame.spans[index] ?? []);
  return svg`<path
      class="w-line"
      d=${linePath(frame, index, series)}
      pathLength="1"
      stroke=${series.colour}
    />${alone.map(category => dot(series, index, frame, category))}`;
}

function dot(series: Series, index: number, frame: Frame, category: number): unknown {
  const span = frame.spans[index]?.[category];
  if (series.kind === "bar" || span == null) return nothing;
  return svg`<circle class="w-point" cx=${frame.middles[category]} cy=${frame.y(span[1])} r="3.5" fill=${series.colour} />`;
}
