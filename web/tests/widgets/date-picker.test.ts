import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  addMonths,
  dayFormat,
  dayOf,
  firstDayOf,
  localeOf,
  today,
  utc,
  weeksOf,
} from "../../src/widgets/controls/calendar";
import { card, press, settled, show } from "./page";

const picker = (more: object = {}) => ({
  type: "DatePicker",
  name: "due",
  defaultValue: "2026-03-14",
  ...more,
});

async function opened(more: object = {}) {
  const shown = await show(card(picker(more)));
  shown.find(".w-trigger").click();
  await settled();
  const at = () => shown.all(".w-day[tabindex='0']")[0]?.dataset.day;
  const go = async (key: string, init: KeyboardEventInit = {}) => {
    press(shown.find(".w-day[tabindex='0']"), key, init);
    await settled();
    return at();
  };
  return { ...shown, at, go };
}

describe("a date picker", () => {
  test("shows its date as the locale has it", async () => {
    const { find } = await show(card(picker()));
    expect(find(".w-trigger").textContent).toContain("14 Mar 2026");
    expect(find(".w-trigger").getAttribute("aria-label")).toBe("due: 14 Mar 2026");
  });

  test.each(["2026-03-14T23:30:00Z", "2026-03-14T00:00:00+09:00", "2026-03-14 10:00", "2026-03-14"])(
    "%s is that day, wherever one is",
    async defaultValue => {
      const { find } = await show(card(picker({ defaultValue })));
      expect(find(".w-trigger").textContent).toContain("14 Mar 2026");
    },
  );

  test.each(["2026-02-30", "soon", "14.03.2026", 20260314, null, "2026-13-01"])(
    "%j is no date",
    async defaultValue => {
      const { find } = await show(card(picker({ defaultValue, placeholder: "When?" })));
      expect(find(".w-trigger").textContent).toContain("When?");
    },
  );

  test("opens a calendar that says what it is, at its date", async () => {
    const { find, at } = await opened();
    expect(find("[role=dialog]").getAttribute("aria-label")).toBe("Choose a date");
    expect(find("[role=grid]").getAttribute("aria-label")).toBe("March 2026");
    expect(at()).toBe("2026-03-14");
    expect(document.activeElement).toBe(find('[data-day="2026-03-14"]'));
    expect(find('[data-day="2026-03-14"]').getAttribute("aria-label")).toContain("14 March 2026");
    expect(find('[data-day="2026-03-14"]').getAttribute("aria-pressed")).toBe("true");
  });

  test("is walked through by keyboard", async () => {
    const { go } = await opened();
    expect(await go("ArrowRight")).toBe("2026-03-15");
    expect(await go("ArrowDown")).toBe("2026-03-22");
    expect(await go("ArrowLeft")).toBe("2026-03-21");
    expect(await go("ArrowUp")).toBe("2026-03-14");
    expect(await go("Home")).toBe("2026-03-09");
    expect(await go("End")).toBe("2026-03-15");
    expect(await go("PageDown")).toBe("2026-04-15");
    expect(await go("PageUp", { shiftKey: true })).toBe("2025-04-15");
  });

  test("a day is chosen, told, and shown", async () => {
    const { find, all, acted } = await opened({ onChangeAction: { type: "moved" } });
    find('[data-day="2026-03-20"]').click();
    await settled();
    expect(all(".w-calendar")).toHaveLength(0);
    expect(find(".w-trigger").textContent).toContain("20 Mar 2026");
    expect(acted[0]).toMatchObject({ type: "moved", payload: { due: "2026-03-20" } });
    expect(document.activeElement).toBe(find(".w-trigger"));
  });

  test("days before its first and after its last cannot be chosen", async () => {
    const { find, go, acted } = await opened({
      min: "2026-03-10T12:00:00Z",
      max: "2026-03-20",
      onChangeAction: { type: "moved" },
    });
    expect(find('[data-day="2026-03-09"]').getAttribute("aria-disabled")).toBe("true");
    expect(find('[data-day="2026-03-10"]').hasAttribute("aria-disabled")).toBe(false);
    find('[data-day="2026-03-21"]').click();
    await settled();
    expect(acted).toEqual([]);
    expect(await go("PageDown")).toBe("2026-03-20");
    expect(await go("PageUp")).toBe("2026-03-10");
    expect(find<HTMLButtonElement>('[aria-label="Next month"]').disabled).toBe(true);
  });

  test("months and years can be gone to", async () => {
    const { find, all, at } = await opened();
    find('[aria-label="Next month"]').click();
    await settled();
    expect(at()).toBe("2026-04-14");
    const [month, year] = all<HTMLSelectElement>("select");
    if (month === undefined || year === undefined) throw new Error("There are none");
    month.value = "02";
    month.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    year.value = "2030";
    year.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    expect(at()).toBe("2030-02-14");
  });

  test("Escape closes, and gives the focus back", async () => {
    const { find, all } = await opened();
    press(find(".w-day"), "Escape");
    await settled();
    expect(all(".w-calendar")).toHaveLength(0);
    expect(document.activeElement).toBe(find(".w-trigger"));
  });

  test("can be cleared where it says so", async () => {
    const { find, acted } = await show(card(picker({ clearable: true, onChangeAction: { type: "moved" } })));
    find(".w-clear").click();
    await settled();
    expect(acted[0]?.payload).toEqual({ due: "" });
    expect(find(".w-trigger").textContent).toContain("Choose a date");
  });

  test("a locale that is none is English", async () => {
    const { find } = await show(card(picker()), { context: { locale: "not a locale" } });
    expect(find(".w-trigger").textContent).toContain("Mar 14, 2026");
  });
});

describe("the calendar", () => {
  const days = fc
    .date({ min: new Date("1600-01-01"), max: new Date("2400-12-31"), noInvalidDate: true })
    .map(date => date.toISOString().slice(0, 10));

  test("weeks have all days of a month, once, in order", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 7 }), (day, first) => {
        const weeks = weeksOf(day, first);
        const all = weeks.flat();
        expect(all).toEqual(all.toSorted());
        expect(new Set(all).size).toBe(all.length);
        expect(weeks.every(week => week.length === 7)).toBe(true);
        expect(weeks.every(([begin]) => utc(begin ?? "").getUTCDay() === first % 7)).toBe(true);
        const inMonth = all.filter(one => one.slice(0, 7) === day.slice(0, 7));
        const last = addDays(addMonths(`${day.slice(0, 8)}01`, 1), -1);
        expect(inMonth).toHaveLength(Number(last.slice(8)));
      }),
    );
  });

  test("months and days are added as one counts them", () => {
    expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
    expect(addMonths("2026-03-31", -1)).toBe("2026-02-28");
    expect(addMonths("2026-12-15", 1)).toBe("2027-01-15");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    fc.assert(
      fc.property(days, fc.integer({ min: -500, max: 500 }), (day, count) => {
        expect(addDays(addDays(day, count), -count)).toBe(day);
        expect(dayOf(addMonths(day, count))).not.toBeNull();
      }),
    );
  });

  test("today is the day of where one is", () => {
    expect(today(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
  });

  test("days are of the Gregorian calendar in every locale", () => {
    expect(dayFormat("fa-IR-u-nu-latn", { year: "numeric" })("2026-03-14")).toContain("2026");
    expect(firstDayOf("de")).toBe(1);
    expect(localeOf("xx-invalid-zz!")).toBe("en");
  });
});
