/** What is there before the first message: a greeting, and prompts to begin with. */
import type { StartScreenPrompt } from "@openai/chatkit";
import { css, html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { ViewContext } from "../context";

export function startScreen(
  { options, locale }: ViewContext,
  onPrompt: (prompt: StartScreenPrompt) => void,
): TemplateResult {
  const { greeting = locale.strings.greeting, prompts = [] } = options.startScreen ?? {};
  return html`
    <section class="start" part="start-screen">
      <div class="start-inside">
        <h2 class="start-greeting" part="greeting" dir="auto">${greeting}</h2>
        ${
          prompts.length
            ? html`<ul class="start-prompts" part="prompts" aria-label=${locale.strings.suggestions}>
              ${prompts.map(prompt => card(prompt, onPrompt))}
            </ul>`
            : nothing
        }
      </div>
    </section>
  `;
}

function card(prompt: StartScreenPrompt, onPrompt: (prompt: StartScreenPrompt) => void): TemplateResult {
  return html`
    <li>
      <button type="button" class="start-prompt" part="prompt" dir="auto" @click=${() => onPrompt(prompt)}>
        ${prompt.icon ? icon(prompt.icon) : nothing}<span class="start-label">${prompt.label}</span>
      </button>
    </li>
  `;
}

export const startStyles = css`
  .start {
    flex: 1;
    min-block-size: 0;
    display: flex;
    overflow: auto;
    overscroll-behavior: contain;
    padding: calc(var(--ck-space) * 6) calc(var(--ck-space) * 4);
  }

  .start-inside {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: calc(var(--ck-space) * 7);
    inline-size: 100%;
    max-inline-size: 44rem;
    margin: auto;
    animation: start-in 320ms var(--ck-ease) both;
  }

  @keyframes start-in {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
  }

  .start-greeting {
    margin: 0;
    font-size: clamp(calc(var(--ck-size) * 1.4), 4.2cqi, calc(var(--ck-size) * 1.8));
    font-weight: 600;
    letter-spacing: -0.02em;
    line-height: 1.25;
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }

  .start-prompts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
    gap: calc(var(--ck-space) * 2);
    inline-size: 100%;
    margin: 0;
    padding: 0;
    list-style: none;
  }

  .start-prompts > li {
    display: flex;
  }

  .start-prompt {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 3);
    inline-size: 100%;
    min-block-size: calc(var(--ck-space) * 13);
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 4);
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-lg), 18px);
    background: var(--ck-surface);
    color: var(--ck-text);
    font-size: calc(var(--ck-size) * 0.94);
    line-height: 1.4;
    text-align: start;
    cursor: pointer;
    transition:
      background var(--ck-fast) var(--ck-ease),
      border-color var(--ck-fast) var(--ck-ease);
  }

  .start-prompt:hover {
    border-color: transparent;
    background: var(--ck-surface-hover);
  }

  .start-prompt:active {
    background: var(--ck-surface-muted);
  }

  .start-prompt .icon {
    color: var(--ck-text-2);
    font-size: 1.2em;
  }

  .start-label {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
`;
