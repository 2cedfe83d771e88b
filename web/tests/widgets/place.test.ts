import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { place } from "../../src/widgets/controls/place";

const viewport = { left: 0, top: 0, width: 400, height: 600 };
const anchor = { left: 100, top: 100, width: 200, height: 36 };
const panel = { width: 250, height: 200 };

describe("where a panel floats", () => {
  test("below its anchor, at its start", () => {
    expect(place(anchor, panel, viewport, { side: "bottom", align: "start", isRtl: false })).toMatchObject({
      left: 100,
      top: 140,
    });
  });

  test("at the other end where the line runs the other way", () => {
    expect(place(anchor, panel, viewport, { side: "bottom", align: "start", isRtl: true }).left).toBe(50);
    expect(place(anchor, panel, viewport, { side: "bottom", align: "center", isRtl: true }).left).toBe(75);
  });

  test("above, where there is more room", () => {
    const low = { ...anchor, top: 500 };
    expect(place(low, panel, viewport, { side: "bottom", align: "start", isRtl: false }).top).toBe(296);
  });

  test("below, where there is no room beside it", () => {
    expect(place(anchor, panel, viewport, { side: "left", align: "start", isRtl: false }).top).toBe(140);
  });

  test("always in the viewport, as far as it fits there", () => {
    const length = fc.integer({ min: 1, max: 900 });
    const box = fc.record({ left: length, top: length, width: length, height: length });
    const side = fc.constantFrom("top", "bottom", "left", "right");
    const align = fc.constantFrom("start", "center", "end");
    fc.assert(
      fc.property(
        box,
        fc.record({ width: length, height: length }),
        side,
        align,
        fc.boolean(),
        (at, own, on, by, isRtl) => {
          const { left, top, height } = place(at, own, viewport, {
            side: on as "top",
            align: by as "start",
            isRtl,
          });
          expect(Number.isFinite(left) && Number.isFinite(top) && Number.isFinite(height)).toBe(true);
          expect(left).toBeGreaterThanOrEqual(8);
          expect(top).toBeGreaterThanOrEqual(8);
          if (own.width <= 384) expect(left + own.width).toBeLessThanOrEqual(392);
        },
      ),
    );
  });
});
