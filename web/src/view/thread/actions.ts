/** What one can do with an answer: copy it, judge it, have it written again. */

import { html, nothing, type TemplateResult } from "lit";
import type { Answer } from "./answers";
import { actionButton, copyButton } from "./button";
import type { ItemView } from "./view";

export interface AnswerView extends ItemView {
  feedback: "positive" | "negative" | null;
  isNewest: boolean;
}

export function actions(answer: Answer, view: AnswerView): TemplateResult | typeof nothing {
  const { options, strings, notes, note, isNewest } = view;
  const has = options.threadItemActions ?? {};
  const canRetry = has.retry === true && answer.userItemId !== null;
  if (answer.text === "" && !has.feedback && !canRetry) return nothing;
  return html`<div class="thread-actions" part="actions" role="group" aria-label=${strings.answerActions} ?data-newest=${isNewest}>
    ${
      answer.text
        ? copyButton(answer.text, strings, notes.hasCopied === true, hasCopied => note({ hasCopied }))
        : nothing
    }
    ${has.feedback ? thumbs(answer, view) : nothing} ${canRetry ? retry(answer, view) : nothing}
    ${canRetry && notes.confirms ? confirmation(answer, view) : nothing}
  </div>`;
}

function thumbs({ itemIds }: Answer, { session, strings, feedback }: AnswerView): TemplateResult {
  const thumb = (kind: "positive" | "negative", icon: string, label: string) =>
    actionButton({
      icon,
      label,
      isPressed: feedback === kind,
      onClick: () => void session.sendFeedback([...itemIds], kind),
    });
  return html`${thumb("positive", "thumbs-up", strings.goodAnswer)}${thumb("negative", "thumbs-down", strings.badAnswer)}`;
}

/** What came after an older answer would go with it: that is asked first. */
function retry(
  { userItemId }: Answer,
  { session, strings, note, isNewest, isResponding }: AnswerView,
): TemplateResult {
  return actionButton({
    icon: "rotate-ccw",
    label: strings.answerAgain,
    isDisabled: isResponding,
    onClick: () => (isNewest ? session.retry(userItemId ?? undefined) : note({ confirms: true })),
  });
}

function confirmation({ userItemId }: Answer, { session, strings, note }: AnswerView): TemplateResult {
  const again = () => {
    note({ confirms: false });
    session.retry(userItemId ?? undefined);
  };
  return html`<span class="thread-confirmation" role="alert">
    <span>${strings.answerAgainRemoves}</span>
    <button type="button" class="thread-button" part="button" @click=${again}>${strings.answerAgain}</button>
    <button type="button" class="thread-button" part="button" @click=${() => note({ confirms: false })}>
      ${strings.cancel}
    </button>
  </span>`;
}
