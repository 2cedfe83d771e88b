/** A theme in effect: its sheet, and its fonts. */

import type { ChatKitOptions } from "@openai/chatkit";
import { Fonts } from "./fonts";
import { type Scheme, schemeOf, themeCss, themeOf } from "./index";

export class Appearance {
  readonly sheet = new CSSStyleSheet();
  scheme: Scheme = "light";
  private readonly fonts = new Fonts();
  private css = "";

  /** `onFailure` is told of fonts that cannot be loaded. */
  use(theme: ChatKitOptions["theme"], onFailure: (family: string, error: unknown) => void): void {
    this.scheme = schemeOf(theme);
    const css = themeCss(theme);
    if (css !== this.css) this.sheet.replaceSync(css);
    this.css = css;
    const sources = themeOf(theme).typography?.fontSources ?? [];
    this.fonts.use(sources, ({ family }, error) => onFailure(family, error));
  }
}
