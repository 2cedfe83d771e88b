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

export function readImage(scan: Scan): null {
  return scan.source.charAt(scan.at + 1) === "[" ? open(scan, 2) : skip(scan, 1);
}

/** After a letter it is an index rather than a link. */
export function readBracket(scan: Scan): null {
  return WORD.test(scan.source.charAt(scan.at - 1)) ? skip(scan, 1) : open(scan, 1);
}

function open(scan: Scan, length: 1 | 2): null {
  scan.brackets.push({ at: scan.at, isImage: length === 2, openers: scan.openers.length });
  return skip(scan, length);
}

export function readLinkEnd(scan: Scan): Stop | null {
  const end = scan.at + 1;
  const bracket = scan.brackets.pop();
  scan.at = end;
  if (!bracket) return null;
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
