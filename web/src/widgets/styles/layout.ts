/** The frame of a widget, and what boxes look like. */
import { css } from "lit";

export const layoutStyles = css`
  .w-frame {
    color: var(--ck-text);
    font-size: var(--ck-size);
    line-height: 1.5;
    position: relative;
    isolation: isolate;
    margin: -4px;
    padding: 4px; /* of what is clipped, for the rings around what has the focus */
    overflow: clip;
    border-radius: var(--ck-radius-lg);
    transition: opacity var(--ck-slow) var(--ck-ease);
    --w-edge-block-start: 0px;
    --w-edge-block-end: 0px;
    --w-edge-inline-start: 0px;
    --w-edge-inline-end: 0px;
  }

  .w-frame [data-scheme] {
    color: var(--ck-text);
  }

  .w-frame[inert] {
    opacity: 0.55;
  }

  .w-frame *,
  .w-frame *::before,
  .w-frame *::after {
    box-sizing: border-box;
  }

  .w-frame :is(p, h3, ul, hr, figure) {
    margin: 0;
  }

  .w-frame :is(button, input, textarea, select) {
    font: inherit;
    letter-spacing: inherit;
  }

  .w-frame :is(button, a, input, textarea, select, [tabindex]):focus-visible,
  .w-frame:focus-visible {
    outline: 2px solid var(--ck-focus, var(--ck-accent));
    outline-offset: 2px;
  }

  .w-note,
  .w-problem {
    margin: 0;
    font-size: calc(var(--ck-size) * 0.875);
    color: var(--ck-text-3);
  }

  .w-problem {
    margin-block-start: calc(var(--ck-space) * 2);
    color: var(--ck-danger-text);
  }

  .w-box {
    display: flex;
    min-inline-size: 0;
    max-inline-size: 100%;
  }

  .w-row {
    flex-direction: row;
    align-items: center;
  }

  .w-col {
    flex-direction: column;
  }

  .w-box[data-kind="Row"],
  .w-box[data-kind="Col"],
  .w-basic {
    gap: calc(var(--ck-space) * 2);
  }

  .w-form {
    gap: calc(var(--ck-space) * 3);
  }

  .w-form.w-row {
    flex-wrap: wrap;
    align-items: end;
  }

  .w-col > .w-box {
    flex-shrink: 0;
  }

  .w-spacer {
    flex: 1 1 0;
    min-inline-size: var(--w-least, 0);
    min-block-size: var(--w-least, 0);
  }

  .w-divider {
    flex: none;
    align-self: stretch;
    border: 0;
    background: var(--w-colour, var(--ck-border));
    block-size: var(--w-line, 1px);
    margin-block: var(--w-gap, var(--ck-space)) !important;
  }

  .w-row > .w-divider {
    block-size: auto;
    inline-size: var(--w-line, 1px);
    margin-block: 0 !important;
    margin-inline: var(--w-gap, var(--ck-space)) !important;
  }

  .w-flush {
    margin-inline: calc(-1 * var(--w-edge-inline-start)) calc(-1 * var(--w-edge-inline-end)) !important;
  }

  .w-image.w-flush {
    max-inline-size: none;
    border-radius: 0;
  }

  .w-col > .w-image.w-flush:first-child {
    margin-block-start: calc(-1 * var(--w-edge-block-start));
  }

  .w-col > .w-image.w-flush:last-child {
    margin-block-end: calc(-1 * var(--w-edge-block-end));
  }

  .w-transition {
    display: block;
  }

  .w-unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (forced-colors: active) {
    .w-divider {
      background: CanvasText;
    }
  }
`;
