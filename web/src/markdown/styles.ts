/** How text looks: generous lines, quiet marks, nothing wider than its place. */
import { css } from "lit";
import { boxStyles } from "./box-styles";
import { codeStyles } from "./code-styles";
import { formulaStyles } from "./formula-styles";

const prose = css`
  .markdown {
    min-inline-size: 0;
    line-height: 1.6;
    overflow-wrap: anywhere;
  }

  .markdown :where(p, ul, ol, dl, blockquote, pre, h3, h4, h5, h6, hr) {
    margin: 0;
  }

  .markdown .plain {
    white-space: pre-wrap;
  }

  .markdown-part > * + *,
  .markdown-part + .markdown-part {
    margin-block-start: 0.9em;
  }

  .markdown
    :where(li, blockquote, details, dd, td)
    > *
    + :where(p, ul, ol, dl, blockquote, pre, .code, .table, .formula-block) {
    margin-block-start: 0.6em;
  }

  .markdown :is(h3, h4, h5, h6) {
    font-weight: 650;
    line-height: 1.35;
    letter-spacing: -0.012em;
    text-wrap: balance;
  }

  .markdown-part > * + :is(h3, h4, h5, h6) {
    margin-block-start: 1.6em;
  }

  .markdown-part > :is(h3, h4, h5, h6) + * {
    margin-block-start: 0.55em;
  }

  .markdown .heading-1 {
    font-size: 1.375em;
    letter-spacing: -0.018em;
  }

  .markdown .heading-2 {
    font-size: 1.1875em;
  }

  .markdown :is(.heading-3, .heading-4) {
    font-size: 1.0313em;
  }

  .markdown .heading-4 {
    color: var(--ck-text-2);
  }

  .markdown strong {
    font-weight: 650;
  }

  .markdown a {
    color: var(--ck-accent-text);
    text-decoration: underline;
    text-decoration-color: color-mix(in srgb, currentColor 40%, transparent);
    text-decoration-thickness: max(1px, 0.0625em);
    text-underline-offset: 0.18em;
    border-radius: 2px;
    transition: text-decoration-color var(--ck-fast) var(--ck-ease);
  }

  .markdown a:hover {
    text-decoration-color: currentColor;
  }

  .markdown :is(ul, ol) {
    padding-inline-start: 1.625em;
  }

  .markdown li {
    padding-inline-start: 0.25em;
  }

  .markdown li + li {
    margin-block-start: 0.3em;
  }

  .markdown li:has(> :is(p, .code, .table, .formula-block)) + li {
    margin-block-start: 0.7em;
  }

  .markdown li > :is(ul, ol):not(p + *) {
    margin-block-start: 0.3em;
  }

  .markdown li::marker {
    color: var(--ck-text-3);
    font-variant-numeric: tabular-nums;
  }

  .markdown .task {
    list-style: none;
  }

  .markdown .task-box {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    inline-size: 1.0625em;
    block-size: 1.0625em;
    margin-inline: -1.6em 0.54em;
    border: 1.5px solid var(--ck-border-strong);
    border-radius: 0.25em;
    vertical-align: -0.15em;
    line-height: 1;
  }

  .markdown .task-box.is-done {
    border-color: var(--ck-accent);
    background: var(--ck-accent);
    color: var(--ck-on-accent);
  }

  .markdown .task-box .icon {
    inline-size: 0.8em;
    block-size: 0.8em;
    stroke-width: 3.5;
  }

  .markdown blockquote {
    padding-inline-start: 1.1em;
    border-inline-start: 3px solid var(--ck-border);
    color: var(--ck-text-2);
  }

  .markdown hr {
    block-size: 0;
    border: 0;
    border-block-start: 1px solid var(--ck-border);
  }

  .markdown-part > * + hr,
  .markdown-part > hr + * {
    margin-block-start: 1.6em;
  }

  .markdown img {
    max-inline-size: 100%;
    block-size: auto;
    border-radius: min(var(--ck-radius-md), 12px);
    vertical-align: middle;
  }

  .markdown :is(sub, sup) {
    font-size: 0.75em;
    line-height: 0;
  }

  .markdown mark {
    padding-inline: 0.15em;
    border-radius: 0.2em;
    background: var(--ck-warning-soft);
    color: inherit;
  }

  .markdown kbd {
    padding: 0.1em 0.4em;
    border: 1px solid var(--ck-border);
    border-block-end-width: 2px;
    border-radius: min(var(--ck-radius-sm), 0.375em);
    background: var(--ck-surface-raised);
    font: 0.8125em var(--ck-font-mono);
    white-space: nowrap;
  }

  .markdown dt {
    font-weight: 600;
  }

  .markdown dd {
    margin: 0;
    margin-inline-start: 1.5em;
  }
`;

export const markdownStyles = [prose, boxStyles, codeStyles, formulaStyles];
