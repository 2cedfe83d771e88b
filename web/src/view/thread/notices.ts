/** What the server says beside the conversation. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import { markdown } from "../../markdown";
import type { Notice } from "../../state/conversation";
import { actionButton } from "./button";
import type { ItemView } from "./view";
import { words } from "./words";

const ICONS = { info: "info", warning: "triangle-alert", danger: "circle-alert" };

export function notice({ event, key }: Notice, view: ItemView): TemplateResult {
  const { strings, imageDomains, widgets, session } = view;
  const level = Object.hasOwn(ICONS, event.level) ? event.level : "info";
  return html`<div class="thread-notice" part="notice" data-level=${level} dir="auto">
    ${icon(ICONS[level])}
    <div class="thread-notice-body">
      ${words(event.title) ? html`<p class="thread-notice-title">${words(event.title)}</p>` : nothing}
      ${markdown(words(event.message), { strings, streaming: false, allowedImageDomains: imageDomains, onDeepLink: widgets.onDeepLink })}
    </div>
    ${actionButton({ icon: "x", label: strings.dismiss, onClick: () => session.dismissNotice(key) })}
  </div>`;
}
