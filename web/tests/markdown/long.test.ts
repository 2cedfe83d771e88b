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
