/** What text fields have in common. */
import type { Strings } from "../../locale";
import { flag, type Props, string } from "../props";
import { whenDrawn } from "../when-drawn";

type TextField = HTMLInputElement | HTMLTextAreaElement;

/** Focuses a field that is new, unless something is being written elsewhere. */
export function focusFirst(field: TextField): void {
  const { activeElement } = field.getRootNode() as ShadowRoot | Document;
  const isWriting =
    (activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement) &&
    activeElement.value !== "";
  if (!isWriting) field.focus({ preventScroll: true });
}

export function selectAll(event: Event): void {
  (event.currentTarget as TextField).select();
}

/** Does what `autoFocus` says, and what browsers do for an `<input>` alone: a pattern, and growing. */
export function typing(props: Props, strings: Strings, grows = false) {
  return whenDrawn((element, isFirst) => {
    const field = element as TextField;
    if (field instanceof HTMLTextAreaElement) {
      checkPattern(field, string(props, "pattern"), strings);
      if (grows) fitHeight(field);
    }
    if (isFirst && flag(props, "autoFocus")) focusFirst(field);
  });
}

export function checkPattern(field: HTMLTextAreaElement, pattern: string | null, strings: Strings): void {
  field.setCustomValidity(field.value === "" || matches(field.value, pattern) ? "" : strings.fieldPattern);
}

/** A pattern that is none is ignored, as browsers do. */
function matches(value: string, pattern: string | null): boolean {
  if (pattern === null) return true;
  try {
    return new RegExp(`^(?:${pattern})$`, "v").test(value);
  } catch {
    return true;
  }
}

const sizesItself = typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

/** Makes a field as high as its text, where its `field-sizing` does not. */
export function fitHeight(field: HTMLTextAreaElement): void {
  if (sizesItself) return;
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`);
}
