/** What has a box of its own in a text: tables, which scroll in it, and what can be opened. */
import { css } from "lit";

export const boxStyles = css`
  .markdown .table {
    max-inline-size: 100%;
    overflow-x: auto;
    overscroll-behavior-inline: contain;
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-md), 12px);
  }

  .markdown table {
    inline-size: max-content;
    min-inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9063em;
    line-height: 1.5;
    font-variant-numeric: tabular-nums;
    overflow-wrap: break-word;
  }

  .markdown :is(th, td) {
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 3.5);
    text-align: start;
    vertical-align: top;
  }

  .markdown td {
    max-inline-size: 22em;
    border-block-start: 1px solid var(--ck-border);
  }

  .markdown th {
    background: var(--ck-surface-muted);
    font-weight: 600;
    vertical-align: bottom;
  }

  .markdown .align-center {
    text-align: center;
  }

  .markdown .align-right {
    text-align: end;
  }

  .markdown caption {
    padding: calc(var(--ck-space) * 2);
    color: var(--ck-text-2);
  }

  .markdown details {
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-md), 12px);
    padding-inline: 1em;
  }

  .markdown summary {
    margin-inline: -1em;
    padding: calc(var(--ck-space) * 2.25) 1em;
    border-radius: inherit;
    font-weight: 550;
    cursor: pointer;
  }

  .markdown summary:hover {
    background: var(--ck-surface-hover);
  }

  .markdown summary::marker {
    color: var(--ck-text-3);
  }

  .markdown details[open] {
    padding-block-end: 0.85em;
  }

  .markdown details > summary + * {
    margin-block-start: 0.35em;
  }

  .markdown :is(a, summary, pre, .table, .formula-box):focus-visible {
    outline: 2px solid var(--ck-accent);
    outline-offset: 2px;
  }
`;
