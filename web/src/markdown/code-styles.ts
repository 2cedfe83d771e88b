/** Code in a line, and in a block with its colours: those of the theme's meanings, which can be read in both schemes. */
import { css } from "lit";

export const codeStyles = css`
  .markdown :is(code, samp) {
    padding: 0.15em 0.36em;
    border-radius: min(var(--ck-radius-sm), 0.4em);
    background: var(--ck-surface-muted);
    font-family: var(--ck-font-mono);
    font-size: 0.875em;
    font-variant-ligatures: none;
  }

  .markdown :is(h3, h4, h5, h6, th) code {
    font-weight: inherit;
  }

  .markdown a code {
    color: inherit;
  }

  .markdown pre code {
    padding: 0;
    background: none;
    font-size: inherit;
  }

  .markdown .code {
    display: block;
    overflow: hidden;
    border: 1px solid var(--ck-border);
    border-radius: min(var(--ck-radius-md), 14px);
    background: var(--ck-surface-muted);
  }

  .markdown .code-head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: calc(var(--ck-space) * 2);
    min-block-size: 36px;
    padding-inline: calc(var(--ck-space) * 4) calc(var(--ck-space) * 1.5);
    color: var(--ck-text-2);
    font-size: 0.8125em;
    line-height: 1;
  }

  .markdown .code-language {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }

  .markdown .code-copy {
    display: inline-flex;
    flex: none;
    align-items: center;
    gap: 0.45em;
    min-block-size: 28px;
    padding-inline: 0.6em;
    border: 0;
    border-radius: min(var(--ck-radius-control), 8px);
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
    transition:
      background-color var(--ck-fast) var(--ck-ease),
      color var(--ck-fast) var(--ck-ease);
  }

  .markdown .code-copy:hover {
    background: var(--ck-surface-hover);
    color: var(--ck-text);
  }

  .markdown .code-copy:focus-visible {
    outline: 2px solid var(--ck-accent);
    outline-offset: -2px;
  }

  @media (pointer: coarse) {
    .markdown .code-copy {
      min-block-size: 44px;
    }
  }

  .markdown .code-status {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .markdown pre {
    overflow-x: auto;
    overscroll-behavior-inline: contain;
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 4);
    border-radius: min(var(--ck-radius-sm), 8px);
    background: var(--ck-surface-muted);
    font-family: var(--ck-font-mono);
    font-size: 0.8438em;
    line-height: 1.6;
    white-space: pre;
    overflow-wrap: normal;
    tab-size: 2;
    text-align: start;
  }

  .markdown .code pre {
    padding-block: calc(var(--ck-space) * 1) calc(var(--ck-space) * 3.5);
    background: none;
  }

  .markdown .code pre:focus-visible {
    outline-offset: -2px;
  }

  .markdown .code-part {
    display: block;
  }

  .hljs-comment,
  .hljs-quote {
    color: var(--ck-text-2);
    font-style: italic;
  }

  .hljs-keyword,
  .hljs-literal,
  .hljs-selector-tag,
  .hljs-doctag,
  .hljs-template-tag,
  .hljs-template-variable {
    color: var(--ck-discovery-text);
  }

  .hljs-string,
  .hljs-regexp,
  .hljs-addition,
  .hljs-meta .hljs-string {
    color: var(--ck-success-text);
  }

  .hljs-number,
  .hljs-symbol,
  .hljs-bullet,
  .hljs-link,
  .hljs-built_in,
  .hljs-type,
  .hljs-title.class_ {
    color: var(--ck-warning-text);
  }

  .hljs-title,
  .hljs-section,
  .hljs-attr,
  .hljs-attribute,
  .hljs-property,
  .hljs-selector-id,
  .hljs-selector-class {
    color: var(--ck-info-text);
  }

  .hljs-tag,
  .hljs-name,
  .hljs-deletion,
  .hljs-selector-attr,
  .hljs-selector-pseudo {
    color: var(--ck-danger-text);
  }

  .hljs-meta,
  .hljs-operator,
  .hljs-punctuation {
    color: var(--ck-text-2);
  }

  .hljs-addition {
    background: var(--ck-success-soft);
  }

  .hljs-deletion {
    background: var(--ck-danger-soft);
  }

  .hljs-emphasis {
    font-style: italic;
  }

  .hljs-strong,
  .hljs-section {
    font-weight: 600;
  }
`;
