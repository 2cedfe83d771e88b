import { css } from "lit";

/** What is around the widgets. */
export const galleryStyles = css`
  :host {
    display: block;
    min-block-size: 100vh;
    box-sizing: border-box;
    padding: 24px max(16px, calc(50% - 23rem));
    background: var(--ck-surface);
    color: var(--ck-text);
    font-family: var(--ck-font);
    font-size: var(--ck-size);
    line-height: 1.6;
  }

  section {
    margin-block-end: 28px;
  }

  h1 {
    margin: 0 0 16px;
    font-size: 20px;
    line-height: 1.3;
  }

  h2 {
    margin: 0 0 8px;
    font-size: 12px;
    font-weight: 500;
    letter-spacing: 0.02em;
    color: var(--ck-text-3);
  }
`;
