/** A thread that is not there yet, and one that does not come. */

import { html, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { ViewContext } from "../context";
import { reasonOf } from "../problem";

/** Widths of the lines that stand for what is to come: a message, an answer. */
const LINES = ["message", "92", "78", "85", "40"] as const;

export function skeleton(label: string, turns: number): TemplateResult {
  return html`<div class="thread-skeleton" role="status" aria-label=${label}>
    ${Array.from({ length: turns }, () => LINES.map(width => html`<div data-line=${width}></div>`))}
  </div>`;
}

export function loadProblem({ state, session, locale }: ViewContext): TemplateResult {
  const { strings } = locale;
  const problem = state.loadProblem;
  const isGone = problem?.status === 404;
  const again = () => void session.fetchUpdates().catch(() => undefined); // it is shown here again
  const another = () => void session.openThread(null);
  return html`<div class="thread-problem" part="error" role="alert">
    ${icon(isGone ? "message-square" : "circle-alert")}
    <p class="thread-problem-title">${isGone ? strings.threadGone : strings.threadFailed}</p>
    ${isGone || problem === null ? "" : html`<p>${reasonOf(problem, strings)}</p>`}
    <button type="button" class="thread-button" part="button" data-primary @click=${isGone ? another : again}>
      ${isGone ? strings.newChat : strings.tryAgain}
    </button>
  </div>`;
}
