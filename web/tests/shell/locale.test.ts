import { afterEach, describe, expect, test, vi } from "vitest";
import { localeFor, type Strings, translated } from "../../src/locale";
import { en } from "../../src/locale/en";
import { created, Page } from "./page";

afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

const LANGUAGES = ["ar", "de", "es", "fr", "ja"];

describe("which texts", () => {
  test.each([
    ["de", "de", "ltr"],
    ["de-DE", "de-DE", "ltr"],
    ["de-at", "de-AT", "ltr"],
    ["es-419", "es-419", "ltr"],
    ["fr-CA", "fr-CA", "ltr"],
    ["ja-JP", "ja-JP", "ltr"],
    ["ar", "ar", "rtl"],
    ["en", "en", "ltr"],
  ])("%s has its own", async (option, language, direction) => {
    const locale = await translated(localeFor(option));
    expect(locale).toMatchObject({ tag: language, language, direction });
    expect(locale.strings === en).toBe(option === "en");
  });

  test("those of a language that is not translated are English, and it is asked for all the same", async () => {
    const locale = await translated(localeFor("it-IT"));
    expect(locale).toMatchObject({ tag: "it-IT", language: "en", direction: "ltr", strings: en });
  });

  test("the browser's language holds where the page says nothing", () => {
    vi.spyOn(navigator, "language", "get").mockReturnValue("fr-FR");
    expect(localeFor(undefined).tag).toBe("fr-FR");
  });

  test("what is no language is English", () => {
    expect(localeFor("not a language!").tag).toBe("en");
  });
});

describe.each(LANGUAGES)("%s", language => {
  test("says all that English says, with all that is said of", async () => {
    const { strings } = await translated(localeFor(language));
    expect(Object.keys(strings).toSorted()).toEqual(Object.keys(en).toSorted());
    for (const [key, text] of Object.entries(strings)) {
      const english = en[key as keyof Strings];
      expect(typeof text, key).toBe(typeof english);
      if (typeof text === "string") expect(text.trim(), key).toBe(text);
      if (typeof text === "string") expect(text, key).not.toBe("");
    }
  });
});

test("a chat in Arabic runs from right to left", async () => {
  const page = await new Page({ "threads.create": created("hi") }).show({ locale: "ar" });
  const root = page.find(".root");
  expect(root.dir).toBe("rtl");
  expect(root.lang).toBe("ar");
  expect(page.text).toContain("كيف يمكنني مساعدتك اليوم؟");
});
