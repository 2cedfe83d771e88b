/** What the whole chat stands on, and the few controls that its parts share. */
import { css } from "lit";

export const baseStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    position: relative;
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 12rem;
    overflow: clip;
    background: var(--ck-surface);
    color: var(--ck-text);
    font: 400 var(--ck-size) / 1.5 var(--ck-font);
    -webkit-font-smoothing: antialiased;
    text-size-adjust: 100%;
    -webkit-tap-highlight-color: transparent;
  }

  :host([hidden]) {
    display: none;
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  :where(button, input, textarea, select) {
    color: inherit;
    font: inherit;
    letter-spacing: inherit;
  }

  :focus-visible {
    outline: 2px solid var(--ck-focus);
    outline-offset: 2px;
  }

  [data-scheme] {
    color: var(--ck-text);
  }

  /* As large as the element, whatever display the page gives that. */
  .root {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    isolation: isolate;
    container: chatkit / size;
  }

  .main {
    flex: 1;
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }

  .footer {
    inline-size: 100%;
    max-inline-size: calc(46rem + var(--ck-space) * 8);
    margin-inline: auto;
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 4)
      max(calc(var(--ck-space) * 3), env(safe-area-inset-bottom));
  }

  @container chatkit (max-width: 26rem) {
    .footer {
      padding-inline: calc(var(--ck-space) * 2.5);
    }
  }

  .shell-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  /* --- controls */

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

  .shell-icon-button:hover,
  .shell-text-button:hover,
  .shell-chip:hover,
  .shell-button:not(.shell-danger):hover,
  [aria-expanded="true"]:is(.shell-icon-button, .shell-text-button) {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .shell-button.shell-danger:hover {
    opacity: 0.9;
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

  @keyframes shell-pulse {
    from {
      opacity: 0.5;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      transition-duration: 0.01ms !important;
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
    }
  }
`;
