/** How the composer looks. */
import { css } from "lit";

export const composerStyles = css`
  chatkit-composer {
    display: block;
  }

  .composer {
    --composer-radius: min(var(--ck-radius-lg), 26px);
    border: 1px solid var(--ck-border);
    border-radius: var(--composer-radius);
    background: var(--ck-surface-raised);
    box-shadow: var(--ck-shadow-sm);
    cursor: text;
    transition: border-color var(--ck-fast) var(--ck-ease);
  }

  .composer:hover {
    border-color: color-mix(in srgb, var(--ck-border), var(--ck-border-strong));
  }

  .composer:focus-within {
    border-color: var(--ck-border-strong);
  }

  .composer-inside {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: end;
  }

  .composer-text {
    grid-column: 1 / -1;
    display: block;
    inline-size: 100%;
    min-block-size: calc(var(--ck-size) * 1.5 + var(--ck-space) * 6.5);
    max-block-size: max(6.5rem, 40cqb);
    margin: 0;
    padding: calc(var(--ck-space) * 3.25) calc(var(--ck-space) * 4.5);
    border: 0;
    border-radius: var(--composer-radius);
    background: none;
    color: var(--ck-text);
    caret-color: var(--ck-focus);
    font-size: max(var(--ck-size), 16px); /* smaller makes iOS zoom */
    line-height: 1.5;
    resize: none;
    overflow: auto;
    outline: none;
    field-sizing: content;
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }

  .composer-text::placeholder {
    color: var(--ck-text-3);
    opacity: 1;
  }

  .composer:not([data-bar]) .composer-text {
    grid-column: 1;
    padding-inline-end: calc(var(--ck-space));
  }

  .composer-bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--ck-space));
    min-inline-size: 0;
    padding-block-end: calc(var(--ck-space) * 2);
    padding-inline-start: calc(var(--ck-space) * 2.5);
  }

  chatkit-menu:not(:defined) {
    inline-size: calc(var(--ck-space) * 9);
    block-size: calc(var(--ck-space) * 9);
  }

  .composer-gap {
    flex: 1;
  }

  .composer-model {
    max-inline-size: 100%;
  }

  .composer-model-label {
    overflow: hidden;
    line-height: 1.5;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .composer-end {
    display: flex;
    gap: calc(var(--ck-space) * 1.5);
    padding: calc(var(--ck-space) * 2);
  }

  .composer-button {
    display: grid;
    place-items: center;
    inline-size: calc(var(--ck-space) * 9);
    block-size: calc(var(--ck-space) * 9);
    padding: 0;
    border: 1px solid transparent;
    border-radius: var(--ck-radius-control);
    background: var(--ck-accent);
    color: var(--ck-on-accent);
    font-size: calc(var(--ck-size) * 1.2);
    cursor: pointer;
    transition:
      background var(--ck-slow) var(--ck-ease),
      color var(--ck-slow) var(--ck-ease),
      opacity var(--ck-fast) var(--ck-ease),
      transform var(--ck-fast) var(--ck-ease);
  }

  .composer-button .icon {
    animation: composer-morph var(--ck-slow) var(--ck-ease);
  }

  .composer-button[data-what="stop"] .icon {
    font-size: 0.8em;
  }

  @keyframes composer-morph {
    from {
      opacity: 0;
      transform: scale(0.6);
    }
  }

  .composer-button:hover:not([aria-disabled="true"]) {
    opacity: 0.88;
  }

  .composer-button:active:not([aria-disabled="true"]) {
    transform: scale(0.94);
  }

  .composer-button[aria-disabled="true"] {
    background: var(--ck-surface-hover);
    color: var(--ck-text-3);
    cursor: default;
  }

  .composer-button[data-what="stop"]:not(:only-child) {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .composer-closed {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 3);
    padding: calc(var(--ck-space) * 2.5);
    padding-inline-start: calc(var(--ck-space) * 4.5);
    background: var(--ck-surface-muted);
    box-shadow: none;
    cursor: default;
  }

  .composer-closed > .icon {
    color: var(--ck-text-3);
  }

  .composer-reason {
    flex: 1;
    min-inline-size: 0;
    margin: 0;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.92);
    line-height: 1.45;
    overflow-wrap: anywhere;
  }

  @container chatkit (max-width: 24rem) {
    .composer .shell-chip[aria-pressed="false"] .shell-chip-label {
      display: none;
    }
  }

  @media (pointer: coarse) {
    .composer-button {
      inline-size: 44px;
      block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .composer-button {
      border-color: ButtonText;
    }
  }
`;
