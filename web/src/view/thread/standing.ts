/** Which item stands at a height of the viewport. */

/** The first element that reaches below `edge`: an item, or a slice that is not drawn. */
export function standingAt(slices: Element | null, edge: number): Element | null {
  const slice = slices && firstBelow(slices.children, edge);
  if (slice === null || slice.hasAttribute("data-left-out")) return slice;
  return firstBelow(slice.children, edge) ?? slice;
}

/** They stand one below the other. */
function firstBelow(elements: HTMLCollection, edge: number): Element | null {
  let from = 0;
  let to = elements.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const { bottom } = elements[middle]?.getBoundingClientRect() ?? { bottom: 0 };
    if (bottom > edge + 1) to = middle;
    else from = middle + 1;
  }
  return elements[from] ?? null;
}
