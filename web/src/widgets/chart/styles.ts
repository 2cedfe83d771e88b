/** How charts look: they bring it with them. */
import { css } from "lit";

export const chartStyles = css`
  .w-figure {
    display: flex;
    flex-direction: column;
    gap: calc(var(--ck-space) * 3);
    block-size: 100%;
    margin: 0;
  }

  .w-plot {
    position: relative;
    flex: 1 1 auto;
    min-block-size: 80px;
    border-radius: var(--ck-radius-sm);
    touch-action: pan-y;
  }

  .w-svg {
    position: absolute;
    inset-block-start: 0;
    left: 0;
    direction: ltr;
    overflow: visible;
  }

  .w-grid {
    stroke: var(--ck-border);
    stroke-width: 1;
    shape-rendering: crispEdges;
  }

  .w-cursor {
    stroke: var(--ck-border-strong);
    stroke-width: 1;
    shape-rendering: crispEdges;
  }

  .w-band {
    fill: var(--ck-surface-hover);
  }

  .w-tick-label {
    fill: var(--ck-text-3);
    font-size: 12px;
    font-variant-numeric: tabular-nums;
  }

  .w-bar {
    transform-origin: 0 var(--w-zero);
    animation: w-rise 420ms var(--ck-ease);
    transition:
      opacity var(--ck-fast) var(--ck-ease),
      d var(--ck-slow) var(--ck-ease);
  }

  .w-bar[data-quiet] {
    opacity: 0.55;
  }

  @keyframes w-rise {
    from {
      transform: scaleY(0);
    }
  }

  .w-line {
    fill: none;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
    animation: w-write 600ms var(--ck-ease);
    transition: d var(--ck-slow) var(--ck-ease);
  }

  @keyframes w-write {
    from {
      stroke-dasharray: 1;
      stroke-dashoffset: 1;
    }
    to {
      stroke-dasharray: 1;
      stroke-dashoffset: 0;
    }
  }

  .w-area {
    animation: w-appear 600ms var(--ck-ease);
    transition: d var(--ck-slow) var(--ck-ease);
  }

  .w-point {
    stroke: var(--ck-surface-raised);
    stroke-width: 2;
  }

  .w-frame .w-legend {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: calc(var(--ck-space) * 1) calc(var(--ck-space) * 4);
    padding: 0;
    list-style: none;
    font-size: 12px;
    color: var(--ck-text-2);
  }

  .w-legend li {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }

  .w-swatch {
    flex: none;
    inline-size: 10px;
    block-size: 10px;
    border-radius: 3px;
  }

  .w-tip {
    position: absolute;
    inset-block-start: 4px;
    z-index: 1;
    min-inline-size: 8rem;
    max-inline-size: 70%;
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 2.5);
    border-radius: min(var(--ck-radius-sm), 10px);
    background: var(--ck-surface-raised);
    box-shadow: var(--ck-shadow-md);
    font-size: 12px;
    line-height: 1.5;
    pointer-events: none;
  }

  .w-tip-title {
    font-weight: 600;
    overflow-wrap: anywhere;
  }

  .w-tip-row {
    display: flex;
    align-items: center;
    gap: 6px;
    color: var(--ck-text-2);
  }

  .w-tip-value {
    margin-inline-start: auto;
    padding-inline-start: calc(var(--ck-space) * 3);
    color: var(--ck-text);
    font-weight: 500;
    font-variant-numeric: tabular-nums;
  }

  @media (forced-colors: active) {
    .w-tip {
      border: 1px solid CanvasText;
    }

    .w-swatch,
    .w-bar,
    .w-line,
    .w-area {
      forced-color-adjust: none;
    }
  }
`;
