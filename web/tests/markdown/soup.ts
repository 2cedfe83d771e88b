/** Random markdown: lines that mean something, and pieces of lines that nearly do. */
import fc from "fast-check";

const word = fc.constantFrom("a", "word", "two words", "x1", "é", "🙂", "שלום", "2", "end.");

const span = fc.oneof(
  word,
  word.map(text => `**${text}**`),
  word.map(text => `*${text}*`),
  word.map(text => `_${text}_`),
  word.map(text => `~~${text}~~`),
  word.map(text => `\`${text}\``),
  word.map(text => `[${text}](https://example.com/${text.length})`),
  word.map(text => `![${text}](https://example.com/i.png)`),
  word.map(text => `<b>${text}</b>`),
  fc.constantFrom("$x^2$", "$5", "&amp;", "https://example.com/a_b", "\\*", "<br>", "[r]", "a<b", "1 * 2"),
);

const spans = fc.array(span, { minLength: 1, maxLength: 4 }).map(parts => parts.join(" "));

const line = fc.oneof(
  { weight: 3, arbitrary: spans },
  { weight: 2, arbitrary: fc.constant("") },
  fc
    .tuple(
      fc.constantFrom("- ", "* ", "1. ", "2. ", "  - ", "   ", "    ", "> ", "> > ", "# ", "### "),
      spans,
    )
    .map(([mark, text]) => mark + text),
  fc.constantFrom(
    "```",
    "```js",
    "~~~",
    "  ```\n  x\n\n  y\n  ```",
    "---",
    "***",
    "\n| a | b |\n|:-:|---|\n| c | **d** |",
    "\n$$\n- x^2\n$$",
    "[r]: https://example.com/r",
  ),
);

/** Markdown that hangs together. */
export const lines = fc.array(line, { maxLength: 12 }).map(all => all.join("\n"));

const mark = fc.constantFrom(
  ..."*_~`#>-+|$[]()!<>&\\\"'=:.1 \n\t".split(""),
  "**",
  "__",
  "```",
  "\n\n",
  "](",
  "<b>",
  "</b>",
  "<details>",
  "<!--",
  "-->",
  "$$",
  "\\(",
  "\\)",
  "\\[",
  "\\]",
  "- [ ] ",
  "&lt;",
  "&#106;",
  "\r\n",
  "\u0000",
  "\ufeff",
  "\u200f",
  "\ue000",
  "javascript:",
);

/** Anything at all. */
export const soup = fc
  .array(fc.oneof({ weight: 3, arbitrary: mark }, word, fc.string({ maxLength: 3 })), { maxLength: 40 })
  .map(parts => parts.join(""));
