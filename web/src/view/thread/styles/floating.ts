import { css } from "lit";

export const floatingStyles = css`
  .thread-floating {
    position: fixed;
    inset: auto;
    inline-size: max-content;
    max-inline-size: min(22rem, calc(100vw - 16px));
    margin: 0;
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 3.5);
    border: 0;
    border-radius: var(--ck-radius-md);
    background: var(--ck-surface-raised);
    box-shadow: var(--ck-shadow-md);
    color: var(--ck-text);
    overflow-wrap: anywhere;
    animation: thread-appear var(--ck-fast) var(--ck-ease);
  }

  .thread-floating[data-is-tip] {
    padding: var(--ck-space) calc(var(--ck-space) * 2);
    border-radius: var(--ck-radius-sm);
    background: var(--ck-text);
    box-shadow: var(--ck-shadow-sm);
    color: var(--ck-surface);
    font-size: calc(var(--ck-size) * 0.8);
    line-height: 1.4;
    pointer-events: none;
  }

  .thread-card {
    display: block;
    color: inherit;
    text-decoration: none;
  }

  a.thread-card:hover .thread-source-title {
    text-decoration: underline;
  }

  @media (forced-colors: active) {
    .thread-floating {
      border: 1px solid;
    }
  }
`;
