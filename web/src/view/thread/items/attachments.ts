/** What came with a user's message: images as such, other files by name. */

import { html, type TemplateResult } from "lit";
import { icon } from "../../../icons";
import type { Attachment } from "../../../protocol/types";
import { imageUrl, linkUrl } from "../urls";
import type { ItemView } from "../view";
import { words } from "../words";

export function attachments(all: readonly Attachment[], view: ItemView): TemplateResult {
  return html`<ul class="thread-attachments" part="attachments">
    ${all.map(attachment => html`<li>${attached(attachment, view)}</li>`)}
  </ul>`;
}

function attached(attachment: Attachment, view: ItemView): TemplateResult {
  const url = attachment.type === "image" ? imageUrl(attachment.preview_url, view.imageDomains) : null;
  return url === null ? file(attachment, view) : image(url, attachment, view);
}

function file(attachment: Attachment, { strings }: ItemView): TemplateResult {
  const name = words(attachment.name) || strings.attachment;
  return html`<span class="thread-file">
    <span class="thread-file-icon">${icon(attachment.type === "image" ? "image" : "file-text")}</span>
    <span class="thread-file-name" dir="auto">${name}</span>
  </span>`;
}

/** An image that cannot be loaded is a file. */
function image(url: string, attachment: Attachment, view: ItemView): TemplateResult {
  const name = words(attachment.name);
  const shown = html`<img
    class="thread-thumbnail"
    src=${url}
    alt=${name || view.strings.attachment}
    decoding="async"
    @error=${({ target }: Event) => (target as Element).closest("li")?.setAttribute("data-failed", "")}
  />`;
  const link = linkUrl(url);
  return html`
    ${
      link === null
        ? shown
        : html`<a class="thread-thumbnail-link" href=${link} target="_blank" rel="noopener noreferrer">${shown}</a>`
    }
    ${file(attachment, view)}
  `;
}
