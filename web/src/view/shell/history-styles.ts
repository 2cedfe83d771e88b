/** How the history looks. */
import { css } from "lit";

export const historyStyles = css`
  .history-scrim {
    position: absolute;
    inset: 0;
    z-index: 3;
    background: rgb(0 0 0 / 0.28);
    opacity: 0;
    visibility: hidden;
    transition:
      opacity var(--ck-slow) var(--ck-ease),
      visibility 0s var(--ck-slow);
  }

  .history-panel {
    --from: 100%;
    position: absolute;
    inset-block: 0;
    inset-inline-end: 0;
    z-index: 4;
    display: flex;
    flex-direction: column;
    inline-size: min(22rem, 100%);
    outline: none;
    background: var(--ck-surface-raised);
    box-shadow: var(--ck-shadow-md);
    transform: translateX(var(--from));
    visibility: hidden;
    transition:
      transform var(--ck-slow) var(--ck-ease),
      visibility 0s var(--ck-slow);
  }

  @container chatkit (max-width: 26rem) {
    .history-panel {
      inline-size: 100%;
    }
  }

  .history-panel:dir(rtl) {
    --from: -100%;
  }

  .history-scrim[data-open] {
    opacity: 1;
    visibility: visible;
    transition: opacity var(--ck-slow) var(--ck-ease);
  }

  .history-panel[data-open] {
    transform: none;
    visibility: visible;
    transition: transform var(--ck-slow) var(--ck-ease);
  }

  .history-header {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 0.5);
    min-block-size: calc(var(--ck-space) * 13);
    padding-inline: calc(var(--ck-space) * 4.5) calc(var(--ck-space) * 2);
  }

  .history-title {
    flex: 1;
    margin: 0;
    font-size: calc(var(--ck-size) * 0.94);
    font-weight: 600;
  }

  .history-list {
    flex: 1;
    min-block-size: 0;
    overflow: auto;
    overscroll-behavior: contain;
    padding: 0 calc(var(--ck-space) * 2) calc(var(--ck-space) * 4);
    scrollbar-width: thin;
  }

  .history-day {
    margin: calc(var(--ck-space) * 4) 0 calc(var(--ck-space));
    padding-inline: calc(var(--ck-space) * 2.5);
    color: var(--ck-text-3);
    font-size: calc(var(--ck-size) * 0.78);
    font-weight: 600;
  }

  .history-day:first-child {
    margin-block-start: calc(var(--ck-space));
  }

  .history-threads {
    margin: 0;
    padding: 0;
    list-style: none;
  }

  .history-threads > li {
    content-visibility: auto;
    contain-intrinsic-size: auto calc(var(--ck-space) * 9.5);
  }

  .history-row {
    display: flex;
    align-items: center;
    padding-inline-end: calc(var(--ck-space));
    border-radius: min(var(--ck-radius-md), 14px);
    transition: background var(--ck-fast) var(--ck-ease);
  }

  .history-row:hover,
  .history-row:focus-within {
    background: var(--ck-surface-muted);
  }

  .history-row[data-current] {
    background: var(--ck-surface-hover);
  }

  .history-row[data-busy] {
    opacity: 0.5;
    pointer-events: none;
  }

  .history-thread {
    flex: 1;
    min-inline-size: 0;
    min-block-size: calc(var(--ck-space) * 9.5);
    padding: calc(var(--ck-space)) calc(var(--ck-space) * 2.5);
    border: 0;
    border-radius: inherit;
    background: none;
    overflow: hidden;
    color: inherit;
    font-size: calc(var(--ck-size) * 0.9);
    text-align: start;
    text-overflow: ellipsis;
    white-space: nowrap;
    cursor: pointer;
  }

  .history-thread:focus-visible {
    outline-offset: -2px;
  }

  .history-row chatkit-menu {
    opacity: 0;
  }

  .history-row:is(:hover, :focus-within, [data-current]) chatkit-menu {
    opacity: 1;
  }

  @media (hover: none) {
    .history-row chatkit-menu {
      opacity: 1;
    }
  }

  .history-field {
    gap: calc(var(--ck-space));
    padding-inline-start: calc(var(--ck-space));
  }

  .history-question {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: calc(var(--ck-space) * 2);
    margin-block: calc(var(--ck-space));
    padding: calc(var(--ck-space) * 3);
    border-radius: min(var(--ck-radius-md), 14px);
    background: var(--ck-surface-muted);
    animation: start-in var(--ck-slow) var(--ck-ease);
  }

  .history-question p {
    flex-basis: 100%;
    margin: 0;
    font-size: calc(var(--ck-size) * 0.9);
    overflow-wrap: anywhere;
  }

  .history-failure {
    margin: 0;
    padding: calc(var(--ck-space)) calc(var(--ck-space) * 2.5);
    color: var(--ck-danger-text);
    font-size: calc(var(--ck-size) * 0.84);
  }

  .history-nothing {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: calc(var(--ck-space) * 1.5);
    padding: calc(var(--ck-space) * 12) calc(var(--ck-space) * 6);
    color: var(--ck-text-3);
    font-size: calc(var(--ck-size) * 0.88);
    text-align: center;
  }

  .history-nothing > .icon {
    margin-block-end: calc(var(--ck-space) * 2);
    font-size: 1.8em;
  }

  .history-nothing p {
    margin: 0;
    text-wrap: balance;
  }

  .history-nothing .history-nothing-title {
    color: var(--ck-text);
    font-size: calc(var(--ck-size) * 0.94);
    font-weight: 600;
  }

  .history-nothing .shell-button {
    margin-block-start: calc(var(--ck-space) * 3);
  }

  .history-skeleton {
    block-size: calc(var(--ck-space) * 4);
    margin: calc(var(--ck-space) * 2.75) calc(var(--ck-space) * 2.5);
    border-radius: var(--ck-radius-sm);
    background: var(--ck-surface-hover);
    animation: shell-pulse 1.4s ease-in-out infinite alternate;
  }

  .history-skeleton:nth-child(3n) {
    inline-size: 55%;
  }

  .history-skeleton:nth-child(3n + 1) {
    inline-size: 75%;
  }
`;
