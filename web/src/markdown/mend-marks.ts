/** Emphasis, code, formulas and the like that are still being written. */
import { formulaAt } from "./formulas";
import { isTagBegun } from "./html";
import { isNear, type Scan, type Stop, skip } from "./mend-scan";

const TAG = /^<\/?([a-zA-Z][a-zA-Z0-9-]*)?((?:\s+[\w:-]*(?:=(?:"[^"<>]*"?|'[^'<>]*'?|[^\s"'<>]*))?)*)\s*\/?$/;
const COMMENT = /^<!(?:-(?:-[\s\S]*)?)?$/;
const COMPLETE_TAG = /^<(?:\/?[a-zA-Z][^<>]*|!--[\s\S]*?--|[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]*)>/;
const AUTOLINK = /^<[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*$/;
const ENTITY = /^&#?[a-zA-Z0-9]{0,31}$/;
const TEX = /[\\^_{}=+*/<>|-]|^\S{0,3}\s*$/;
const CERTAIN_TEX = /[\\^_{}]/;
const WORDS = /(?<!\\)\b\p{L}{4,}\s+\p{L}{2,}/u;
const LONG_FORMULA = 160;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const ASCII_WORD = /[A-Za-z0-9]/;

export function readBackslash(scan: Scan): Stop | null {
  const { source, at } = scan;
  const next = source.charAt(at + 1);
  if (next === "") return { cut: at };
  if (next !== "(" && next !== "[") return skip(scan, 2);
  const formula = formulaAt(source.slice(at), "");
  if (formula) return skip(scan, formula.raw.length);
  return isNear(scan, at) ? { cut: at } : skip(scan, 2);
}

export function readDollar(scan: Scan): Stop | null {
  const { source, at } = scan;
  const rest = source.slice(at);
  const formula = formulaAt(rest, source.charAt(at - 1));
  if (formula) return skip(scan, formula.raw.length);
  const tex = rest.replace(/^\$\$?/, "");
  const isBegun = rest.startsWith("$$")
    ? !tex.trim().includes("$$")
    : mayBeFormula(tex, source.charAt(at - 1));
  return isBegun && isNear(scan, at) ? { cut: at } : skip(scan, rest.length - tex.length);
}

function mayBeFormula(tex: string, before: string): boolean {
  if (/^\s|\$/.test(tex) || /[\p{L}\p{N}]/u.test(before) || tex.length > LONG_FORMULA) return false;
  if (/^\d/.test(tex)) return CERTAIN_TEX.test(tex) && !/\s\p{L}{3}/u.test(tex);
  return TEX.test(tex) && !WORDS.test(tex);
}

export function readBackticks(scan: Scan): Stop | null {
  const { source, at } = scan;
  const marks = runAt(source, at);
  const end = closingRun(source, at + marks.length, marks);
  if (end !== null) return skip(scan, end - at);
  const code = source.slice(at + marks.length).replace(/`+$/, "");
  if (!isNear(scan, at)) return skip(scan, marks.length);
  return code.trim() === "" ? { cut: at } : { cut: at + marks.length + code.length, close: marks };
}

function closingRun(source: string, from: number, marks: string): number | null {
  for (let at = source.indexOf(marks, from); at >= 0; ) {
    const { length } = runAt(source, at);
    if (length === marks.length) return at + length;
    at = source.indexOf(marks, at + length);
  }
  return null;
}

export function readTag(scan: Scan): Stop | null {
  const { source, at } = scan;
  const rest = source.slice(at);
  const complete = COMPLETE_TAG.exec(rest);
  if (complete) return skip(scan, complete[0].length);
  if (AUTOLINK.test(rest)) {
    scan.hidden.add(at);
    return { cut: source.length };
  }
  const tag = TAG.exec(rest);
  const isBegun = tag ? isTagBegun(tag[1] ?? "", tag[2] === "") : COMMENT.test(rest);
  return isBegun && isNear(scan, at) ? { cut: at } : skip(scan, 1);
}

export function readEntity(scan: Scan): Stop | null {
  return ENTITY.test(scan.source.slice(scan.at, scan.at + 40)) ? { cut: scan.at } : skip(scan, 1);
}

/** A run of stars, underscores or tildes: what it can close is closed, what it can open stands open. */
export function readMarks(scan: Scan): null {
  const { source, at, openers } = scan;
  const run = runAt(source, at);
  const mark = run.charAt(0);
  const before = source.charAt(at - 1);
  const after = source.charAt(at + run.length);
  const { canOpen, canClose } = flanking(mark, before, after);
  scan.at += run.length;
  let left = run.length;
  while (canClose && left > 0) {
    const index = openers.findLastIndex(
      opener => opener.mark === mark && (mark !== "~" || opener.length === left),
    );
    const opener = openers[index];
    if (!opener) break;
    const used = Math.min(left, opener.length, 2);
    opener.length -= used;
    left -= used;
    openers.length = opener.length > 0 ? index + 1 : index;
  }
  if (after === "") for (let hidden = 1; hidden <= left; hidden += 1) scan.hidden.add(scan.at - hidden);
  else if (left > 0 && canOpen && isMeant(mark, left, before, after)) {
    openers.push({ at: scan.at - left, mark, size: left, length: left });
  }
  return null;
}

/** As CommonMark has it: where the text is that a run touches. */
function flanking(mark: string, before: string, after: string): { canOpen: boolean; canClose: boolean } {
  const isSpaceBefore = before.trim() === "";
  const isSpaceAfter = after.trim() === "";
  const isMarkBefore = PUNCTUATION.test(before);
  const isMarkAfter = PUNCTUATION.test(after);
  const left = !isSpaceAfter && (!isMarkAfter || isSpaceBefore || isMarkBefore);
  const right = !isSpaceBefore && (!isMarkBefore || isSpaceAfter || isMarkAfter);
  if (mark !== "_") return { canOpen: left, canClose: right };
  return { canOpen: left && (!right || isMarkBefore), canClose: right && (!left || isMarkAfter) };
}

/** Not `2*3`, `~5` or `2**3`, which hardly ever open anything. */
function isMeant(mark: string, length: number, before: string, after: string): boolean {
  if (mark === "~") return length === 2;
  if (mark === "_") return true;
  return length === 1 ? !ASCII_WORD.test(before) : !(/\d/.test(before) && /\d/.test(after));
}

function runAt(source: string, at: number): string {
  const mark = source.charAt(at);
  let end = at + 1;
  while (source.charAt(end) === mark) end += 1;
  return source.slice(at, end);
}
