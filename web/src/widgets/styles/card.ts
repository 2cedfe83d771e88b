/** Cards and lists. */
import { css } from "lit";

export const cardStyles = css`
  .w-card {
    --w-edge-block-start: calc(var(--ck-space) * 4);
    --w-edge-block-end: calc(var(--ck-space) * 4);
    --w-edge-inline-start: calc(var(--ck-space) * 4);
    --w-edge-inline-end: calc(var(--ck-space) * 4);
    display: block;
    inline-size: 100%;
    max-inline-size: 480px;
    overflow: clip;
    border: 1px solid color-mix(in srgb, var(--ck-text) 11%, transparent);
    border-radius: min(var(--ck-radius-lg), 18px);
    background-color: var(--ck-surface-raised);
    background-origin: border-box;
  }

  .w-card[data-size="sm"] {
    max-inline-size: 360px;
  }

  .w-card[data-size="lg"] {
    max-inline-size: 640px;
  }

  .w-card[data-size="full"] {
    max-inline-size: none;
  }

  .w-card-body {
    gap: calc(var(--ck-space) * 3);
    padding: calc(var(--ck-space) * 4);
  }

  .w-status {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    inline-size: 100%;
    padding: calc(var(--ck-space) * 2.5) calc(var(--ck-space) * 4);
    border: 0;
    border-block-end: 1px solid var(--ck-border);
    background: none;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.8125) !important;
    font-weight: 500 !important;
    line-height: 1.4 !important;
    text-align: start;
  }

  .w-status > .icon {
    font-size: 16px;
  }

  .w-status-text {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .w-favicon {
    inline-size: 16px;
    block-size: 16px;
    border-radius: 4px;
    object-fit: cover;
  }

  .w-disclosure {
    cursor: pointer;
    transition: background-color var(--ck-fast) var(--ck-ease);
  }

  .w-disclosure:hover {
    background: var(--ck-surface-hover);
  }

  .w-disclosure:focus-visible {
    outline-offset: -2px !important;
    border-radius: inherit;
  }

  .w-disclosure[aria-expanded="false"] {
    border-block-end-color: transparent;
  }

  .w-chevron {
    display: inline-flex;
    margin-inline-start: auto;
    font-size: 16px;
    transition: transform var(--ck-slow) var(--ck-ease);
  }

  .w-disclosure[aria-expanded="true"] .w-chevron {
    transform: rotate(180deg);
  }

  .w-fold {
    display: grid;
    grid-template-rows: 1fr;
    transition:
      grid-template-rows var(--ck-slow) var(--ck-ease),
      visibility var(--ck-slow);
  }

  .w-fold[data-folded] {
    grid-template-rows: 0fr;
    visibility: hidden;
  }

  .w-fold-inside {
    min-block-size: 0;
    min-inline-size: 0;
  }

  .w-fold[data-folded] > .w-fold-inside {
    overflow: hidden;
  }

  .w-card-footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: calc(var(--ck-space) * 2);
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 4);
    border-block-start: 1px solid var(--ck-border);
  }

  .w-frame .w-list-items {
    list-style: none;
    padding: 0;
  }

  .w-list-item {
    position: relative;
    display: flex;
    align-items: center;
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 4);
  }

  .w-list-item + .w-list-item {
    border-block-start: 1px solid var(--ck-border);
  }

  .w-list-content {
    flex: 1 1 auto;
    gap: calc(var(--ck-space) * 3);
  }

  .w-list-content > .w-col {
    flex: 0 1 auto;
  }

  .w-pressable .w-list-content {
    position: relative;
    pointer-events: none;
  }

  .w-pressable .w-list-content :is(button, a, input, textarea, select, label) {
    pointer-events: auto;
  }

  .w-overlay {
    position: absolute;
    inset: 0;
    border: 0;
    background: none;
    cursor: pointer;
    transition: background-color var(--ck-fast) var(--ck-ease);
  }

  .w-overlay:hover {
    background: var(--ck-surface-hover);
  }

  .w-overlay:focus-visible {
    outline-offset: -2px !important;
    border-radius: var(--ck-radius-sm);
  }

  .w-overlay[aria-busy] {
    cursor: progress;
  }

  .w-list-item[data-busy] .w-list-content {
    opacity: 0.6;
  }

  .w-show-more {
    display: block;
    inline-size: 100%;
    min-block-size: 44px;
    border: 0;
    border-block-start: 1px solid var(--ck-border);
    background: none;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.875) !important;
    font-weight: 500 !important;
    cursor: pointer;
    transition: background-color var(--ck-fast) var(--ck-ease);
  }

  .w-show-more:hover {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .w-show-more:focus-visible {
    outline-offset: -2px !important;
  }

  .w-card .w-card {
    max-inline-size: none;
  }

  .w-card .w-list {
    border: 0;
    border-radius: 0;
    background: none;
  }
`;
