import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { CURVES } from "../../src/widgets/chart/curves";
import { frameOf } from "../../src/widgets/chart/frame";
import { domainOf, readChart, spansOf } from "../../src/widgets/chart/model";
import { areaPath, barPath, isEndOfStack, linePath, lonely } from "../../src/widgets/chart/shapes";
import { card, settled, show } from "./page";

const DATA = [
  { month: "Jan", a: 1, b: 2, c: -1 },
  { month: "Feb", a: 3, b: null, c: -2 },
  { month: "Mar", a: "4", b: 5, c: 6 },
];

const bars = (more: object = {}) => ({
  type: "Chart",
  data: DATA,
  xAxis: "month",
  series: [
    { type: "bar", dataKey: "a", label: "A", stack: "s" },
    { type: "bar", dataKey: "b", stack: "s" },
    { type: "line", dataKey: "c", label: "C", color: "green" },
  ],
  ...more,
});

async function drawn(chart: object) {
  const shown = await show(card(chart as never));
  await vi.waitFor(() => expect(shown.element.querySelector("svg.w-svg")).not.toBeNull());
  return shown;
}

describe("what a chart shows", () => {
  test("is read from its props", () => {
    const chart = readChart(bars(), "light");
    expect(chart.categories).toEqual(["Jan", "Feb", "Mar"]);
    expect(chart.series.map(({ label, values }) => [label, values])).toEqual([
      ["A", [1, 3, 4]],
      ["b", [2, null, 5]],
      ["C", [-1, -2, 6]],
    ]);
    expect(chart).toMatchObject({ hasXAxis: true, hasYAxis: false, hasLegend: true, hasTooltip: true });
  });

  test("the axis may have labels of its own, or none at all", () => {
    const xAxis = { dataKey: "month", hide: true, labels: { Jan: "January", Feb: 3 } };
    const chart = readChart(bars({ xAxis, showYAxis: true, showLegend: false, showTooltip: false }), "light");
    expect(chart.categories).toEqual(["January", "Feb", "Mar"]);
    expect(chart).toMatchObject({ hasXAxis: false, hasYAxis: true, hasLegend: false, hasTooltip: false });
  });

  test("one series alone needs no legend, unless it is wanted", () => {
    const series = [{ type: "line", dataKey: "a" }];
    expect(readChart(bars({ series }), "light").hasLegend).toBe(false);
    expect(readChart(bars({ series, showLegend: true }), "light").hasLegend).toBe(true);
  });

  test("a stack goes on where the one before ended, above and below zero", () => {
    const { series } = readChart(
      {
        data: [{ a: 1, b: -2, c: 3, d: -4 }],
        series: ["a", "b", "c", "d"].map(dataKey => ({ type: "bar", dataKey, stack: "s" })),
      },
      "light",
    );
    expect(spansOf(series)).toEqual([[[0, 1]], [[0, -2]], [[1, 4]], [[-2, -6]]]);
    expect(domainOf(spansOf(series))).toEqual([-6, 4]);
  });

  test("nothing at all has a domain, too", () => {
    expect(domainOf([])).toEqual([0, 1]);
    expect(domainOf([[null], [[0, 0]]])).toEqual([0, 1]);
  });
});

describe("where everything is", () => {
  const frame = (chart: object, isRtl = false, width = 300) =>
    frameOf(readChart(chart as never, "light"), width, 200, isRtl, String);

  test("bars of a category are beside each other, a stack in one place", () => {
    const at = frame(
      bars({
        barGap: 4,
        barCategoryGap: 20,
        series: [
          { type: "bar", dataKey: "a", stack: "s" },
          { type: "bar", dataKey: "b", stack: "s" },
          { type: "bar", dataKey: "c" },
        ],
      }),
    );
    const [a, b, c] = [at.bar(0, 0), at.bar(1, 0), at.bar(2, 0)];
    expect(a).toEqual(b);
    expect(c?.left).toBeCloseTo((a?.left ?? 0) + (a?.width ?? 0) + 4);
    expect((a?.width ?? 0) * 2 + 4).toBeCloseTo(at.step - 20);
  });

  test("everything is mirrored where the line runs the other way", () => {
    const [ltr, rtl] = [frame(bars({ showYAxis: true })), frame(bars({ showYAxis: true }), true)];
    expect(rtl.middles).toEqual(ltr.middles.map(middle => 300 - middle));
    expect(rtl.left).toBe(0);
  });

  test("labels are left out where there is no room for all", () => {
    const data = Array.from({ length: 60 }, (_, index) => ({ month: `label ${index}`, a: index }));
    const ticks = frame(bars({ data })).xTicks;
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(8);
  });

  test("only the end of a stack is round", () => {
    const chart = readChart(bars(), "light");
    const at = frameOf(chart, 300, 200, false, String);
    expect(isEndOfStack(at, chart.series, 0, 0)).toBe(false);
    expect(isEndOfStack(at, chart.series, 1, 0)).toBe(true);
    expect(isEndOfStack(at, chart.series, 0, 1)).toBe(true);
    expect(barPath(0, 10, 100, 50, false)).toContain("Q0,50 0,50");
    expect(barPath(0, 10, 100, 50, true)).toContain("Q0,50 4,50");
  });

  test("lines have gaps, and points that stand alone are seen", () => {
    expect(lonely([[0, 1], null, [0, 2], [0, 3], null, [0, 4]])).toEqual([0, 5]);
    const chart = readChart(bars({ series: [{ type: "line", dataKey: "b", curveType: "linear" }] }), "light");
    const at = frameOf(chart, 300, 200, false, String);
    expect(linePath(at, 0, chart.series[0] as never).match(/M/g)).toHaveLength(2);
  });

  test.each(Object.keys(CURVES))("the curve %s is a path of numbers", curveType => {
    const series = [
      { type: "area", dataKey: "a", curveType },
      { type: "line", dataKey: "c", curveType },
    ];
    const chart = readChart(bars({ series }), "light");
    const at = frameOf(chart, 300, 200, false, String);
    expect(areaPath(at, 0, chart.series[0] as never)).not.toMatch(/NaN|Infinity/);
    expect(linePath(at, 1, chart.series[1] as never)).toMatch(/^M[^NaI]*$/);
  });

  test("whatever comes, all is a number", () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constant(null));
    const data = fc.array(fc.dictionary(fc.constantFrom("x", "a", "b"), value), { maxLength: 20 });
    const series = fc.array(
      fc.record({
        type: fc.constantFrom("bar", "area", "line"),
        dataKey: fc.constantFrom("a", "b", "x", "__proto__"),
        stack: fc.constantFrom("s", null),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(data, series, fc.boolean(), fc.integer({ min: 1, max: 900 }), (rows, all, isRtl, width) => {
        const chart = readChart({ data: rows, series: all, xAxis: "x", showYAxis: true }, "light");
        const at = frameOf(chart, width, 150, isRtl, String);
        expect(at.middles.every(Number.isFinite)).toBe(true);
        chart.series.forEach((one, index) => {
          const path = one.kind === "area" ? areaPath(at, index, one) : linePath(at, index, one);
          expect(path).not.toContain("NaN");
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a chart on the page", () => {
  test("is a picture with a name, and a table for who cannot see it", async () => {
    const { find, all } = await drawn(bars());
    expect(find("[role=img]").getAttribute("aria-label")).toBe("Chart of A, b, C");
    expect(find("svg.w-svg").getAttribute("aria-hidden")).toBe("true");
    expect(all("tbody tr").map(row => [...row.children].map(cell => cell.textContent).join(" "))).toEqual([
      "Jan 1 2 -1",
      "Feb 3 – -2",
      "Mar 4 5 6",
    ]);
    expect(all(".w-bar")).toHaveLength(5);
    expect(all(".w-line")).toHaveLength(1);
    expect(all(".w-legend li").map(one => one.textContent?.trim())).toEqual(["A", "b", "C"]);
  });

  test("tells the values of a category that is pointed at, by keyboard, too", async () => {
    const { find, all } = await drawn(bars());
    const key = async (name: string) => {
      find(".w-plot").dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
      await settled();
      return all(".w-tip-title")[0]?.textContent;
    };
    expect(await key("ArrowRight")).toBe("Jan");
    expect(await key("End")).toBe("Mar");
    expect(await key("ArrowLeft")).toBe("Feb");
    expect(find(".w-tip").textContent?.replaceAll(/\s+/g, "")).toBe("FebA3b–C-2");
    expect(await key("Escape")).toBeUndefined();
  });

  test("follows its data", async () => {
    const { all, update } = await drawn(bars());
    await update(card(bars({ data: DATA.slice(0, 1) }) as never));
    await vi.waitFor(() => expect(all("tbody tr")).toHaveLength(1));
  });

  test("its place has the size that is asked for", async () => {
    const { find } = await drawn(bars({ height: 120, width: "80%" }));
    expect(find(".w-chart").style.getPropertyValue("height")).toBe("120px");
    expect(find(".w-chart").style.getPropertyValue("width")).toBe("80%");
  });
});
