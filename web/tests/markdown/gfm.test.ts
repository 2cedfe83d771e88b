import { describe, expect, it } from "vitest";
import { directionOf } from "../../src/markdown/direction";
import { drawn, htmlOf, Page } from "./drawn";

const LINK = 'target="_blank" rel="noopener noreferrer"';

describe.each([
  // --- text
  ["a", "<p>a</p>"],
  ["a\nb", "<p>a\nb</p>"],
  ["a  \nb", "<p>a<br>b</p>"],
  ["a\\\nb", "<p>a<br>b</p>"],
  ["a\n\nb", "<p>a</p><p>b</p>"],
  [
    "*a* _b_ **c** __d__ ***e***",
    "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <em><strong>e</strong></em></p>",
  ],
  ["a_b_c 2*3*4", "<p>a_b_c 2<em>3</em>4</p>"],
  ["~~a~~ ~b~", "<p><del>a</del> <del>b</del></p>"],
  ["`a` ``b`c``", "<p><code>a</code> <code>b`c</code></p>"],
  ["`<b>&amp;`", "<p><code>&lt;b&gt;&amp;amp;</code></p>"],
  ["\\*a\\* \\`b\\`", "<p>*a* `b`</p>"],
  ["&amp; &lt; &copy; &#35; &#x22; &nope; &#0;", '<p>&amp; &lt; © # " &amp;nope; \ufffd</p>'],
  ["a < b & c > d", "<p>a &lt; b &amp; c &gt; d</p>"],

  // --- headings and rules
  ["# a", "<h3>a</h3>"],
  ["## a ##", "<h4>a</h4>"],
  ["### a", "<h5>a</h5>"],
  ["#### a", "<h6>a</h6>"],
  ["###### a", "<h6>a</h6>"],
  ["####### a", "<p>####### a</p>"],
  ["#a", "<p>#a</p>"],
  ["a\n===", "<h3>a</h3>"],
  ["a\n---", "<h4>a</h4>"],
  ["---\n***\n___", "<hr><hr><hr>"],

  // --- lists
  ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
  ["* a\n+ b", "<ul><li>a</li></ul><ul><li>b</li></ul>"],
  ["1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"],
  ["3) a", '<ol start="3"><li>a</li></ol>'],
  ["- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
  ["- a\n  - b\n    - c", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"],
  ["1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"],
  [
    "1. a\n```\nx\n```\n2. b",
    '<ol><li>a</li></ol><chatkit-code></chatkit-code><ol start="2"><li>b</li></ol>',
  ],
  ["- a\n\n  b", "<ul><li><p>a</p><p>b</p></li></ul>"],

  // --- quotes
  ["> a\n> b", "<blockquote><p>a\nb</p></blockquote>"],
  ["> a\n\n> b", "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>"],
  ["> > a", "<blockquote><blockquote><p>a</p></blockquote></blockquote>"],
  ["> - a\n> - b", "<blockquote><ul><li>a</li><li>b</li></ul></blockquote>"],

  // --- links and images
  ["[a](https://b.c)", `<p><a ${LINK} href="https://b.c">a</a></p>`],
  ["[a](/b?c=d&amp;e#f 'g')", `<p><a ${LINK} href="/b?c=d&amp;e#f" title="g">a</a></p>`],
  ["[*a* `b`](https://b.c)", `<p><a ${LINK} href="https://b.c"><em>a</em> <code>b</code></a></p>`],
  ["[a](<b c>)", `<p><a ${LINK} href="b c">a</a></p>`],
  ["[a]()", `<p><a ${LINK} href="">a</a></p>`],
  ["<https://a.b>", `<p><a ${LINK} href="https://a.b">https://a.b</a></p>`],
  ["<a@b.c>", `<p><a ${LINK} href="mailto:a@b.c">a@b.c</a></p>`],
  ["see https://a.b/c_d_e.", `<p>see <a ${LINK} href="https://a.b/c_d_e">https://a.b/c_d_e</a>.</p>`],
  ["www.a.b", `<p><a ${LINK} href="http://www.a.b">www.a.b</a></p>`],
  [
    "[a][b] [b]\n\n[b]: https://c.d 'e'",
    `<p><a ${LINK} href="https://c.d" title="e">a</a> <a ${LINK} href="https://c.d" title="e">b</a></p>`,
  ],
  ["[a] [b][c]", "<p>[a] [b][c]</p>"],
  ["[constructor] [x][toString]", "<p>[constructor] [x][toString]</p>"],

  // --- tables
  [
    "| a | b |\n|:--|--:|\n| 1 | *2* |",
    '<div>\n<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>\n<tbody><tr><td>1</td><td><em>2</em></td></tr></tbody></table>\n</div>',
  ],
  [
    "a | b\n--|--",
    '<div>\n<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>\n</table>\n</div>',
  ],
  [
    "| a \\| b |\n|---|",
    '<div>\n<table><thead><tr><th scope="col">a | b</th></tr></thead>\n</table>\n</div>',
  ],
  ["| a | b |\n|---|", "<p>| a | b |\n|---|</p>"],

  // --- HTML
  ["H<sub>2</sub>O x<sup>2</sup>", "<p>H<sub>2</sub>O x<sup>2</sup></p>"],
  ["a<br>b<br/>c", "<p>a<br>b<br>c</p>"],
  ["<b>a *b*</b> <i>c</i>", "<p><strong>a <em>b</em></strong> <em>c</em></p>"],
  ["<b>a</i></b></b>", "<p><strong>a</strong></p>"],
  ["<b>a", "<p><strong>a</strong></p>"],
  ["<KBD class=x>a</KBD>", "<p><kbd>a</kbd></p>"],
  ['<a href="https://b.c">a</a>', `<p><a ${LINK} href="https://b.c">a</a></p>`],
  ["<blink>a</blink>", "<p>&lt;blink&gt;a&lt;/blink&gt;</p>"],
  ["a <!-- b --> c", "<p>a  c</p>"],
  ["<!-- a", "&lt;!-- a"],
  ["<div>\n\n*a*\n\n</div>", "<p><em>a</em></p>"],
  [
    "<details>\n<summary>a</summary>\n\n- b\n\n</details>\n\nc",
    "<details>\n<summary>a</summary><ul><li>b</li></ul></details><p>c</p>",
  ],
  [
    "<table><tr><th>a</th><td colspan=2>b</td></tr></table>",
    '<div>\n<table><tr><th>a</th><td colspan="2">b</td></tr></table>\n</div>',
  ],
  ["<ul><li>a</li></ul>", "<ul><li>a</li></ul>"],
])("%j", (text, html) => {
  it("is drawn as GFM has it", () => {
    expect(drawn(text)).toBe(html);
  });
});

describe("tasks", () => {
  it("say whether they are done", () => {
    const page = new Page();
    const boxes = page.show("- [ ] a\n- [x] b\n- c").querySelectorAll(".task-box");
    expect([...boxes].map(box => box.getAttribute("aria-label"))).toEqual(["To do", "Done"]);
    expect(page.element.querySelectorAll("li.task")).toHaveLength(2);
    expect(page.element.textContent).not.toContain("[");
    page.remove();
  });
});

describe("direction", () => {
  it("is that of each block's own text", () => {
    const page = new Page();
    page.show("שלום\n\n- a\n  - b\n\n> ג\n\n# d\n\n| ה |\n|---|\n\n<details>ו</details>");
    const blocks = [...page.element.querySelectorAll(".markdown-part > *, table")];
    const directions = blocks.filter(block => !block.matches("div")).map(block => block.getAttribute("dir"));
    expect(directions).toEqual(["rtl", "ltr", "rtl", "ltr", "rtl", "rtl"]);
    expect(page.element.querySelector("li [dir], blockquote [dir]")).toBeNull();
    expect(page.element.querySelector(".markdown")?.getAttribute("dir")).toBe("rtl");
    page.remove();
  });

  it.each([
    ["12 – שלום", "rtl"],
    ["**שלום** hello", "rtl"],
    ["hello שלום", "ltr"],
    ["<b>שלום</b>", "rtl"],
    ["![](https://a.example/b.png) שלום", "rtl"],
    ["[x] שלום", "rtl"],
    ["&nbsp;שלום", "rtl"],
    ["< שלום", "rtl"],
    ["مرحبا", "rtl"],
    ["\u{10d00}", "rtl"],
    ["日本 שלום", "ltr"],
    ["1, 2, 3", "ltr"],
    ["<b>1</b>", "ltr"],
    ["", "ltr"],
  ])("of %j is %s", (text, direction) => {
    expect(directionOf(text)).toBe(direction);
  });

  it("is not looked for in all of what has no letters", () => {
    const start = performance.now();
    for (const part of ["(", "<", "<a", "](", "&", "&a", "\ud83d"]) directionOf(part.repeat(1_000_000));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("what is complete", () => {
  it("stays the same elements and text while the text grows", () => {
    const page = new Page();
    const text = "# A\n\n- b\n- c\n\n```js\nd\n```\n\nlast *one*";
    page.show(text, { streaming: true });
    const before = [...page.element.querySelectorAll("h3, li, chatkit-code")];
    const node = page.element.querySelector("p")?.firstChild?.nextSibling?.nextSibling;
    page.show(`${text} and more\n\nnew`, { streaming: true });
    expect([...page.element.querySelectorAll("h3, li, chatkit-code")]).toEqual(before);
    expect(node?.isConnected).toBe(true);
    page.remove();
  });

  it("keeps what a reader has selected in the last paragraph", () => {
    const page = new Page();
    page.show("some words", { streaming: true });
    const text = [...(page.element.querySelector("p")?.childNodes ?? [])].find(
      node => node.textContent === "some words",
    );
    if (!text) throw new Error("no text");
    const range = document.createRange();
    range.setStart(text, 5);
    range.setEnd(text, 10);
    page.show("some words and more", { streaming: true });
    expect(range.toString()).toBe("words");
    page.remove();
  });

  it("is drawn again where a link is defined later", () => {
    const page = new Page();
    page.show("See [it].\n\nMore.\n\n", { streaming: true });
    expect(htmlOf(page.element)).toContain("See [it].");
    page.show("See [it].\n\nMore.\n\n[it]: https://a.b\n\nEnd", { streaming: true });
    expect(page.element.querySelector("a")?.getAttribute("href")).toBe("https://a.b");
    page.remove();
  });
});
