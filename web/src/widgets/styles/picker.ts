/** Selects, date pickers, and what floats beside them. */
import { css } from "lit";

export const pickerStyles = css`
  .w-picker {
    position: relative;
    display: inline-block;
    min-inline-size: min(12rem, 100%);
    max-inline-size: 100%;
  }

  .w-picker[data-block],
  :is(.w-form, .w-card-body).w-col > .w-picker {
    display: block;
    inline-size: 100%;
  }

  .w-trigger {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: calc(var(--ck-space) * 2);
    cursor: pointer;
    user-select: none;
  }

  .w-trigger-value {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .w-trigger[data-empty] .w-trigger-value {
    color: var(--ck-text-3);
  }

  .w-trigger-sign {
    display: inline-flex;
    flex: none;
    font-size: 16px;
    color: var(--ck-text-3);
  }

  .w-trigger[data-variant="solid"] {
    --w-fill: var(--ck-surface-hover);
    --w-edge: transparent;
    font-weight: 500 !important;
  }

  .w-trigger[data-variant="ghost"] {
    --w-fill: transparent;
    --w-edge: transparent;
  }

  .w-trigger[data-variant="ghost"]:hover:enabled {
    --w-fill: var(--ck-surface-hover);
    --w-edge: transparent;
  }

  .w-trigger[data-clearable] {
    padding-inline-end: 34px;
  }

  .w-clear {
    position: absolute;
    inset-block: 0;
    inset-inline-end: 4px;
    margin-block: auto;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    inline-size: 26px;
    block-size: 26px;
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-full);
    background: none;
    color: var(--ck-text-3);
    cursor: pointer;
  }

  .w-clear:hover {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .w-popover {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: calc(var(--ck-space) * 1.5);
    max-inline-size: calc(100vw - 16px);
    border: 0;
    border-radius: min(var(--ck-radius-md), 14px);
    background: var(--ck-surface-raised);
    color: var(--ck-text);
    box-shadow: var(--ck-shadow-md);
    font-size: calc(var(--ck-size) * 0.9375);
    overflow: hidden;
    animation: w-open var(--ck-fast) var(--ck-ease);
  }

  @keyframes w-open {
    from {
      opacity: 0;
      transform: translateY(-4px);
    }
  }

  .w-select-panel:popover-open {
    display: flex;
    flex-direction: column;
  }

  .w-frame .w-options {
    flex: 1 1 auto;
    min-block-size: 0;
    max-block-size: 20rem;
    padding: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    list-style: none;
  }

  .w-option {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: calc(var(--ck-space) * 3);
    min-block-size: 34px;
    padding: 6px calc(var(--ck-space) * 2.5);
    border-radius: min(var(--ck-radius-sm), 8px);
    cursor: pointer;
  }

  .w-option[data-active] {
    background: var(--ck-surface-hover);
  }

  .w-option[aria-selected="true"] {
    font-weight: 500;
  }

  .w-option[aria-disabled] {
    color: var(--ck-text-3);
    cursor: not-allowed;
  }

  .w-option-text {
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .w-option-description {
    font-size: calc(var(--ck-size) * 0.8125);
    font-weight: 400;
    color: var(--ck-text-2);
  }

  .w-no-options {
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 2.5);
    color: var(--ck-text-2);
  }

  .w-search {
    display: flex;
    flex: none;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    margin-block-end: calc(var(--ck-space) * 1.5);
    padding-inline: calc(var(--ck-space) * 2.5);
    border-block-end: 1px solid var(--ck-border);
    color: var(--ck-text-3);
  }

  .w-frame .w-search input {
    flex: 1 1 auto;
    min-inline-size: 0;
    inline-size: 6rem;
    block-size: 36px;
    padding: 0;
    border: 0;
    background: none;
    color: var(--ck-text);
  }

  .w-frame .w-search input:focus-visible {
    outline: 0;
  }

  .w-search:focus-within {
    border-block-end-color: var(--ck-focus, var(--ck-accent));
  }

  .w-calendar {
    padding: calc(var(--ck-space) * 3);
    overflow: auto;
  }

  .w-calendar-head {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 1);
    margin-block-end: calc(var(--ck-space) * 2);
  }

  .w-turn {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    inline-size: 32px;
    block-size: 32px;
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-full);
    background: none;
    color: var(--ck-text-2);
    cursor: pointer;
  }

  :is(.w-turn, .w-day, .w-chooser):hover:where(:enabled, [aria-disabled]) {
    background: var(--ck-surface-hover);
  }

  .w-chooser {
    flex: 1 1 auto;
    min-inline-size: 0;
    block-size: 32px;
    padding: 0 4px;
    border: 0;
    border-radius: min(var(--ck-radius-sm), 8px);
    background: none;
    color: var(--ck-text);
    font-weight: 600 !important;
    text-align: center;
    text-align-last: center;
    appearance: none;
    cursor: pointer;
  }

  .w-chooser option {
    background: var(--ck-surface-raised);
    color: var(--ck-text);
    font-weight: 400;
  }

  .w-days {
    border-collapse: collapse;
    margin-inline: auto;
    font-variant-numeric: tabular-nums;
  }

  .w-days :is(th, td) {
    padding: 1px;
    text-align: center;
  }

  .w-days th {
    block-size: 28px;
    font-size: calc(var(--ck-size) * 0.75);
    font-weight: 500;
    color: var(--ck-text-3);
  }

  .w-day {
    inline-size: 34px;
    block-size: 34px;
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-full);
    background: none;
    color: var(--ck-text);
    font-size: calc(var(--ck-size) * 0.875) !important;
    cursor: pointer;
  }

  .w-day[data-other] {
    color: var(--ck-text-3);
  }

  .w-day[aria-current] {
    box-shadow: inset 0 0 0 1px var(--ck-border-strong);
    font-weight: 600 !important;
  }

  .w-frame .w-day[aria-pressed="true"] {
    background: var(--ck-accent);
    color: var(--ck-on-accent);
    font-weight: 600 !important;
  }

  .w-day[aria-disabled] {
    opacity: 0.4;
    text-decoration: line-through;
    cursor: not-allowed;
  }

  .w-calendar-foot {
    display: flex;
    justify-content: center;
    margin-block-start: calc(var(--ck-space) * 2);
  }

  .w-link {
    min-block-size: 28px;
    padding: 0 calc(var(--ck-space) * 2);
    border: 0;
    border-radius: min(var(--ck-radius-sm), 8px);
    background: none;
    color: var(--ck-accent-text);
    font-size: calc(var(--ck-size) * 0.875) !important;
    font-weight: 500 !important;
    cursor: pointer;
  }

  .w-link:hover:enabled {
    background: var(--ck-surface-hover);
  }

  .w-chart {
    display: block;
    inline-size: 100%;
    block-size: 220px;
    min-inline-size: 0;
    max-inline-size: 100%;
  }

  .w-row > .w-chart {
    flex: 1 1 0;
  }

  .w-chart:not(:defined) {
    border-radius: min(var(--ck-radius-md), 12px);
    background: var(--ck-surface-muted);
  }

  @media (forced-colors: active) {
    .w-popover {
      border: 1px solid CanvasText;
    }

    .w-option[data-active] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
