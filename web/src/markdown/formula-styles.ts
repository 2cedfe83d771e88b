/** Formulas: MathML is laid out by the browser; what it does not know of TeX (strikes, boxes, columns) is drawn here. */
import { css } from "lit";

export const formulaStyles = css`
  .markdown .formula {
    display: inline;
  }

  .markdown .formula-block {
    display: block;
  }

  .markdown p .formula-block {
    margin-block: 0.6em;
  }

  .markdown .formula-box {
    display: block;
    overflow-x: auto;
    overflow-y: hidden;
    padding-block: 0.35em;
    text-align: center;
  }

  .markdown .formula-wait {
    display: inline-block;
    inline-size: min(16em, 60%);
    block-size: 2em;
    border-radius: min(var(--ck-radius-sm), 8px);
    background: var(--ck-surface-muted);
    vertical-align: middle;
    animation: markdown-wait 1.6s ease-in-out infinite alternate;
  }

  @keyframes markdown-wait {
    to {
      background: var(--ck-surface-hover);
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .markdown .formula-wait {
      animation: none;
    }
  }

  .markdown .tex {
    background: none;
    color: var(--ck-text-2);
    white-space: pre-wrap;
  }

  .markdown math {
    font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "Noto Sans Math", math;
    font-size: 1.08em;
    font-style: normal;
    font-weight: normal;
    line-height: normal;
    letter-spacing: normal;
    text-indent: 0;
    direction: ltr;
    font-feature-settings: "dtls" off;
  }

  .markdown math * {
    border-color: currentColor;
  }

  .markdown math.tml-display {
    display: block;
    inline-size: 100%;
  }

  .markdown :is(mfrac > :nth-child(2), msqrt, mover > :first-child) {
    math-shift: compact;
  }

  .markdown mtable.tml-jot > mtr > mtd {
    padding-block: 0.7ex;
  }

  .markdown mtable.tml-small mtd {
    padding-block: 0.35ex;
  }

  .markdown .tml-sml-pad {
    padding-inline-start: 0.05em;
  }

  .markdown .tml-med-pad {
    padding-inline-start: 0.1em;
  }

  .markdown .tml-lrg-pad {
    padding-inline-start: 0.15em;
  }

  .markdown .tml-right {
    text-align: -webkit-right;
    text-align: right;
  }

  .markdown .tml-left {
    text-align: -webkit-left;
    text-align: left;
  }

  .markdown :is(.menclose, menclose) {
    display: inline-block;
    position: relative;
    padding-block: 0.5ex;
  }

  .markdown .tml-cancel {
    display: inline-block;
    position: absolute;
    inset: 0;
    background: currentColor;
  }

  .markdown .upstrike {
    clip-path: polygon(0.05em 100%, 0 calc(100% - 0.05em), calc(100% - 0.05em) 0, 100% 0.05em);
  }

  .markdown .downstrike {
    clip-path: polygon(0 0.05em, 0.05em 0, 100% calc(100% - 0.05em), calc(100% - 0.05em) 100%);
  }

  .markdown .sout {
    clip-path: polygon(0 calc(55% + 0.033em), 0 calc(55% - 0.033em), 100% calc(55% - 0.033em), 100% calc(55% + 0.033em));
  }

  .markdown .tml-fbox {
    padding: 0.25em;
    border: 1px solid;
  }

  .markdown .tml-overline {
    padding-block-start: 0.1em;
    border-block-start: 0.065em solid;
  }

  .markdown .tml-underline {
    padding-block-end: 0.1em;
    border-block-end: 0.065em solid;
  }
`;
