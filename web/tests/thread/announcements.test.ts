import { expect, test } from "vitest";
import { spoken } from "../../src/view/thread/announcements";
import { duration, words } from "../../src/view/thread/words";

test.each([
  ["## A *title*\n\n- one\n- **two**", "A title one two"],
  ["See [the docs](https://example.com) and ![a plan](plan.png).", "See the docs and a plan."],
  ["```ts\nconst a = 1;\n```\nDone.", "const a = 1; Done."],
  ["> quoted `code`", "quoted code"],
])("markdown is read without its marks: %j", (text, heard) => {
  expect(spoken(text)).toBe(heard);
});

test("a text that never ends is read for a while", () => {
  expect(spoken("word ".repeat(100_000)).length).toBeLessThan(5000);
});

test.each([
  [0, "1 sec"],
  [12.4, "12 sec"],
  [83, "1 min 23 sec"],
  [Number.NaN, "1 sec"],
  [3600, "60 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds, "en")).toBe(text);
});

test("only what is text, or a number, is words", () => {
  expect([words("a"), words(3), words(null), words({}), words(["a"]), words(undefined)]).toEqual([
    "a",
    "3",
    "",
    "",
    "",
    "",
  ]);
});
