/** To which reading of a text each of its annotations belongs. */
import type { Annotation } from "../protocol/types";
import { type Cited, type Places, placesOf } from "./citations";
import type { Group, Reading } from "./document";

/** By reading; none for those without citations. An annotation without a place has none in the text. */
export function placesIn(
  groups: readonly Group[],
  text: string,
  annotations: readonly Annotation[],
): Map<Reading, Places> {
  const places = new Map<Reading, Places>();
  for (const [reading, citations] of byReading(groups, text, annotations)) {
    places.set(reading, placesOf(citations, reading.tokens, reading.source));
  }
  return places;
}

/** More of them nobody follows, and each is an element. */
const MOST = 2_000;

/** In the order of the text. */
function byReading(
  groups: readonly Group[],
  text: string,
  annotations: readonly Annotation[],
): Map<Reading, Cited[]> {
  const found = new Map<Reading, Cited[]>();
  const placed = annotations.filter(({ index }) => typeof index === "number" && !Number.isNaN(index));
  if (placed.length === 0) return found;
  const readings = groups.flat();
  let at = 0;
  for (const [annotation, offset] of inUnits(text, placed.slice(0, MOST))) {
    while ((readings[at + 1]?.start ?? offset) < offset) at += 1;
    const reading = readings[at];
    if (!reading) break;
    const cited = found.get(reading) ?? [];
    found.set(reading, cited);
    cited.push({ at: inSource(reading, text, offset), annotation });
  }
  return found;
}

/** Indices count characters; strings are read in units of 16 bits. One way through the text for all of them. */
function inUnits(text: string, annotations: readonly Annotation[]): [Annotation, offset: number][] {
  let characters = 0;
  let offset = 0;
  return annotations
    .toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
    .map(annotation => {
      const index = Math.floor(annotation.index ?? 0);
      while (characters < index && offset < text.length) {
        offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
        characters += 1;
      }
      return [annotation, offset];
    });
}

/** In what the lexer read, which has line feeds alone. */
function inSource({ start, repeated }: Reading, text: string, offset: number): number {
  const returns = text.slice(start, offset).match(/\r\n/g)?.length ?? 0;
  return repeated + offset - start - returns;
}
