import { afterEach, describe, expect, it, vi } from "vitest";
import { en } from "../../src/locale/en";
import type { CodeElement } from "../../src/markdown/code";
import { Page } from "./drawn";

const page = new Page();

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function block(text: string, streaming = false): Promise<CodeElement> {
  page.show("");
  page.show(text, { streaming });
  await page.settled();
  const element = page.element.querySelector<CodeElement>("chatkit-code");
  if (!element) throw new Error("no code");
  return element;
}

const shown = (element: CodeElement) => element.querySelector("pre")?.textContent;

async function coloured(element: CodeElement): Promise<string[]> {
  await expect.poll(() => element.querySelectorAll("pre span").length).toBeGreaterThan(0);
  return [...element.querySelectorAll("pre span")].map(span => `${span.className} ${span.textContent}`);
}

describe("a block of code", () => {
  it("says its language, and can be reached by keys", async () => {
    const element = await block("```python title=x\nprint(1)\n```");
    expect(element.querySelector(".code-language")?.textContent).toBe("python");
    const pre = element.querySelector("pre");
    expect(pre?.getAttribute("tabindex")).toBe("0");
    expect(pre?.getAttribute("aria-label")).toBe(en.codeIn("python"));
    expect(shown(element)).toBe("print(1)");
  });

  it("is code without a language too", async () => {
    const element = await block("    indented\n\n    more");
    expect(element.querySelector(".code-language")?.textContent).toBe(en.code);
    expect(shown(element)).toBe("indented\n\nmore");
  });

  it("is coloured", async () => {
    expect(await coloured(await block("```js\nconst a = 'b';\n```"))).toEqual([
      "hljs-keyword const",
      "hljs-string 'b'",
    ]);
  });

  it.each(["```nothing-known\nconst a\n```", "```\nconst a\n```", "```__proto__\nconst a\n```"])(
    "stays plain in a language that nobody knows: %j",
    async text => {
      const element = await block(text);
      await import("../../src/markdown/highlight");
      await new Promise(resolve => setTimeout(resolve, 20));
      await element.updateComplete;
      expect(element.querySelector("pre span")).toBeNull();
      expect(shown(element)).toBe("const a");
    },
  );

  it("stays plain where it is very long, and is all there", async () => {
    const code = "const a = 1;\n".repeat(5_000).trimEnd();
    const element = await block(`\`\`\`js\n${code}\n\`\`\``);
    expect(element.querySelector("pre .hljs-keyword")).toBeNull();
    expect(element.querySelectorAll(".code-part").length).toBeGreaterThan(5);
    expect(shown(element)).toBe(code);
  });

  it("is all there at any time while it is written", async () => {
    const code = "function f() {\n  return 'x'; // why\n}";
    for (let end = 0; end <= code.length; end += 3) {
      page.show(`\`\`\`js\n${code.slice(0, end)}`, { streaming: true });
      await page.settled();
      await new Promise(resolve => setTimeout(resolve, 20));
      const element = page.element.querySelector<CodeElement>("chatkit-code");
      await element?.updateComplete;
      expect(element?.querySelector("pre")?.textContent).toBe(code.slice(0, end).replace(/\n$/, ""));
    }
  });

  it("says its language once that is known", async () => {
    const label = async (text: string) =>
      (await block(text, true)).querySelector(".code-language")?.textContent;
    expect(await label("```pyth")).toBe(en.code);
    expect(await label("```python\n")).toBe("python");
    expect(await label("- a\n  ```pyth")).toBe(en.code);
  });

  it("does not show the fence that ends it while that is written", async () => {
    for (const end of ["\n`", "\n``", "\n```", "\n```\n"]) {
      expect(shown(await block(`\`\`\`js\na${end}`, true))).toBe("a");
      expect(shown(await block(`- x\n  \`\`\`js\n  a${end.replace("`", "  `")}`, true))).toBe("a");
    }
  });
});

describe("its copy button", () => {
  const button = (element: CodeElement) => element.querySelector<HTMLButtonElement>(".code-copy");

  it("copies the code and says so, for a while", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText } as unknown as Clipboard);
    const element = await block("```js\nlet a;\nlet b;\n```");
    vi.useFakeTimers();
    button(element)?.click();
    await vi.advanceTimersByTimeAsync(0);
    await element.updateComplete;
    expect(writeText).toHaveBeenCalledExactlyOnceWith("let a;\nlet b;");
    expect(button(element)?.textContent?.trim()).toBe(en.copied);
    expect(element.querySelector("[role=status]")?.textContent).toBe(en.copied);
    await vi.advanceTimersByTimeAsync(3_000);
    await element.updateComplete;
    expect(button(element)?.textContent?.trim()).toBe(en.copy);
    expect(element.querySelector("[role=status]")?.textContent).toBe("");
  });

  it("copies where the page may not use the clipboard, too", async () => {
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue(undefined as unknown as Clipboard);
    let copied = "";
    document.execCommand = () => {
      copied = document.querySelector("textarea")?.value ?? "";
      return true;
    };
    const element = await block("```\nx\n```");
    button(element)?.click();
    await expect.poll(() => button(element)?.textContent?.trim()).toBe(en.copied);
    expect(copied).toBe("x");
    expect(document.querySelector("textarea")).toBeNull();
  });
});
