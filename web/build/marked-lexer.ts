/**
 * Of `marked`, what makes tokens of a text alone: what makes HTML of tokens comes after it in its one file, has effects
 * when it is loaded (so that bundlers keep it), and is never used here.
 */

import type { Plugin } from "vite";

const USED = ["Lexer", "Tokenizer", "getDefaults"];

export function markedLexer(): Plugin {
  return {
    name: "marked-lexer",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("/marked.esm.js")) return null;
      const exported = /\bexport\{([^}]+)\};?\s/.exec(code)?.[1]?.split(",") ?? [];
      const names = new Map(exported.map(one => one.split(" as ").toReversed() as [string, string]));
      const end = code.indexOf(`var ${names.get("Renderer")}=class`);
      if (end < 0) this.error("marked is made in another way than it was: see what of it is to be left out");
      return {
        code: `${code.slice(0, end)}export{${USED.map(name => `${names.get(name)} as ${name}`)}};`,
        map: null,
      };
    },
  };
}
