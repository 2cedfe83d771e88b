/** The paths of a chart's series. */
import { area, line } from "d3-shape";
import { CURVES } from "./curves";
import type { Frame } from "./frame";
import type { Series, Span } from "./model";

type Point = readonly [index: number, span: Span];

function points(frame: Frame, series: number): Point[] {
  return (frame.spans[series] ?? []).map((span, index) => [index, span]);
}

export function linePath(frame: Frame, series: number, { curve }: Series): string {
  const path = line<Point>()
    .defined(([, span]) => span !== null)
    .x(([index]) => frame.middles[index] ?? 0)
    .y(([, span]) => frame.y(span?.[1] ?? 0))
    .curve(CURVES[curve]);
  return path(points(frame, series)) ?? "";
}

export function areaPath(frame: Frame, series: number, { curve }: Series): string {
  const path = area<Point>()
    .defined(([, span]) => span !== null)
    .x(([index]) => frame.middles[index] ?? 0)
    .y0(([, span]) => frame.y(span?.[0] ?? 0))
    .y1(([, span]) => frame.y(span?.[1] ?? 0))
    .curve(CURVES[curve]);
  return path(points(frame, series)) ?? "";
}

const ROUND = 4;

/** A bar, round at its end if nothing is put on it. */
export function barPath(left: number, width: number, from: number, to: number, isEnd: boolean): string {
  const right = left + width;
  const radius = isEnd ? Math.min(ROUND, width / 2, Math.abs(to - from)) : 0;
  const turn = to < from ? radius : -radius; // towards the beginning of the bar
  return `M${left},${from}V${to + turn}Q${left},${to} ${left + radius},${to}H${right - radius}Q${right},${to} ${right},${to + turn}V${from}Z`;
}

/** Whether no other bar of its stack goes on where this one ends. */
export function isEndOfStack(
  frame: Frame,
  series: readonly Series[],
  index: number,
  category: number,
): boolean {
  const own = series[index];
  const end = frame.spans[index]?.[category]?.[1];
  if (own === undefined || end === undefined || own.stack === null) return true;
  return !series.some((other, at) => {
    const span = frame.spans[at]?.[category];
    return at > index && other.kind === "bar" && other.stack === own.stack && span != null && span[0] === end;
  });
}

/** Points that no line leads to or from. */
export function lonely(spans: readonly Span[]): number[] {
  return spans.flatMap((span, index) => {
    const isAlone = span !== null && spans[index - 1] == null && spans[index + 1] == null;
    return isAlone ? [index] : [];
  });
}
