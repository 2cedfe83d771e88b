/** Where everything of a chart is, in px. */
import { scaleLinear } from "d3-scale";
import { type Chart, domainOf, type Series, type Span, spansOf } from "./model";

export interface Tick {
  at: number;
  label: string;
  anchor: "start" | "middle" | "end";
}

export interface Bar {
  left: number;
  width: number;
}

export interface Frame {
  width: number;
  height: number;
  /** Of what is drawn in, without the axes. */
  left: number;
  right: number;
  bottom: number;
  top: number;
  /** The middle of each category. */
  middles: readonly number[];
  /** How much of the width a category has. */
  step: number;
  /** The bar of a series in a category; null: it has none. */
  bar(series: number, category: number): Bar | null;
  y(value: number): number;
  spans: readonly (readonly Span[])[];
  xTicks: readonly Tick[];
  yTicks: readonly Tick[];
}

const CHARACTER = 6.6;
const LINE = 20;
const WIDEST_BAR = 56;
const LABEL = 28;

export function frameOf(
  chart: Chart,
  width: number,
  height: number,
  isRtl: boolean,
  format: (value: number) => string,
): Frame {
  const spans = spansOf(chart.series);
  const bottom = height - (chart.hasXAxis ? LINE + 4 : 6);
  const top = 8;
  const scale = scaleLinear().domain(domainOf(spans)).nice(4).range([bottom, top]);
  const values = scale.ticks(Math.max(2, Math.min(6, Math.floor((bottom - top) / 44))));
  const yTicks = values.map(value => ({ at: scale(value), label: format(value), anchor: "end" as const }));
  const axis = chart.hasYAxis ? Math.max(0, ...yTicks.map(({ label }) => label.length)) * CHARACTER + 10 : 0;
  const [left, right] = isRtl ? [0, width - axis] : [axis, width];
  const across = acrossOf(chart, left, right, isRtl);
  return {
    width,
    height,
    left,
    right,
    top,
    bottom,
    ...across,
    y: value => scale(value),
    spans,
    xTicks: chart.hasXAxis ? xTicksOf(chart.categories, across, left, right) : [],
    yTicks,
  };
}

type Across = Pick<Frame, "middles" | "step" | "bar">;

function acrossOf(chart: Chart, left: number, right: number, isRtl: boolean): Across {
  const slots = slotsOf(chart.series);
  const many = chart.categories.length;
  const wide = Math.max(right - left, 1);
  const hasBars = slots.count > 0;
  const inset = hasBars || many < 2 ? 0 : 6;
  const step = hasBars || many < 2 ? wide / Math.max(many, 1) : (wide - 2 * inset) / (many - 1);
  const middles = chart.categories.map((_, index) => {
    const at = hasBars || many < 2 ? (index + 0.5) * step : inset + index * step;
    return isRtl ? right - at : left + at;
  });
  const gap = slots.count > 1 ? Math.min(chart.barGap ?? 3, step / 4) : 0;
  const group = Math.max(step - Math.min(chart.barCategoryGap ?? step * 0.28, step * 0.9), 1);
  const bar = Math.max(Math.min((group - gap * (slots.count - 1)) / slots.count, WIDEST_BAR), 1);
  const whole = bar * slots.count + gap * (slots.count - 1);
  return {
    middles,
    step,
    bar: (series, category) => {
      const slot = slots.of[series] ?? null;
      const middle = middles[category];
      if (slot === null || middle === undefined) return null;
      const offset = slot * (bar + gap);
      return { width: bar, left: isRtl ? middle + whole / 2 - offset - bar : middle - whole / 2 + offset };
    },
  };
}

/** Which place beside the others each series of bars has: a stack has one in all. */
function slotsOf(series: readonly Series[]): { count: number; of: (number | null)[] } {
  const stacks = new Map<string, number>();
  let count = 0;
  const of = series.map(({ kind, stack }) => {
    if (kind !== "bar") return null;
    if (stack === null) return count++;
    const slot = stacks.get(stack) ?? count++;
    stacks.set(stack, slot);
    return slot;
  });
  return { count, of };
}

/** As many labels as there is room for, evenly. */
function xTicksOf(
  categories: readonly string[],
  { middles, step }: Across,
  left: number,
  right: number,
): Tick[] {
  const widest = Math.max(0, ...categories.map(label => Math.min(label.length, LABEL))) * CHARACTER + 12;
  const every = Math.max(1, Math.ceil(widest / step));
  return categories.flatMap((label, index) => {
    const at = middles[index] ?? 0;
    if (index % every !== 0) return [];
    const half = (Math.min(label.length, LABEL) * CHARACTER) / 2;
    const anchor = at - half < left ? "start" : at + half > right ? "end" : "middle";
    return [
      { at: anchor === "middle" ? at : anchor === "start" ? left : right, label: shortened(label), anchor },
    ];
  });
}

function shortened(label: string): string {
  return label.length <= LABEL ? label : `${label.slice(0, LABEL - 1)}…`;
}
