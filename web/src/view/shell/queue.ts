/** Messages that wait above the composer: those for after the answer, and those that did not arrive. */
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../../icons";
import type { Outgoing } from "../../state/chat";
import { textOf } from "../../state/tags";
import type { ViewContext } from "../context";
import { reasonOf } from "../problem";

export function queue(
  { state, session, locale: { strings } }: ViewContext,
  onTakenBack: (message: Outgoing) => void,
): TemplateResult | typeof nothing {
  const messages = state.outgoing.filter(message => message.state !== "sending");
  if (messages.length === 0) return nothing;
  const takeBack = (key: string): void => {
    const message = session.takeBack(key);
    if (message !== null) onTakenBack(message);
  };
  const reason = ({ problem, state: how }: Outgoing): TemplateResult | typeof nothing =>
    how === "failed"
      ? html`<p class="queue-reason" role="alert">
          ${icon("circle-alert")}<span>${strings.notSent}. ${problem ? reasonOf(problem, strings) : nothing}</span>
        </p>`
      : nothing;
  const again = (key: string): TemplateResult => html`
    <button type="button" class="shell-text-button" part="queue-button" @click=${() => session.sendAgain(key)}>
      ${strings.sendAgain}</button>
  `;
  const later = html`<span class="queue-later" title=${strings.waiting}>
    ${icon("clock")}<span class="shell-hidden">${strings.waiting}</span>
  </span>`;
  return html`
    <ul class="queue" part="queue" aria-label=${strings.waitingMessages}>
      ${repeat(
        messages,
        message => message.key,
        message => html`
          <li class="queue-message shell-slip" part="queue-message" data-state=${message.state}>
            <div class="queue-text">
              <p class="shell-words" dir="auto">${textOf(message.input.content).slice(0, 500)}</p>
              ${reason(message)}
            </div>
            ${message.state === "failed" ? again(message.key) : later}
            <button type="button" class="shell-text-button" part="queue-button"
              @click=${() => takeBack(message.key)}>${strings.takeBack}</button>
          </li>
        `,
      )}
    </ul>
  `;
}

export const queueStyles = css`
  .queue {
    display: flex;
    flex-direction: column;
    gap: calc(var(--ck-space) * 1.5);
    max-block-size: 30cqb;
    margin: 0 0 calc(var(--ck-space) * 2);
    padding: 0;
    overflow: auto;
    list-style: none;
  }

  .queue-message {
    padding-block: calc(var(--ck-space) * 1.5);
    padding-inline: calc(var(--ck-space) * 4) calc(var(--ck-space) * 2);
    animation: queue-in var(--ck-slow) var(--ck-ease);
  }

  @keyframes queue-in {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
  }

  .queue-later {
    display: inline-flex;
    position: relative;
    color: var(--ck-text-3);
  }

  .queue-text {
    flex: 1;
    min-inline-size: 0;
  }

  .queue-reason {
    display: flex;
    align-items: baseline;
    gap: calc(var(--ck-space) * 1.5);
    margin: calc(var(--ck-space) * 0.5) 0 0;
    color: var(--ck-danger-text);
    font-size: 0.92em;
  }

  .queue-reason .icon {
    align-self: center;
  }

  .queue-message[data-state="failed"] {
    background: var(--ck-danger-soft);
  }

  .queue-message[data-state="failed"] .shell-words {
    color: var(--ck-text);
  }

  @container chatkit (max-width: 24rem) {
    .queue-message[data-state="failed"] {
      flex-wrap: wrap;
    }

    .queue-message[data-state="failed"] .queue-text {
      flex-basis: 100%;
    }
  }
`;
