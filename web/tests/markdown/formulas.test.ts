import { describe, expect, it } from "vitest";
import type { FormulaElement } from "../../src/markdown/formula";
import { Page } from "./drawn";

function formulas(text: string, streaming = false): string[] {
  const page = new Page();
  page.show(text, { streaming });
  const found = [...page.element.querySelectorAll<FormulaElement>("chatkit-formula")].map(
    ({ tex, isBlock }) => `${isBlock ? "block" : "line"} ${tex}`,
  );
  page.remove();
  return found;
}

describe("a formula", () => {
  it.each([
    ["$x$", ["line x"]],
    ["a $x^2$, b", ["line x^2"]],
    ["$a_b$ and $c_d$", ["line a_b", "line c_d"]],
    ["$a*b$ and $c*d$", ["line a*b", "line c*d"]],
    ["$5$", ["line 5"]],
    ["$2x + 3 = 7$", ["line 2x + 3 = 7"]],
    ["the $n$th and $k$-th", ["line n", "line k"]],
    ["$\\text{cost} = \\$5$", ["line \\text{cost} = \\$5"]],
    ["($x$)", ["line x"]],
    ["$x$.", ["line x"]],
    ["\\(x\\) and \\(y\\)", ["line x", "line y"]],
    ["*a $x*y$ b*", ["line x*y"]],
    ["**$x$**", ["line x"]],
    ["| $x$ |\n|---|", ["line x"]],
    ["- $x$", ["line x"]],
    ["a $$x$$ b", ["block x"]],
    ["$$x$$", ["block x"]],
    ["$$\nx\n= y\n$$", ["block x\n= y"]],
    ["text\n$$\nx\n$$\ntext", ["block x"]],
    ["\\[\nx\n\\]", ["block x"]],
    ["\\[ x \\]", ["block x"]],
    ["$$\n- x\n+ y\n$$", ["block - x\n+ y"]],
    ["- a\n  $$\n  x\n  $$", ["block x"]],
    ["- a\n$$\nx\n$$\n- b", ["block x"]],
    ["> $$\n> x\n> $$", ["block x"]],
    [
      "$\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$",
      ["line \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}"],
    ],
  ])("is in %j", (text, expected) => expect(formulas(text)).toEqual(expected));

  it.each([
    "$5 and $10",
    "from $5 to $10.",
    "$5-$10",
    "$5/month and $10/month",
    "US$5 and AU$10",
    "costs 5$ or 10$",
    "$1,000.50 or $2,000",
    "between $5 or 10$",
    "$5k–$10k",
    "$AAPL and $MSFT",
    "$HOME/bin:$PATH",
    "a $ b $ c",
    "$",
    "$$",
    "$$$",
    "\\$x\\$",
    "`$x$`",
    "```\n$x$\n```",
    "    $x$",
    "$x\n\ny$",
    "$`x`$",
    "\\(x",
    "\\(\\)",
    "$$\n\n$$",
  ])("is not in %j", text => expect(formulas(text)).toEqual([]));

  it("waits for its end while it is written, so that no source is seen", () => {
    expect(formulas("a $x^", true)).toEqual([]);
    expect(formulas("a \\(x^", true)).toEqual([]);
    expect(formulas("$$\nx^", true)).toEqual(["block x^"]);
    expect(formulas("\\[\nx\n\\", true)).toEqual(["block x"]);
  });

  it("is MathML, by elements", async () => {
    const page = new Page();
    page.show("$\\frac{a}{b}$");
    await page.settled();
    expect(page.element.querySelector("math mfrac")?.children).toHaveLength(2);
    page.remove();
  });

  it.each(["$\\frac{a}$", "$\\nothing{x}$", "$\\href{https://a.b}{x}$", `$${"x".repeat(6000)}$`])(
    "that is none, or too much, is its source: %j",
    async text => {
      const page = new Page();
      page.show(text);
      await page.settled();
      expect(page.element.querySelector("math")).toBeNull();
      expect(page.element.textContent).toContain(text.slice(1, 8));
      page.remove();
    },
  );

  it("does not go on for ever", async () => {
    const page = new Page();
    page.show("$\\def\\a{\\a\\a}\\a$ $\\def\\b#1{\\b{#1#1}}\\b{x}$");
    await page.settled();
    expect(page.element.querySelectorAll("code.tex")).toHaveLength(2);
    page.remove();
  });
});
