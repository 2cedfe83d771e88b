/** `&amp;` and its like as characters. The browser knows all their names, and is asked for a name alone, never for text of others. */
const COMMON = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  deg: "°",
  times: "×",
  middot: "·",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  rarr: "→",
  euro: "€",
};
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,31}));/g;

const named = new Map<string, string>(Object.entries(COMMON));

export function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(ENTITY, (entity, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name) return byName(name, entity);
    return character(decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hexadecimal ?? "", 16));
  });
}

function character(code: number): string {
  const isNone = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return isNone ? "\ufffd" : String.fromCodePoint(code);
}

function byName(name: string, entity: string): string {
  const known = named.get(name);
  if (known !== undefined) return known;
  const found = asked(entity);
  named.set(name, found);
  return found;
}

/** The entity itself, where there is none of this name or the page's policy does not allow to ask. */
function asked(entity: string): string {
  try {
    return new DOMParser().parseFromString(entity, "text/html").body.textContent ?? entity;
  } catch {
    return entity;
  }
}
