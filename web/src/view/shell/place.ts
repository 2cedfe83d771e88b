/** Where something floats beside a button: above or below it, whichever has room, and always in the window. */

const GAP = 6;
const MARGIN = 8;

export function place(floating: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { innerWidth: width, innerHeight: height } = globalThis;
  const { offsetWidth, scrollHeight } = floating;
  const above = at.top - GAP - MARGIN;
  const below = height - at.bottom - GAP - MARGIN;
  const isBelow = scrollHeight <= below || below >= above;
  floating.style.maxHeight = `${Math.max(isBelow ? below : above, 96)}px`;
  if (isBelow) floating.style.top = `${at.bottom + GAP}px`;
  else floating.style.bottom = `${height - at.top + GAP}px`;
  const isRightToLeft = getComputedStyle(button).direction === "rtl";
  const wished = isRightToLeft ? at.right - offsetWidth : at.left;
  const other = isRightToLeft ? at.left : at.right - offsetWidth;
  const fits = (left: number): boolean => left >= MARGIN && left + offsetWidth <= width - MARGIN;
  const left = fits(wished) ? wished : other;
  floating.style.left = `${Math.max(MARGIN, Math.min(left, width - MARGIN - offsetWidth))}px`;
}
