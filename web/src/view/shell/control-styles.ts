/** The few controls that the parts of the chat share. */
import { css } from "lit";

export const controlStyles = css`
  .shell-icon-button,
  .shell-text-button,
  .shell-button,
  .shell-chip {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: calc(var(--ck-space) * 1.5);
    min-block-size: calc(var(--ck-space) * 8.5);
    border: 1px solid transparent;
    border-radius: var(--ck-radius-control);
    background: none;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.88);
    font-weight: 500;
    line-height: 1.2;
    cursor: pointer;
    transition:
      background var(--ck-fast) var(--ck-ease),
      color var(--ck-fast) var(--ck-ease);
  }

  .shell-icon-button {
    flex: none;
    inline-size: calc(var(--ck-space) * 9);
    min-block-size: calc(var(--ck-space) * 9);
    padding: 0;
    font-size: calc(var(--ck-size) * 1.15);
  }

  .shell-icon-button.shell-small {
    inline-size: calc(var(--ck-space) * 7);
    min-block-size: calc(var(--ck-space) * 7);
    font-size: var(--ck-size);
  }

  .shell-text-button,
  .shell-chip {
    max-inline-size: 100%;
    min-inline-size: 0;
    padding-inline: calc(var(--ck-space) * 2.5);
  }

  .shell-text-button {
    flex: none;
  }

  chatkit-menu .shell-text-button {
    flex: 0 1 auto;
  }

  .shell-button {
    padding-inline: calc(var(--ck-space) * 4);
    border-color: var(--ck-border);
    background: var(--ck-surface-raised);
    color: var(--ck-text);
  }

  .shell-button.shell-danger {
    border-color: transparent;
    background: var(--ck-danger);
    color: var(--ck-on-danger);
  }

  [aria-expanded="true"]:is(.shell-icon-button, .shell-text-button) {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  @media (hover: hover) {
    .shell-icon-button:hover,
    .shell-text-button:hover,
    .shell-chip:hover,
    .shell-button:not(.shell-danger):hover {
      background: var(--ck-surface-hover);
      color: var(--ck-text);
    }

    .shell-button.shell-danger:hover {
      opacity: 0.9;
    }
  }

  .shell-chip[aria-pressed="true"],
  .shell-chip[data-chosen] {
    background: var(--ck-accent-soft);
    color: var(--ck-accent-text);
  }

  .shell-chip-label {
    overflow: hidden;
    line-height: 1.5;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .shell-chip .icon {
    font-size: 1.15em;
  }

  .shell-input {
    flex: 1;
    min-inline-size: 0;
    block-size: calc(var(--ck-space) * 9.5);
    padding-inline: calc(var(--ck-space) * 2.5);
    border: 1px solid var(--ck-border-strong);
    border-radius: min(var(--ck-radius-md), 12px);
    background: var(--ck-surface);
    font-size: calc(var(--ck-size) * 0.9);
  }

  .shell-input:focus-visible {
    outline-offset: -1px;
  }

  @media (pointer: coarse) {
    .shell-icon-button,
    .shell-icon-button.shell-small {
      inline-size: 44px;
      min-block-size: 44px;
    }

    .shell-text-button,
    .shell-button,
    .shell-chip {
      min-block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .shell-chip[aria-pressed="true"],
    .shell-chip[data-chosen],
    .shell-button {
      border-color: ButtonText;
    }
  }

  /* Words that are kept beside what is being written, and what can be done with them. */
  .shell-slip {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    border-radius: min(var(--ck-radius-lg), 16px);
    background: var(--ck-surface-muted);
    font-size: calc(var(--ck-size) * 0.9);
  }

  .shell-words {
    display: -webkit-box;
    margin: 0;
    overflow: hidden;
    color: var(--ck-text-2);
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
`;
