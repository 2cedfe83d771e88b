import { css } from "lit";

export const questionStyles = css`
  .thread-questions {
    padding: calc(var(--ck-space) * 4) calc(var(--ck-space) * 5);
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-lg), 20px);
    background: var(--ck-surface-raised);
  }

  .thread-questions fieldset {
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }

  .thread-questions-all {
    display: flex;
    flex-direction: column;
    gap: calc(var(--ck-space) * 5);
  }

  .thread-questions-all:disabled {
    opacity: 0.6;
  }

  .thread-question legend,
  .thread-question-label {
    display: block;
    margin-block-end: calc(var(--ck-space) * 2);
    padding: 0;
    font-weight: 600;
    line-height: 1.45;
  }

  .thread-question-hint {
    margin: calc(var(--ck-space) * -1.5) 0 calc(var(--ck-space) * 2);
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
  }

  .thread-choice {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2.5);
    min-block-size: calc(var(--ck-space) * 9);
    margin-inline: calc(var(--ck-space) * -2);
    padding-inline: calc(var(--ck-space) * 2);
    border-radius: var(--ck-radius-sm);
    cursor: pointer;
    transition: background var(--ck-fast) var(--ck-ease);
  }

  .thread-choice:hover {
    background: var(--ck-surface-hover);
  }

  .thread-choice > input:is([type="radio"], [type="checkbox"]) {
    flex: none;
    inline-size: 1.1em;
    block-size: 1.1em;
    margin: 0;
    accent-color: var(--ck-accent);
  }

  .thread-choice > input[type="text"],
  .thread-question > textarea {
    flex: 1;
    inline-size: 100%;
    min-inline-size: 0;
    padding: calc(var(--ck-space) * 1.5) calc(var(--ck-space) * 3);
    border: 1px solid var(--ck-border-strong);
    border-radius: min(var(--ck-radius-control), 12px);
    background: var(--ck-surface);
    font-size: max(16px, calc(var(--ck-size) * 0.95));
  }

  .thread-choice > input[type="text"]::placeholder {
    color: var(--ck-text-3);
    opacity: 1;
  }

  .thread-question > textarea {
    display: block;
    max-block-size: 16rem;
    resize: vertical;
    field-sizing: content;
    min-block-size: 4.2em;
  }

  .thread-questions-buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: calc(var(--ck-space) * 2);
  }

  .thread-answered {
    margin: 0;
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 4);
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-lg), 16px);
    font-size: calc(var(--ck-size) * 0.95);
  }

  .thread-answered dt {
    color: var(--ck-text-2);
    font-size: 0.9em;
  }

  .thread-answered dt:not(:first-child) {
    margin-block-start: calc(var(--ck-space) * 2.5);
  }

  .thread-answered dd {
    margin: 0;
    white-space: pre-wrap;
  }

  .thread-answered dd[data-skipped] {
    color: var(--ck-text-3);
  }

  @media (pointer: coarse) {
    .thread-choice {
      min-block-size: 44px;
    }
  }
`;
