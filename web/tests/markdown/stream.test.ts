import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "./documents";
import { drawn, htmlOf, Page } from "./drawn";
import { lines, soup } from "./soup";

/** What a reader sees, without code and formulas, where such characters belong. */
function visible(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const source of copy.querySelectorAll("code, pre, chatkit-code, chatkit-formula")) source.remove();
  return copy.textContent ?? "";
}

const RAW = /\*\*|__|~~|`|\]\(|!\[|\|[ :]*-|\$\$|\\[([]|<\/?[a-z]|&am?p?$|^#|\[[ x]\]/m;

function* cuts(text: string): Generator<string> {
  for (let end = 0; end <= text.length; end += 1) yield text.slice(0, end);
}

describe.each(Object.entries(documents))("%s, cut anywhere", (_, text) => {
  it("shows no syntax", () => {
    const page = new Page();
    for (const cut of cuts(text)) {
      const shown = visible(page.show(cut, { streaming: true }));
      expect(
        RAW.exec(shown)?.[0],
        `after ${JSON.stringify(cut.slice(-60))} in ${JSON.stringify(shown.slice(-60))}`,
      ).toBeUndefined();
    }
    page.remove();
  });

  it("looks the same whether it grew or not", () => {
    const growing = new Page();
    for (const cut of cuts(text)) {
      const grown = htmlOf(growing.show(cut, { streaming: true }));
      expect(grown, JSON.stringify(cut.slice(-60))).toBe(drawn(cut, { streaming: true }));
    }
    expect(htmlOf(growing.show(text))).toBe(drawn(text));
    growing.remove();
  });

  it("never loses what was shown, but for a few characters", () => {
    const page = new Page();
    let longest = 0;
    for (const cut of cuts(text)) {
      const { length } = visible(page.show(cut, { streaming: true })).replace(/\s+/g, "");
      expect(length, JSON.stringify(cut.slice(-60))).toBeGreaterThan(longest - 8);
      longest = Math.max(longest, length);
    }
    page.remove();
  });
});

describe("any text", () => {
  it.each([
    ["markdown", lines],
    ["anything", soup],
  ])("that is %s ends as if it had come at once", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.array(fc.nat(200), { maxLength: 8 }), (text, ends) => {
        const page = new Page();
        for (const end of ends.sort((a, b) => a - b)) page.show(text.slice(0, end), { streaming: true });
        expect(htmlOf(page.show(text))).toBe(drawn(text));
        page.remove();
      }),
      { numRuns: 300 },
    );
  });

  it("may also be replaced by another", () => {
    const page = new Page();
    page.show("# One\n\ntext", { streaming: true });
    expect(htmlOf(page.show("other *text*"))).toBe(drawn("other *text*"));
    page.remove();
  });
});
