/** TeX as MathML elements. A chunk of its own. */
import temml from "temml";

/** `trust: false`: no links, images, classes or styles of its author's. Macros are the formula's own, and expand so often. */
const OPTIONS = {
  trust: false,
  throwOnError: true,
  strict: false,
  maxExpand: 300,
  maxSize: [40, 80] as [number, number],
};

/** Null where it is no TeX. */
export function mathml(tex: string, isBlock: boolean): Element | null {
  const place = document.createElement("span");
  try {
    temml.render(tex, place, { ...OPTIONS, displayMode: isBlock, macros: {} });
  } catch {
    return null; // it throws for what it cannot read
  }
  for (const element of place.querySelectorAll("[id]")) element.removeAttribute("id");
  return place.childElementCount === 1 ? place.firstElementChild : null;
}
