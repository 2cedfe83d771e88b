/** Focus that stays in a part of the chat while that covers the rest. */

const FOCUSABLE = "button, [href], input, textarea, select, [tabindex]:not([tabindex='-1'])";

/** Tab goes on at the other end. */
export function keepFocusIn(container: HTMLElement, event: KeyboardEvent): void {
  const inside = [...container.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    element => !element.hasAttribute("disabled") && element.tabIndex >= 0,
  );
  const [first, last] = [inside[0], inside.at(-1)];
  const isAtEnd = event.target === (event.shiftKey ? first : last) || event.target === container;
  if (!isAtEnd || (event.target === container && !event.shiftKey)) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
