import { html } from "lit";
import { describe, expect, it } from "vitest";
import type { Annotation } from "../../src/protocol/types";
import { Page } from "./drawn";

const annotation = (title: string, index?: number): Annotation => ({
  type: "annotation",
  source: { type: "url", url: "https://a.b", title },
  ...(index !== undefined && { index }),
});

const cite = ({ source }: Annotation) => html`<button>${source.title}</button>`;

/** Where `^` is, a citation is placed; what a reader sees, with the citations as `[1]`. */
function cited(marked: string, options: { streaming?: boolean; shift?: number } = {}): string {
  const parts = marked.split("^");
  let index = 0;
  const annotations = parts.slice(0, -1).map((part, number) => {
    index += [...part].length;
    return annotation(String(number + 1), index + (options.shift ?? 0));
  });
  return shown(parts.join(""), annotations, options.streaming);
}

function shown(text: string, annotations: readonly Annotation[], streaming = false): string {
  const page = new Page();
  page.show(text, { annotations, cite, streaming });
  for (const button of page.element.querySelectorAll("button")) button.replaceWith(`[${button.textContent}]`);
  for (const code of page.element.querySelectorAll("chatkit-code")) code.outerHTML = "<p>{code}</p>";
  for (const formula of page.element.querySelectorAll("chatkit-formula")) formula.replaceWith("{formula}");
  for (const inner of page.element.querySelectorAll("li, li p, td, th")) inner.prepend(" ");
  const blocks = [...page.element.querySelectorAll(".markdown-part")].flatMap(part => [...part.childNodes]);
  page.remove();
  return blocks
    .map(block => (block.nodeType === Node.COMMENT_NODE ? "" : (block.textContent ?? "").trim()))
    .filter(text => text !== "")
    .join(" / ")
    .replace(/\s+/g, " ");
}

describe("a citation", () => {
  it.each([
    ["One.^ Two.^", "One.[1] Two.[2]"],
    ["a^b", "a[1]b"],
    ["^a", "[1]a"],
    ["**bold**^ text", "bold[1] text"],
    ["**bo^ld** text", "bo[1]ld text"],
    ["**^bold** text", "[1]bold text"],
    ["_em_^.", "em[1]."],
    ["a^^ b", "a[1][2] b"],
    ["🙂^ a 👍🏽^", "🙂[1] a 👍🏽[2]"],
    ["[link](https://a.b)^ x", "link[1] x"],
    ["[li^nk](https://a.b) x", "link[1] x"],
    ["[link](https://^a.b) x", "link[1] x"],
    ["see https://a.b/^c x", "see https://a.b/c[1] x"],
    ["`co^de` x", "code[1] x"],
    ["$x^_2$ x", "{formula}[1] x"],
    ["&am^p; x", "&[1] x"],
    ["&amp;^ x", "&[1] x"],
    ["\\*^a", "*[1]a"],
    ["H<sub>2^</sub>O", "H2[1]O"],
    ["x<br>^y", "x[1]y"],
    ["<b^>bold</b> x", "[1]bold x"],
    ["# Head^ing\n\nText.^", "Head[1]ing / Text.[2]"],
    ["- one^\n- two^\n  - three^", "one[1] two[2] three[3]"],
    ["- [x] done^\n- [ ] open^", "done[1] open[2]"],
    ["1. one^\n\n   more^\n2. two", "one[1] more[2] two"],
    ["> quote^\n> more^", "quote[1] more[2]"],
    ["| a^ | b |\n|---|---|\n| c | d^ |", "a[1] b c d[2]"],
    ["Text\n\n```js\nco^de\n```\n\nMore^", "Text / {code} / [1] / More[2]"],
    ["$$\nx^\n$$\n\nMore", "{formula} / [1] / More"],
    ["One.\n\n^Two.", "One.[1] / Two."],
    ["One.^\n\n", "One.[1]"],
    ["a\r\nb^\r\n\r\nc^", "a b[1] / c[2]"],
    ["same same^ same same^", "same same[1] same same[2]"],
    ["a [b][c]^ d\n\n[c]: https://a.b", "a b[1] d"],
  ])("is where it belongs in %j", (marked, expected) => expect(cited(marked)).toBe(expected));

  it("goes to the end where its place is past it", () => {
    expect(shown("Text.", [annotation("1", 999)])).toBe("Text.[1]");
    expect(shown("Text.", [annotation("1", Number.POSITIVE_INFINITY)])).toBe("Text.[1]");
  });

  it("goes to the beginning where its place is before it", () => {
    expect(shown("Text.", [annotation("1", -5)])).toBe("[1]Text.");
  });

  it("is not in the text without a place", () => {
    expect(shown("Text.", [annotation("1"), annotation("2", Number.NaN)])).toBe("Text.");
    expect(shown("Text.", [{ ...annotation("1"), index: "4" as unknown as number }])).toBe("Text.");
  });

  it("stands alone where there is no text for it", () => {
    expect(shown("```\nx\n```", [annotation("1", 3)])).toBe("{code} / [1]");
  });

  it("is there while the text is written, and its place is that of the text", () => {
    expect(cited("One.^ Two **bo", { streaming: true })).toBe("One.[1] Two bo");
    expect(shown("One **tw", [annotation("1", 50)], true)).toBe("One tw[1]");
  });

  it("comes later than its text", () => {
    const page = new Page();
    page.show("One. Two.\n\nMore", { streaming: true, cite, annotations: [] });
    const paragraph = page.element.querySelector("p");
    page.show("One. Two.\n\nMore", { streaming: true, cite, annotations: [annotation("1", 4)] });
    expect(page.element.querySelector("button")?.textContent).toBe("1");
    expect(page.element.querySelector("p")).toBe(paragraph);
    page.show("One. Two.\n\nMore", { streaming: true, cite, annotations: [] });
    expect(page.element.querySelector("button")).toBeNull();
    page.remove();
  });

  it("is in the text whatever characters that has", () => {
    expect(cited("\ue000\uf8ff^ \ufdd0\uffff^ x")).toBe("\ue000\uf8ff[1] \ufdd0\uffff[2] x");
  });

  it("is never lost, wherever it is put", () => {
    const text =
      "# A\n\nb **c** `d` [e](https://f.g) $h$ <b>i</b> &amp; \\* j\n\n- k\n- l\n\n```\nm\n```\n\n| n |\n|---|\n| o |\n\n> p\n\n<details><summary>q</summary>\n\nr\n\n</details>";
    for (let index = 0; index <= text.length; index += 1) {
      expect(shown(text, [annotation("X", index)]).split("[X]"), String(index)).toHaveLength(2);
    }
  });

  it("is one of as many as anybody may follow, drawn in good time", () => {
    const text = "word ".repeat(2_000);
    const many = Array.from({ length: 100_000 }, (_, number) => annotation("x", (number * 7) % text.length));
    const page = new Page();
    const start = performance.now();
    page.show(text, { annotations: many, cite });
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(page.element.querySelectorAll("button")).toHaveLength(2_000);
    page.remove();
  });
});
