/**
 * Icons by ChatKit's names, by Lucide's own as far as the interface uses them, and by `lucide:*` for all of Lucide. What
 * the interface does not use itself is fetched when it is first needed. Names come from servers too: one that is none draws nothing.
 */
import { css, html, nothing, type TemplateResult } from "lit";
import { draw } from "./draw";
import "./lucide";
import { type IconName, shapeOf } from "./names";

export type { IconName };

const ELSEWHERE = /^(lucide:)?[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** An icon for the eye alone (`aria-hidden`), as large as the text beside it; nothing for a name that is none. */
export function icon(name: IconName | (string & {})): TemplateResult | typeof nothing {
  const shape = shapeOf(name);
  if (shape) return draw(shape, name);
  return typeof name === "string" && ELSEWHERE.test(name)
    ? html`<chatkit-icon .name=${name}></chatkit-icon>`
    : nothing;
}

/** What points along the line of text points the other way where that runs from right to left. */
export const iconStyles = css`
  .icon {
    flex: none;
  }

  chatkit-icon {
    display: inline-flex;
    flex: none;
  }

  .icon:is(
      [data-icon="arrow-left"],
      [data-icon="arrow-right"],
      [data-icon="back-large"],
      [data-icon="back-small"],
      [data-icon="chevron-left"],
      [data-icon="chevron-right"],
      [data-icon="external-link"]
    ):dir(rtl) {
    transform: scaleX(-1);
  }
`;
