/**
 * `<p ${styled({ "padding-block": "4px" })}>` sets styles through the CSSOM alone. Lit's `styleMap` writes the `style`
 * attribute when it draws for the first time, which a Content-Security-Policy without `unsafe-inline` forbids.
 */
import { noChange } from "lit";
import { Directive, type DirectiveParameters, directive, type ElementPart } from "lit/directive.js";

export type Styles = Readonly<Record<string, string | null>>;

class Styled extends Directive {
  private before: Styles = {};

  render(_styles: Styles): unknown {
    return noChange;
  }

  override update(part: ElementPart, [styles]: DirectiveParameters<this>): unknown {
    const { style } = part.element as HTMLElement;
    for (const name in this.before) if (styles[name] == null) style.removeProperty(name);
    for (const [name, value] of Object.entries(styles)) {
      if (value !== null && value !== this.before[name]) style.setProperty(name, value);
    }
    this.before = styles;
    return noChange;
  }
}

export const styled = directive(Styled);
