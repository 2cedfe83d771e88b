/**
 * The text of a line that is still being written, as if what is open at its end were complete: `**bo` is bold, half a link
 * is a link, and what cannot be told yet (`[te`, `<su`, a lone star) is left out until it can. It gets the text of one block,
 * after the lexer has found the blocks: stars of lists and the like are not here any more.
 */
import { readBracket, readImage, readLinkEnd, readUrl } from "./mend-links";
import { readBackslash, readBackticks, readDollar, readEntity, readMarks, readTag } from "./mend-marks";
import { isNear, type Scan, type Stop } from "./mend-scan";

type Read = (scan: Scan) => Stop | null;

const SPECIAL = /[\\`$<&![\]*_~]|(?<![\p{L}\p{N}])(?:https?:\/\/|www\.)/gu;

const readers: Record<string, Read> = {
  "\\": readBackslash,
  "`": readBackticks,
  $: readDollar,
  "<": readTag,
  "&": readEntity,
  "!": readImage,
  "[": readBracket,
  "]": readLinkEnd,
  "*": readMarks,
  _: readMarks,
  "~": readMarks,
};

export function mend(source: string): string {
  const scan: Scan = { source, at: 0, hidden: new Set(), openers: [], brackets: [] };
  const stop = read(scan) ?? { cut: source.length };
  return closed(scan, withoutBrackets(scan, stop));
}

function read(scan: Scan): Stop | null {
  for (;;) {
    SPECIAL.lastIndex = scan.at;
    const match = SPECIAL.exec(scan.source);
    if (!match) return null;
    scan.at = match.index;
    const stop = (readers[match[0]] ?? readUrl)(scan);
    if (stop) return stop;
  }
}

/** Of brackets that are still open the text is shown as it will be in a link; of an image nothing. */
function withoutBrackets(scan: Scan, stop: Stop): Stop {
  for (const { at, isImage, isIndex, openers } of scan.brackets) {
    if (isIndex || at >= stop.cut || !isNear(scan, at)) continue;
    if (isImage) {
      scan.openers.length = Math.min(scan.openers.length, openers);
      return { cut: at };
    }
    scan.hidden.add(at);
  }
  return stop;
}

/** Where more marks stand open than that, they are not meant as such. */
const MOST = 12;

function closed(scan: Scan, { cut, close = "" }: Stop): string {
  const visible = (from: number, to: number) => {
    let text = "";
    for (let at = from; at < to; at += 1) if (!scan.hidden.has(at)) text += scan.source.charAt(at);
    return text;
  };
  const marks: string[] = [];
  let end = cut;
  let isEmpty = close === "";
  for (const { at, mark, size, length } of scan.openers.length > MOST ? [] : scan.openers.toReversed()) {
    if (at >= end || (size === 1 && !isNear(scan, at))) continue;
    if (isEmpty && visible(at + size, end).trim() === "") {
      end = at;
      continue;
    }
    isEmpty = false;
    marks.push(mark.repeat(length));
  }
  const text = visible(0, end);
  return marks.length > 0 ? (close ? text : text.trimEnd()) + close + marks.join("") : text + close;
}
