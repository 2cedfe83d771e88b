/** An image that the assistant makes: blurred while it is made. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../../icons";
import type { GeneratedImageItem } from "../../../protocol/types";
import { styled } from "../../../widgets/styled";
import { imageUrl, linkUrl } from "../urls";
import type { ItemView } from "../view";

const MOST_BLUR = 28;

export function generatedImage(item: GeneratedImageItem, view: ItemView): TemplateResult {
  const url = imageUrl(item.image?.url, view.imageDomains);
  const hasFailed = view.notes.hasFailed === true || (url === null && (item.image || !view.isGrowing));
  if (hasFailed) return failure(view);
  const done = view.isGrowing ? Math.min(1, Math.max(0, Number(item.progress) || 0)) : 1;
  return html`<figure class="thread-image" part="image" ?data-growing=${done < 1}>
    ${url === null ? nothing : picture(url, done, view)}
    ${done < 1 ? progress(done, view) : nothing}
  </figure>`;
}

function picture(url: string, done: number, { strings, note }: ItemView): TemplateResult {
  const image = html`<img
    src=${url}
    alt=${done < 1 ? strings.imageInProgress : strings.generatedImage}
    decoding="async"
    ${styled({ filter: done < 1 ? `blur(${Math.round((1 - done) * MOST_BLUR)}px)` : null })}
    @error=${() => note({ hasFailed: true })}
  />`;
  const link = done < 1 ? null : linkUrl(url);
  if (link === null) return image;
  return html`<a href=${link} target="_blank" rel="noopener noreferrer">${image}</a>`;
}

function progress(done: number, { strings }: ItemView): TemplateResult {
  return html`<div
    class="thread-image-progress"
    role="progressbar"
    aria-label=${strings.imageInProgress}
    aria-valuenow=${Math.round(done * 100)}
  >
    <div ${styled({ "inline-size": `${Math.round(done * 100)}%` })}></div>
  </div>`;
}

function failure({ strings }: ItemView): TemplateResult {
  return html`<p class="thread-quiet">${icon("image")}<span>${strings.imageFailed}</span></p>`;
}
