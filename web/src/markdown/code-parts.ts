/** Very long code in parts that the browser lays out one by one: what is added costs only the last. */
import { html } from "lit";
import { growingText } from "./growing-text";

const LENGTH = 8_000;

export function linesInParts(code: string): unknown[] {
  const parts: unknown[] = [];
  for (let start = 0; start < code.length; ) {
    const newline = code.indexOf("\n", start + LENGTH);
    const end = newline < 0 ? code.length : newline + 1;
    parts.push(html`<span class="code-part">${growingText(code.slice(start, end))}</span>`);
    start = end;
  }
  return parts;
}
