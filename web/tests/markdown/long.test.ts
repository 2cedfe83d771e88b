import { Lexer } from "marked";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Document } from "../../src/markdown/document";
import { Page } from "./drawn";

afterEach(() => {
  vi.restoreAllMocks();
});

const section = (number: number) =>
  `## Section ${number}\n\nSome **bold** text with \`code\`, number ${number}.\n\n- one\n- two\n\n\`\`\`js\nconst a = ${number};\n\`\`\`\n\n`;

const sections = (length: number) => {
  let text = "";
  for (let number = 1; text.length < length; number += 1) text += section(number);
  return text;
};

/** How much text the lexer gets to see. */
function lexed(): () => number {
  let length = 0;
  const { blockTokens } = Lexer.prototype;
  vi.spyOn(Lexer.prototype, "blockTokens").mockImplementation(function (
    this: Lexer,
    source: string,
    ...rest
  ) {
    length += source.length;
    return blockTokens.call(this, source, ...(rest as [])) as never;
  });
  return () => length;
}

function readAll(document: Document, text: string, isStreaming: boolean): void {
  do document.read(text, isStreaming);
  while (document.isBehind);
}

describe("a long text", () => {
  it.each([
    ["of many blocks", sections(200_000)],
    ["that is one paragraph", "word and **bold** ".repeat(12_000)],
    ["that is one list", "- item with *text*\n".repeat(10_000)],
    ["that is one table", `| a | b |\n|---|---|\n${"| one | **two** |\n".repeat(12_000)}`],
    ["that is one quote", "> quoted text\n".repeat(14_000)],
    ["that is one block of code", `\`\`\`js\n${"const a = 1;\n".repeat(15_000)}`],
    ["that is one word", "x".repeat(200_000)],
  ])("%s costs what is added to it, not what is there", (_, text) => {
    const document = new Document();
    readAll(document, text, true);
    const count = lexed();
    for (let end = 1; end <= 20; end += 1) document.read(text + " more text".repeat(end), true);
    expect(count() / 20).toBeLessThan(60_000);
  });

  it("is read once while it grows", () => {
    const text = sections(60_000);
    const document = new Document();
    const count = lexed();
    for (let end = 50; end < text.length; end += 50) document.read(text.slice(0, end), true);
    expect(count()).toBeLessThan(text.length * 6);
  });

  it("is all there in the end, bit by bit, in the same order", async () => {
    const page = new Page();
    const text = sections(120_000);
    page.show(text);
    const first = page.element.querySelectorAll("h4").length;
    const all = text.match(/^## /gm)?.length ?? 0;
    expect(first).toBeLessThan(all);
    await expect.poll(() => page.element.querySelectorAll("h4").length, { timeout: 20_000 }).toBe(all);
    const titles = [...page.element.querySelectorAll("h4")].map(heading => heading.textContent);
    expect(titles).toEqual(titles.map((_, index) => `Section ${index + 1}`));
    page.remove();
  }, 30_000);

  it("is cut at the same places however it arrived", () => {
    const text = `${"word ".repeat(4_000)}\n${"- item\n".repeat(5_000)}\n${"y".repeat(20_000)}🙂`;
    const starts = (document: Document) =>
      document
        .read(text, false)
        .flat()
        .map(({ start, end }) => [start, end]);
    const grown = new Document();
    for (let end = 0; end < text.length; end += 997) readAll(grown, text.slice(0, end), true);
    readAll(grown, text, true);
    const fresh = new Document();
    readAll(fresh, text, false);
    expect(starts(fresh)).toEqual(
      grown
        .read(text, true)
        .flat()
        .map(({ start, end }) => [start, end]),
    );
  });

  it.each([
    ["headings", "# a\n"],
    ["items", "1. a\n"],
    ["blocks of code", "```\n"],
    ["links", "http://a.b "],
    ["paragraphs", "a\n\n"],
  ])(
    "with more %s than can be drawn in good time goes on as it was written",
    (_, part) => {
      const text = part.repeat(1_200_000 / part.length);
      const document = new Document();
      readAll(document, text, false);
      const readings = document.read(text, false).flat();
      const isPlain = ({ tokens }: (typeof readings)[number]) => tokens[0]?.type === "plain";
      const first = readings.findIndex(isPlain);
      expect(first).toBeGreaterThan(0);
      expect(readings.slice(first).every(isPlain)).toBe(true);
      const { start = 0 } = readings[first] ?? {};
      expect(readings.length - first).toBeLessThan(text.length / 2_900);
      expect(start).toBeGreaterThan(10_000);
      const rest = readings.slice(first).map(({ tokens }) => tokens[0]?.raw ?? "");
      expect(rest.join("").replaceAll("\n", "")).toBe(text.slice(start).replaceAll("\n", ""));
    },
    20_000,
  );

  it("that is plain stays in the same paragraphs while it grows", () => {
    const text = "# a\n".repeat(25_000);
    const document = new Document();
    readAll(document, text, true);
    const before = document.read(text, true).flat().length;
    for (let end = 1; end <= 40; end += 1) document.read(text + "# b\n".repeat(end * 10), true);
    expect(document.read(`${text}${"# b\n".repeat(400)}`, true).flat().length).toBeLessThan(before + 3);
  });

  it("that is plain keeps its lines, and nothing in it is markup", async () => {
    const page = new Page();
    page.show(`${"# a\n".repeat(25_000)}\n**b**\n<img src=x>\n\nThe end.`);
    await expect.poll(() => page.element.textContent?.endsWith("The end."), { timeout: 20_000 }).toBe(true);
    const plain = [...page.element.querySelectorAll("p.plain")];
    expect(plain.length).toBeGreaterThan(0);
    expect(plain.every(paragraph => paragraph.childElementCount === 0)).toBe(true);
    const texts = plain.map(paragraph => paragraph.textContent);
    expect(texts.some(text => text?.includes("\n**b**\n<img src=x>"))).toBe(true);
    page.remove();
  }, 30_000);

  it.each(["\\( ", "\\(a\\) ", "\\[ ", "$$ a\n", "$a$ ", "\\\\(", "\\[\n"])(
    "of many %j is read in good time",
    part => {
      const text = part.repeat(400_000 / part.length);
      const start = performance.now();
      readAll(new Document(), text, false);
      expect(performance.now() - start).toBeLessThan(1_500);
    },
  );

  it("is one text where nothing but text is in it", () => {
    const page = new Page();
    const paragraph = page.show("\\( \\* &amp; \\[ ".repeat(100)).querySelector("p");
    const texts = [...(paragraph?.childNodes ?? [])].filter(node => node.nodeType === 3 && node.textContent);
    expect(texts.map(node => node.textContent?.trimEnd())).toEqual(["( * & [ ".repeat(100).trimEnd()]);
    page.remove();
  });

  it("repeats the head of a table that is cut", () => {
    const page = new Page();
    page.show(`| a | b |\n|---|---|\n${"| one | two |\n".repeat(3_000)}`);
    const tables = page.element.querySelectorAll("table");
    expect(tables.length).toBeGreaterThan(1);
    for (const table of tables) expect(table.querySelector("th")?.textContent).toBe("a");
    expect(page.element.querySelectorAll("tbody tr")).toHaveLength(3_000);
    page.remove();
  });
});
