/** The fonts that a theme names, loaded for the page: a shadow root has none of its own. */

import type { FontObject } from "@openai/chatkit";

export class Fonts {
  private readonly faces = new Map<string, FontFace>();

  /** Loads those that are new, and gives up those that are no longer named. `onFailure` gets what cannot be loaded. */
  use(sources: readonly FontObject[], onFailure: (source: FontObject, error: unknown) => void): void {
    if (typeof FontFace === "undefined" || document.fonts === undefined) return;
    const wanted = new Map(sources.map(source => [JSON.stringify(source), source]));
    for (const [key, face] of this.faces) {
      if (wanted.has(key)) continue;
      document.fonts.delete(face);
      this.faces.delete(key);
    }
    for (const [key, source] of wanted) {
      if (this.faces.has(key)) continue;
      const face = faceOf(source);
      this.faces.set(key, face);
      document.fonts.add(face);
      face.load().catch((error: unknown) => onFailure(source, error));
    }
  }
}

function faceOf({ family, src, weight, style, display, unicodeRange }: FontObject): FontFace {
  return new FontFace(family, `url(${JSON.stringify(src)})`, {
    ...(weight === undefined ? {} : { weight: String(weight) }),
    ...(style === undefined ? {} : { style }),
    ...(unicodeRange === undefined ? {} : { unicodeRange }),
    display: display ?? "swap",
  });
}
