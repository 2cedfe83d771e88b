/** Words, badges, icons, images and tables. */
import { css } from "lit";

export const textStyles = css`
  /* Words are in their own direction, at the side that the page begins at. */
  :is(
      .w-text,
      .w-title,
      .w-caption,
      .w-label,
      .w-badge,
      .w-status-text,
      .w-button-label,
      .w-trigger-value,
      .w-input,
      .w-editable
    ) {
    unicode-bidi: plaintext;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }

  :is(.w-text, .w-title, .w-caption, .w-label) {
    min-inline-size: 0;
    overflow-wrap: anywhere;
    white-space: pre-line;
  }

  :is(.w-row > *, .w-table *):is(.w-text, .w-title, .w-caption, .w-label) {
    overflow-wrap: break-word;
  }

  .w-title {
    font-weight: 600;
    line-height: 1.25;
    letter-spacing: -0.011em;
    text-wrap: balance;
  }

  .w-caption {
    color: var(--ck-text-2);
    line-height: 1.4;
  }

  .w-label {
    font-weight: 500;
    line-height: 1.4;
  }

  :is(.w-card-body, .w-form.w-col) > .w-label + * {
    margin-block-start: calc(var(--ck-space) * -1);
  }

  .w-truncate {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }

  .w-clamp {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: var(--w-lines);
    line-clamp: var(--w-lines);
  }

  .w-markdown {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .w-fresh {
    animation: w-appear 240ms var(--ck-ease);
  }

  @keyframes w-appear {
    from {
      opacity: 0;
    }
  }

  .w-badge {
    --w-solid: var(--ck-text-2);
    --w-on: var(--ck-surface);
    --w-soft: color-mix(in srgb, var(--ck-text) 7%, transparent);
    --w-ink: var(--ck-text-2);
    display: inline-flex;
    flex: none;
    max-inline-size: 100%;
    align-items: center;
    border: 1px solid transparent;
    border-radius: min(var(--ck-radius-sm), 6px);
    padding: 1px 7px;
    font-size: calc(var(--ck-size) * 0.75);
    font-weight: 500;
    line-height: 1.45;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    background: var(--w-soft);
    color: var(--w-ink);
  }

  .w-badge[data-size="md"] {
    padding: 2px 9px;
    font-size: calc(var(--ck-size) * 0.8125);
  }

  .w-badge[data-size="lg"] {
    padding: 3px 11px;
    font-size: calc(var(--ck-size) * 0.875);
  }

  .w-badge[data-pill] {
    border-radius: var(--ck-radius-full);
  }

  .w-badge[data-variant="solid"] {
    background: var(--w-solid);
    color: var(--w-on);
  }

  .w-badge[data-variant="outline"] {
    background: transparent;
    border-color: color-mix(in srgb, var(--w-solid) 40%, var(--ck-border));
  }

  .w-icon {
    display: inline-flex;
    flex: none;
    line-height: 1;
  }

  .w-image {
    position: relative;
    display: block;
    flex: none;
    max-inline-size: 100%;
    overflow: hidden;
    border-radius: min(var(--ck-radius-md), 10px);
    background-color: var(--ck-surface-muted);
    transition: background-color var(--ck-slow) var(--ck-ease);
  }

  .w-image[data-state="loaded"] {
    background-color: transparent;
  }

  .w-image > img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: var(--w-fit, cover);
    object-position: var(--w-position, center);
    transition: opacity var(--ck-slow) var(--ck-ease);
  }

  .w-image[data-state="loading"] > img {
    opacity: 0;
  }

  .w-framed {
    box-shadow: 0 0 0 1px var(--ck-border);
  }

  .w-image[data-state="missing"] {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: calc(var(--ck-space) * 2);
    min-block-size: 24px;
    padding: calc(var(--ck-space) * 2);
    color: var(--ck-text-3);
    font-size: calc(var(--ck-size) * 0.875);
    text-align: center;
  }

  .w-image a {
    color: var(--ck-accent-text);
    overflow-wrap: anywhere;
  }

  .w-table-frame {
    overflow-x: auto;
    max-inline-size: 100%;
    overscroll-behavior-inline: contain;
    border-radius: var(--ck-radius-sm);
  }

  .w-table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: calc(var(--ck-size) * 0.9375);
    font-variant-numeric: tabular-nums;
  }

  .w-table :is(th, td) {
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 3);
    border-block-end: 1px solid var(--ck-border);
    text-align: start;
    vertical-align: middle;
    font-weight: inherit;
  }

  .w-table :is(th, td):first-child {
    padding-inline-start: 0;
  }

  .w-table :is(th, td):last-child {
    padding-inline-end: 0;
  }

  .w-table tbody tr:last-child > * {
    border-block-end: 0;
  }

  .w-table th {
    font-size: calc(var(--ck-size) * 0.8125);
    font-weight: 500;
    color: var(--ck-text-2);
    white-space: nowrap;
  }

  .w-table th > * {
    font-size: inherit !important;
  }

  .w-table [data-align="center"] {
    text-align: center;
  }

  .w-table [data-align="end"] {
    text-align: end;
  }

  .w-table [data-valign="start"] {
    vertical-align: top;
  }

  .w-table [data-valign="end"] {
    vertical-align: bottom;
  }

  .w-table :is([data-align="center"], [data-align="end"]) > .w-box {
    justify-content: center;
  }

  .w-table [data-align="end"] > .w-box {
    justify-content: flex-end;
  }
`;
