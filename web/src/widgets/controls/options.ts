/** The options of a select: read, searched, and walked through. */
import { flag, records, words } from "../props";

export interface Option {
  value: string;
  label: string;
  description: string;
  isDisabled: boolean;
}

const MOST = 2000;

export function readOptions(value: unknown): Option[] {
  return records(value, MOST).map(props => ({
    value: words(props, "value"),
    label: words(props, "label") || words(props, "value"),
    description: words(props, "description"),
    isDisabled: flag(props, "disabled"),
  }));
}

/** As people compare words: without case and accents. */
function folded(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

export function found(options: readonly Option[], search: string): Option[] {
  const wanted = folded(search.trim());
  return options.filter(option => folded(`${option.label} ${option.description}`).includes(wanted));
}

/** The index of the next option that can be chosen, `step` further; the same one where there is none. */
export function stepped(options: readonly Option[], from: number, step: number): number {
  const direction = Math.sign(step);
  const wanted = Math.min(Math.max(from + step, 0), options.length - 1);
  for (let index = wanted; index >= 0 && index < options.length; index += direction) {
    if (options[index]?.isDisabled === false) return index;
  }
  for (let index = wanted; index !== from && index >= 0 && index < options.length; index -= direction) {
    if (options[index]?.isDisabled === false) return index;
  }
  return from;
}

/** The index of the next option that begins with what was typed. */
export function typed(options: readonly Option[], from: number, text: string): number {
  const wanted = folded(text);
  const isSame = [...wanted].every(letter => letter === wanted[0]);
  const letters = isSame ? wanted.slice(0, 1) : wanted; // a letter again and again goes through all that begin with it
  const start = isSame ? from + 1 : Math.max(from, 0);
  for (let step = 0; step < options.length; step += 1) {
    const index = (start + step) % options.length;
    const option = options[index];
    if (option?.isDisabled === false && folded(option.label).startsWith(letters)) return index;
  }
  return from;
}
