/** A small button with an icon, and its name as a tip. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import { copyText } from "../../markdown";

export interface ActionButton {
  icon: string;
  label: string;
  onClick(): void;
  isPressed?: boolean;
  isDisabled?: boolean;
}

export function actionButton({
  icon: name,
  label,
  onClick,
  isPressed,
  isDisabled,
}: ActionButton): TemplateResult {
  return html`<button
    type="button"
    class="thread-action"
    part="action"
    aria-label=${label}
    data-tip=${label}
    aria-pressed=${isPressed === undefined ? nothing : isPressed}
    ?disabled=${isDisabled ?? false}
    @click=${onClick}
  >
    ${icon(name)}
  </button>`;
}

const COPIED_MS = 2000;

/** Copies, and says so for a while. `note` remembers that it did. */
export function copyButton(
  text: string,
  labels: { copy: string; copied: string },
  hasCopied: boolean,
  note: (hasCopied: boolean) => void,
): TemplateResult {
  const copy = async () => {
    if (!(await copyText(text))) return;
    note(true);
    setTimeout(() => note(false), COPIED_MS);
  };
  return actionButton({
    icon: hasCopied ? "check" : "copy",
    label: hasCopied ? labels.copied : labels.copy,
    onClick: () => void copy(),
  });
}
