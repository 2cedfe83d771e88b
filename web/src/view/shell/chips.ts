/** What goes with a message beside its text: the words that it answers, and files that the server has. */
import { css, html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";
import type { Composition } from "../../state/composition";

export function chips(composition: Composition, strings: Strings): TemplateResult | typeof nothing {
  const { quotedText, attachments } = composition.value;
  if (quotedText === null && attachments.length === 0) return nothing;
  const files = attachments.map(
    attachment => html`
      <li class="composer-file" part="attachment">
        ${icon(attachment.type === "image" ? "image" : "document")}
        <span class="composer-file-name" dir="auto">${attachment.name}</span>
        ${remove(strings.removeAttachment(attachment.name), () =>
          composition.change({
            attachments: composition.value.attachments.filter(one => one !== attachment),
          }),
        )}
      </li>
    `,
  );
  return html`
    ${quotedText === null ? nothing : quote(quotedText, composition, strings)}
    ${files.length ? html`<ul class="composer-files">${files}</ul>` : nothing}
  `;
}

function quote(words: string, composition: Composition, strings: Strings): TemplateResult {
  return html`
    <div class="composer-quote shell-slip" part="quote">
      <p class="composer-quote-words shell-words" dir="auto"><span class="shell-hidden">${strings.quote}</span> ${words}</p>
      ${remove(strings.removeQuote, () => composition.change({ quotedText: null }))}
    </div>
  `;
}

function remove(label: string, onRemove: () => void): TemplateResult {
  return html`
    <button type="button" class="shell-icon-button shell-small" aria-label=${label} title=${label} @click=${onRemove}>
      ${icon("close")}</button>
  `;
}

export const chipStyles = css`
  .composer-quote {
    align-items: start;
    margin: calc(var(--ck-space) * 2) calc(var(--ck-space) * 2) 0;
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 2);
    padding-inline-start: calc(var(--ck-space) * 3);
  }

  .composer-quote-words {
    flex: 1;
    min-inline-size: 0;
    padding-inline-start: calc(var(--ck-space) * 2.5);
    border-inline-start: 2px solid var(--ck-border-strong);
  }

  .composer-files {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--ck-space) * 1.5);
    margin: calc(var(--ck-space) * 2) calc(var(--ck-space) * 2) 0;
    padding: 0;
    list-style: none;
  }

  .composer-file {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 1.5);
    max-inline-size: 100%;
    padding-inline: calc(var(--ck-space) * 2.5) calc(var(--ck-space));
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-md), 14px);
    font-size: calc(var(--ck-size) * 0.86);
  }

  .composer-file-name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`;
