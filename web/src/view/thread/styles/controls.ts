import { css } from "lit";

export const controlStyles = css`
  .thread-actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--ck-space) * 0.5);
    min-block-size: calc(var(--ck-space) * 8);
    margin-inline-start: calc(var(--ck-space) * -2);
    opacity: 0;
    transition: opacity var(--ck-fast) var(--ck-ease);
  }

  .thread-actions[data-newest],
  .thread-actions:hover,
  .thread-actions:focus-within,
  .thread-item:hover .thread-actions,
  .thread-item:hover + .thread-actions {
    opacity: 1;
  }

  .thread-action {
    display: inline-grid;
    place-items: center;
    flex: none;
    inline-size: calc(var(--ck-space) * 8);
    block-size: calc(var(--ck-space) * 8);
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-control);
    background: none;
    color: var(--ck-text-3);
    font-size: calc(var(--ck-size) * 1);
    cursor: pointer;
    transition:
      background var(--ck-fast) var(--ck-ease),
      color var(--ck-fast) var(--ck-ease);
  }

  .thread-action:hover:enabled {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .thread-action:disabled {
    opacity: 0.5;
    cursor: default;
  }

  .thread-action[aria-pressed="true"] {
    color: var(--ck-accent-text);
  }

  .thread-action[aria-pressed="true"] .icon {
    fill: color-mix(in srgb, currentColor 20%, transparent);
  }

  .thread-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    min-block-size: calc(var(--ck-space) * 8);
    padding-inline: calc(var(--ck-space) * 3.5);
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-control);
    background: var(--ck-surface-raised);
    color: var(--ck-text);
    font-size: calc(var(--ck-size) * 0.875);
    font-weight: 500;
    cursor: pointer;
    transition: background var(--ck-fast) var(--ck-ease);
  }

  .thread-button:hover:enabled {
    background: var(--ck-surface-hover);
  }

  .thread-button[data-primary] {
    border-color: transparent;
    background: var(--ck-accent);
    color: var(--ck-on-accent);
  }

  .thread-button[data-primary]:hover:enabled {
    background: color-mix(in srgb, var(--ck-accent) 88%, var(--ck-on-accent));
  }

  .thread-button:disabled {
    background: var(--ck-surface-muted);
    color: var(--ck-text-3);
    cursor: default;
  }

  .thread-disclosure {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--ck-space) * 1.5);
    max-inline-size: 100%;
    min-block-size: calc(var(--ck-space) * 7);
    margin-inline-start: calc(var(--ck-space) * -2);
    padding: var(--ck-space) calc(var(--ck-space) * 2);
    border: 0;
    border-radius: min(var(--ck-radius-control), 14px);
    background: none;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
    line-height: 1.4;
    text-align: start;
    cursor: pointer;
    transition:
      background var(--ck-fast) var(--ck-ease),
      color var(--ck-fast) var(--ck-ease);
  }

  .thread-disclosure:hover {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .thread-disclosure > .icon {
    flex: none;
    font-size: 1.05em;
  }

  .thread-disclosure > .icon:last-child {
    color: var(--ck-text-3);
    transition: transform var(--ck-slow) var(--ck-ease);
  }

  .thread-disclosure[aria-expanded="true"] > .icon:last-child {
    transform: rotate(180deg);
  }

  .thread-chips {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--ck-space) * 1.5);
    padding-block: var(--ck-space);
  }

  .thread-chip {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--ck-space) * 1.25);
    min-inline-size: 0;
    max-inline-size: min(100%, 18rem);
    min-block-size: 24px;
    padding: 2px calc(var(--ck-space) * 2.25);
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-control);
    background: none;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.8);
    line-height: 1.4;
    text-decoration: none;
  }

  .thread-chip[data-query] {
    border-color: transparent;
    background: var(--ck-surface-muted);
  }

  .thread-chip > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  a.thread-chip,
  button.thread-chip {
    cursor: pointer;
  }

  :is(a, button).thread-chip:hover {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .thread-confirmation {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    flex-basis: 100%;
    padding-inline-start: calc(var(--ck-space) * 2);
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
  }

  @media (hover: none) {
    .thread-actions {
      opacity: 1;
    }
  }

  @media (pointer: coarse) {
    .thread-action {
      inline-size: 44px;
      block-size: 44px;
    }

    .thread-button,
    .thread-disclosure {
      min-block-size: 44px;
    }

    .thread-chip {
      min-block-size: 32px;
    }
  }

  @media (forced-colors: active) {
    .thread-action[aria-pressed="true"] {
      outline: 1px solid;
    }

    .thread-button[data-primary] {
      border-color: ButtonText;
    }
  }
`;
