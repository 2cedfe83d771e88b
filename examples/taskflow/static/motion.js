/** Movement that shows what went where; none for those who want none. */

const still = matchMedia("(prefers-reduced-motion: reduce)");
const EASE = "cubic-bezier(0.2, 0, 0, 1)";

/**
 * Changes the page; the elements that are elsewhere afterwards glide there, and new ones come in. Elements are the same
 * where their `data-key` is.
 * @param {Element} root
 * @param {() => void} change
 */
export function glide(root, change) {
  if (still.matches) return change();
  const before = new Map(keyed(root).map(node => [node.dataset.key, node.getBoundingClientRect()]));
  change();
  for (const node of keyed(root)) {
    const was = before.get(node.dataset.key);
    const is = node.getBoundingClientRect();
    if (was === undefined) {
      if (before.size > 0) arrive(node);
    } else if (was.x !== is.x || was.y !== is.y) {
      const from = `translate(${was.x - is.x}px, ${was.y - is.y}px)`;
      node.animate([{ transform: from }, { transform: "none" }], { duration: 260, easing: EASE });
    }
  }
}

/** @param {Element} root @returns {HTMLElement[]} */
function keyed(root) {
  return [...root.querySelectorAll("[data-key]")].filter(node => node instanceof HTMLElement);
}

/** @param {HTMLElement} node */
function arrive(node) {
  node.animate(
    [
      { opacity: 0, transform: "translateY(-6px) scale(0.98)" },
      { opacity: 1, transform: "none" },
    ],
    { duration: 220, easing: EASE },
  );
}
