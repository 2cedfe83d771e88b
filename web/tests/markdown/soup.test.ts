import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Page } from "./drawn";
import { lines, soup } from "./soup";

/** What is left of a text when all that may be syntax is gone. */
const words = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];

/** All that is there to read: text, and what stands in attributes. */
async function readable(text: string, streaming: boolean): Promise<string> {
  const page = new Page();
  page.show(text, { streaming });
  const element = await page.settled();
  const attributes = [...element.querySelectorAll("a, img, chatkit-code")].flatMap(inner => [
    inner.getAttribute("href"),
    inner.getAttribute("src"),
    inner.getAttribute("alt"),
    inner.getAttribute("title"),
    "language" in inner ? String(inner.language) : "",
  ]);
  page.remove();
  return `${element.textContent} ${attributes.join(" ")}`;
}

describe("any text", () => {
  it.each([
    ["markdown", lines],
    ["anything", soup],
  ])("that is %s is drawn without an error", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.boolean(), (text, streaming) => {
        const page = new Page();
        page.show(text, { streaming });
        page.remove();
      }),
      { numRuns: 800 },
    );
  });

  it("is all there when it is complete", async () => {
    await fc.assert(
      fc.asyncProperty(lines, async text => {
        const shown = await readable(text, false);
        const expected = words(
          text
            .replace(/^\s*\[r\]:.*$|\[r\]|&amp;|<\/?\w+>/gm, " ")
            .replace(/^(?:[ >]*(?:[-*]|\d\.)? ?)*/gm, ""),
        );
        for (const word of expected) expect(shown, JSON.stringify(text)).toContain(word);
      }),
      { numRuns: 400 },
    );
  });
});

describe("hostile text", () => {
  const LENGTH = 8_000;
  it.each([
    "*a ",
    "**a ",
    "_a ",
    "~~a ",
    "[",
    "[a](",
    "![a](",
    "`",
    "` ",
    "<b>",
    "<a ",
    "$a ",
    "$$ a",
    "\\( ",
    ">",
    "> ",
    "- ",
    "  - a\n",
    "&a",
    "http://a.b ",
    "a@b.c ",
    "*a_b**c`d[e](f ",
    "a* ",
    "[a] ",
    "<div>\n",
    "<!-- ",
    "|*a|b|\n",
    "# a\n",
    "a\n\n",
    "| a | b |\n|---|---|\n",
    "```\n",
    "1. a\n",
    "<details>\n\n",
    "\u0000",
    "\ud800",
    "🙂",
  ])("of many %j is drawn in good time", part => {
    const page = new Page();
    const text = part.repeat(LENGTH / part.length);
    const start = performance.now();
    page.show(text, { streaming: true });
    page.show(`${text}a`, { streaming: true });
    page.show(text);
    expect(performance.now() - start).toBeLessThan(5_000);
    page.remove();
  });

  it("nested very deeply is drawn", () => {
    const page = new Page();
    page.show(Array.from({ length: 200 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n"));
    page.show(`${"<b>".repeat(500)}x`);
    page.show(`${"[".repeat(500)}x${"](y)".repeat(500)}`);
    expect(page.element.textContent).toContain("x");
    page.remove();
  });
});
