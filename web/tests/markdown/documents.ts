/** Answers as models write them. */
export const documents: Record<string, string> = {
  "a short answer": `Yes, **it does**. See [the docs](https://example.com/docs "Docs") for \`--flag\`, or ask *me*.

Costs are $5 and $10; AT&amp;T agrees. 2*3 = 6, a_b_c stays, ~~that~~ is gone.`,

  "a guide": `# Getting started

First, install it:

\`\`\`bash
npm install example
\`\`\`

## Steps

1. Open **Settings** and choose *Advanced*.
2. Pick one:
   - the [first](https://example.com/1)
   - the second, with \`code\`
3. Save.

- [x] done
- [ ] not done

> A quote with **bold**
> on two lines.

---

That is _all_. Visit https://example.com/a_b?c=d&e=f or <https://example.com>.`,

  "a table": `Here you are:

| Name | Price | Note |
|:-----|------:|------|
| **A** | $1 | \`x\` |
| B | $2 | [link](https://example.com) |

And after it.`,

  "a proof": `The area is $A = \\pi r^2$ and \\(x_1 + x_2\\) is a sum:

$$
\\int_0^1 x^2 \\, dx = \\frac{1}{3}
$$

so that

\\[
a^2 + b^2 = c^2
\\]

holds for $n$ of them.`,

  "a mixture": `H<sub>2</sub>O and <kbd>Ctrl</kbd>.

<details><summary>More</summary>

Inside **bold**.

</details>

![A picture](https://example.com/i.png) and ***both*** and **bold with \`code\` and [link](https://example.com/x_y)**.

* star
  * nested

    paragraph
* last

Term  
next line`,

  "code in a list": `Do this:

1. Run

   \`\`\`python
   def f(x):
       return x ** 2
   \`\`\`

2. Then **stop**.

~~~
plain
~~~
`,

  "unusual marks": `__Bold__ with _under_ and *star **both** end*, ***all***, \`\`a \`tick\` b\`\`.

中文**粗体**文字，还有*斜体*。 שלום **עולם**, emoji 🙂 **👍🏽**.

[![badge](https://example.com/b.svg)](https://example.com) and [a (b)](https://example.com/a_(b) 'title').

An [index[0]](https://example.com), arr[0], [note] and \\*escaped\\*. Is 3 < 4 & 5 > 4? Yes &copy; 2024.

Heading two
-----------

Line<br>break and <b>bold <i>both</i></b>, <!-- hidden --> end.`,
};
