/** What a chart shows, read from its props: categories, and a few series of numbers or gaps. */
import type { Scheme } from "../../theme/palette";
import { seriesColour } from "../colours";
import { count, flag, oneOf, type Props, record, records, string } from "../props";
import { CURVES, type CurveName } from "./curves";

const MOST_ROWS = 2000;
const MOST_SERIES = 24;

export type Kind = "bar" | "area" | "line";

export interface Series {
  kind: Kind;
  label: string;
  colour: string;
  curve: CurveName;
  /** Series of one kind with the same id are put on one another. */
  stack: string | null;
  /** For each category; null: there is none. */
  values: readonly (number | null)[];
}

export interface Chart {
  /** What the categories are called. */
  categories: readonly string[];
  /** The name of the field that they are from. */
  heading: string;
  series: readonly Series[];
  hasXAxis: boolean;
  hasYAxis: boolean;
  hasLegend: boolean;
  hasTooltip: boolean;
  /** In px. */
  barGap: number | null;
  barCategoryGap: number | null;
}

export function readChart(props: Props, scheme: Scheme): Chart {
  const rows = records(props.data, MOST_ROWS);
  const axis = record(props.xAxis);
  const key = (axis === null ? string(props, "xAxis") : string(axis, "dataKey")) ?? "";
  const labels = record(axis?.labels) ?? {};
  const series = records(props.series, MOST_SERIES)
    .filter(one => typeof one.dataKey === "string")
    .map((one, index) => readSeries(one, index, rows, scheme));
  return {
    categories: rows.map(row => named(own(row, key), labels)),
    heading: key,
    series,
    hasXAxis: axis === null || !flag(axis, "hide"),
    hasYAxis: flag(props, "showYAxis"),
    hasLegend: flag(props, "showLegend") || (props.showLegend !== false && series.length > 1),
    hasTooltip: props.showTooltip !== false,
    barGap: count(props, "barGap", 0, 100),
    barCategoryGap: count(props, "barCategoryGap", 0, 200),
  };
}

function readSeries(props: Props, index: number, rows: readonly Props[], scheme: Scheme): Series {
  const key = string(props, "dataKey") ?? "";
  return {
    kind: oneOf(props, "type", ["bar", "area", "line"]) ?? "bar",
    label: string(props, "label") ?? key,
    colour: seriesColour(props.color, index, scheme),
    curve: oneOf(props, "curveType", Object.keys(CURVES) as CurveName[]) ?? "monotone",
    stack: string(props, "stack"),
    values: rows.map(row => numeric(own(row, key))),
  };
}

function own(row: Props, key: string): unknown {
  return Object.hasOwn(row, key) ? row[key] : undefined;
}

const MOST = 1e100;

/** What is beyond all measure is none: sums of it would be infinite. */
function numeric(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !(Math.abs(number) <= MOST)) return null;
  return Math.abs(number) < 1 / MOST ? 0 : number;
}

function named(value: unknown, labels: Props): string {
  const name = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const label = own(labels, name);
  return typeof label === "string" ? label : name;
}

/** From where to where a value reaches. */
export type Span = readonly [from: number, to: number] | null;

/** The spans of each series: those of a stack begin where the one before ended, sums above and below zero apart. */
export function spansOf(series: readonly Series[]): Span[][] {
  const sums = new Map<string, { above: number[]; below: number[] }>();
  return series.map(one => {
    if (one.stack === null || one.kind === "line")
      return one.values.map(value => (value === null ? null : [0, value]));
    const key = `${one.kind} ${one.stack}`;
    const sum = sums.get(key) ?? { above: [], below: [] };
    sums.set(key, sum);
    return one.values.map((value, index) => {
      if (value === null) return null;
      const side = value < 0 ? sum.below : sum.above;
      const from = side[index] ?? 0;
      side[index] = from + value;
      return [from, from + value];
    });
  });
}

/** The least and the greatest number, and zero. */
export function domainOf(spans: readonly Span[][]): [least: number, most: number] {
  let [least, most] = [0, 0];
  for (const span of spans.flat()) {
    least = Math.min(least, span?.[0] ?? 0, span?.[1] ?? 0);
    most = Math.max(most, span?.[0] ?? 0, span?.[1] ?? 0);
  }
  return least === most ? [0, 1] : [least, most];
}
