import { expect, test } from "vitest";
import { en } from "../../src/locale/en";
import { Problem } from "../../src/protocol/problem";
import { reasonOf } from "../../src/view/problem";

test.each(["constructor", "__proto__", "toString", "no such code"])(
  "the code %s has no words of its own, and those of its status",
  code => {
    expect(reasonOf(new Problem(code, 413, ""), en)).toBe(en.problemTooLarge);
    expect(reasonOf(new Problem(code, 400, ""), en)).toBe(en.problemInvalid);
  },
);

test("known codes have theirs", () => {
  expect(reasonOf(new Problem("thread_locked", 409, ""), en)).toBe(en.threadLocked);
  expect(reasonOf(new Problem("client", 0, "a mistake of the page's"), en)).toBe(en.problemInvalid);
});
