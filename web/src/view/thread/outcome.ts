/** How an answer ended, where it did not end well, and whether the thread still takes messages. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";
import { Problem } from "../../protocol/problem";
import type { Conversation, Failure } from "../../state/conversation";
import type { ViewContext } from "../context";
import { reasonOf } from "../problem";

export function outcome({ state, session, locale }: ViewContext): TemplateResult | typeof nothing {
  const { conversation, responding } = state;
  if (responding) return nothing;
  if (conversation.failure !== null) {
    return failure(conversation.failure, locale.strings, () => session.retry());
  }
  const line = endOf(conversation, locale.strings);
  return line === "" ? nothing : html`<p class="thread-quiet" part="outcome">${line}</p>`;
}

function failure({ canRetry, ...failed }: Failure, strings: Strings, retry: () => void): TemplateResult {
  return html`<div class="thread-failure" part="error" role="alert">
    ${icon("circle-alert")}
    <p dir="auto">${failureText(failed, strings)}</p>
    ${
      canRetry
        ? html`<button type="button" class="thread-button" part="button" @click=${retry}>${strings.tryAgain}</button>`
        : nothing
    }
  </div>`;
}

const STATUS = new Map(
  Object.entries({
    network: 0,
    not_a_chat_server: 200,
    missing_user: 401,
    missing_token: 401,
    invalid_token: 401,
    local_only: 401,
    user_mismatch: 403,
    thread_not_found: 404,
    item_not_found: 404,
    run_not_found: 404,
    attachment_not_found: 404,
    run_active: 409,
    thread_locked: 409,
    item_state: 409,
    too_large: 413,
    queue_full: 429,
    overloaded: 503,
    draining: 503,
    not_initialized: 503,
  }),
);

/** A server's own words only where they are meant for users. */
export function failureText({ code, message }: Omit<Failure, "canRetry">, strings: Strings): string {
  if (code === "custom" && message) return message;
  const status = STATUS.get(code);
  return status === undefined ? strings.answerFailed : reasonOf(new Problem(code, status, ""), strings);
}

export function endOf({ ended }: Conversation, strings: Strings): string {
  if (ended?.status === "cancelled") return strings.answerStopped;
  return ended?.status === "interrupted" ? strings.answerInterrupted : "";
}
