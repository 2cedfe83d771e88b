/** Links and images that are still being written. */
import { isNear, type Scan, type Stop, skip } from "./mend-scan";

/** Where a link leads whose address has not arrived. */
export const PENDING = "chatkit-pending:";

const DESTINATION =
  /^\(\s*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)(?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?\s*\)/s;
const BEGUN_DESTINATION = /^\(\s*(?:<[^<>\n]*|[^\s<]\S*)?(?:\s+(?:"[^"]*"?|'[^']*'?)?)?\s*$/;
const REFERENCE = /^\[[^\]]*\]/;
const WORD = /[\p{L}\p{N}]/u;

/** Nothing in an address is a mark. */
export function readUrl(scan: Scan): null {
  return skip(scan, /^[^\s<]+/.exec(scan.source.slice(scan.at, scan.at + 4096))?.[0].length ?? 1);
}

/** Alone after a space it may begin an image; after a word it ends a sentence. */
export function readImage(scan: Scan): Stop | null {
  const next = scan.source.charAt(scan.at + 1);
  if (next === "[") return open(scan, 2);
  const isUndecided = next === "" && /^[\s[]?$/.test(scan.source.charAt(scan.at - 1));
  return isUndecided ? { cut: scan.at } : skip(scan, 1);
}

/** A text that is no more than this may become the box of a task. */
const TASK = /^\[(?:[ xX]?\]? ?)$/;

export function readBracket(scan: Scan): Stop | null {
  return scan.at === 0 && TASK.test(scan.source) ? { cut: 0 } : open(scan, 1);
}

function open(scan: Scan, length: 1 | 2): null {
  const { at, source, openers } = scan;
  const isIndex = length === 1 && WORD.test(source.charAt(at - 1));
  scan.brackets.push({ at, isImage: length === 2, isIndex, openers: openers.length });
  return skip(scan, length);
}

export function readLinkEnd(scan: Scan): Stop | null {
  const end = scan.at + 1;
  const bracket = scan.brackets.pop();
  scan.at = end;
  if (!bracket || bracket.isIndex) return null;
  const rest = scan.source.slice(end, end + 4096);
  const complete = DESTINATION.exec(rest) ?? REFERENCE.exec(rest);
  if (complete) {
    scan.openers.length = bracket.openers;
    scan.at = end + complete[0].length;
    return null;
  }
  const isBegun = rest === "" || /^\[[^\]]*$/.test(rest) || BEGUN_DESTINATION.test(rest);
  if (!isBegun || !isNear(scan, end)) return null;
  if (bracket.isImage) {
    scan.openers.length = bracket.openers;
    return { cut: bracket.at };
  }
  if (rest === "") {
    scan.hidden.add(bracket.at).add(end - 1);
    return null;
  }
  scan.openers.length = bracket.openers;
  return { cut: end, close: `(${PENDING})` };
}
