/** Takes out of templates and styles the white space that only people read: minifiers leave template literals alone. */

import type { Plugin } from "vite";

const TAGS = new Set(["css", "html", "svg"]);

interface Part {
  start: number;
  end: number;
}

function compact(text: string, tag: string): string {
  const spaced = text.replace(/\s*\n\s*/g, tag === "css" ? " " : "\n");
  if (tag !== "css") return spaced;
  return spaced
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};]) ?/g, "$1")
    .replace(/;}/g, "}");
}

/** The static parts of all templates in a program, with their tags. */
function partsOf(node: unknown): [Part, string][] {
  if (typeof node !== "object" || node === null) return [];
  return [...ownParts(node), ...Object.values(node).flatMap(partsOf)];
}

function ownParts(node: object): [Part, string][] {
  const { type, tag, quasi } = node as { type?: string; tag?: { name?: string }; quasi?: { quasis: Part[] } };
  const name = type === "TaggedTemplateExpression" ? (tag?.name ?? "") : "";
  return TAGS.has(name) ? (quasi?.quasis ?? []).map(part => [part, name]) : [];
}

export function compactTemplates(): Plugin {
  return {
    name: "compact-templates",
    apply: "build",
    enforce: "post",
    transform(code, id) {
      if (!id.includes("/web/src/")) return null;
      let compacted = code;
      for (const [{ start, end }, tag] of partsOf(this.parse(code)).sort(([a], [b]) => b.start - a.start))
        compacted = compacted.slice(0, start) + compact(code.slice(start, end), tag) + compacted.slice(end);
      return { code: compacted, map: null };
    },
  };
}
