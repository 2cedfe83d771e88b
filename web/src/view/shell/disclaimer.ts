/** A few words of the page's own below the composer. */
import { css, html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { markdown } from "../../markdown";
import type { ViewContext } from "../context";

export function disclaimer({ options, locale, emit }: ViewContext): TemplateResult | typeof nothing {
  const { text, highContrast = false } = options.disclaimer ?? {};
  if (!text) return nothing;
  const words = (): TemplateResult =>
    markdown(text, {
      strings: locale.strings,
      streaming: false,
      allowedImageDomains: undefined,
      onDeepLink: (name, data) => emit("deeplink", { name, data }),
    });
  return html`<div class="disclaimer" part="disclaimer" ?data-high-contrast=${highContrast}>
    ${guard([text, locale.strings, emit], words)}
  </div>`;
}

export const disclaimerStyles = css`
  .disclaimer {
    padding-block-start: calc(var(--ck-space) * 2);
    color: var(--ck-text-3);
    font-size: calc(var(--ck-size) * 0.78);
    line-height: 1.45;
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }

  .disclaimer[data-high-contrast] {
    color: var(--ck-text);
  }

  .disclaimer p {
    margin: 0;
  }

  .disclaimer a {
    color: inherit;
  }
`;
