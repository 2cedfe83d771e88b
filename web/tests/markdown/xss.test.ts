import { describe, expect, it } from "vitest";
import { Page } from "./drawn";
import { payloads } from "./payloads";

/** All that markdown draws; `svg` and what is in it are icons, `math` and what is in it formulas. */
const DRAWN = new Set(
  (
    "DIV P H3 H4 H5 H6 UL OL LI BLOCKQUOTE HR BR PRE CODE STRONG EM DEL A IMG SPAN TABLE THEAD TBODY TR TH TD CAPTION " +
    "DETAILS SUMMARY DL DT DD SUB SUP KBD U INS MARK SMALL Q BUTTON CHATKIT-CODE CHATKIT-FORMULA SVG PATH RECT MATH SEMANTICS"
  ).split(" "),
);

const ATTRIBUTES = new Set(
  (
    "class part dir href title target rel src alt loading decoding referrerpolicy role tabindex aria-label aria-hidden type " +
    "scope start colspan rowspan open"
  ).split(" "),
);

const isShape = (element: Element) => element.closest("svg") !== null;
const isFormula = (element: Element) => element.closest("math") !== null;

/** What is wrong with a page, in words. */
function harm(page: Element): string[] {
  return [...page.querySelectorAll("*")].flatMap(element => {
    const tag = element.tagName.toUpperCase();
    const isUnknown = !DRAWN.has(tag) && !isFormula(element);
    const attributes = [...element.attributes].filter(attribute => isHarmful(element, attribute));
    return [...(isUnknown ? [tag] : []), ...attributes.map(({ name, value }) => `${tag} ${name}=${value}`)];
  });
}

function isHarmful(element: Element, { name, value }: Attr): boolean {
  if (/^on|^id$|^name$|^srcdoc$|^formaction$|^ping$|^xlink:/i.test(name)) return true;
  if (name === "href" || name === "src") return !isHarmless(element.tagName.toUpperCase(), value);
  if (isShape(element) || isFormula(element)) return /evil/.test(value);
  return !ATTRIBUTES.has(name) || (name === "class" && /evil/.test(value));
}

function isHarmless(tag: string, address: string): boolean {
  if (tag === "IMG" && /^data:image\/(?:png|jpeg|gif|webp)[;,]/.test(address)) return true;
  return /^(?:https?|mailto|tel|chatkit-link):$/.test(new URL(address, "https://page.example").protocol);
}

describe.each(payloads)("%j", payload => {
  it.each([payload, `text ${payload} text`, `- ${payload}\n\n<details>\n\n${payload}\n\n</details>`])(
    "does nothing in %j",
    async text => {
      const page = new Page();
      for (const streaming of [true, false]) {
        page.show(text, { streaming, onDeepLink: () => undefined });
        expect(harm(await page.settled())).toEqual([]);
      }
      page.remove();
    },
  );

  it("does nothing at any cut", () => {
    const page = new Page();
    for (let end = 1; end < payload.length; end += 1) {
      expect(harm(page.show(payload.slice(0, end), { streaming: true }))).toEqual([]);
    }
    page.remove();
  });
});

it("would notice", () => {
  const page = document.createElement("div");
  page.innerHTML =
    '<p onclick="x"></p><p style="color:red"></p><a href="javascript:x">x</a><img src="data:image/svg+xml,x"><form></form>';
  expect(harm(page)).toHaveLength(5);
});
