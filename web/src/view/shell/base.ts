/** What the whole chat stands on. */
import { css } from "lit";

export const baseStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    position: relative;
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 12rem;
    overflow: clip;
    background: var(--ck-surface);
    color: var(--ck-text);
    font: 400 var(--ck-size) / 1.5 var(--ck-font);
    -webkit-font-smoothing: antialiased;
    text-size-adjust: 100%;
    -webkit-tap-highlight-color: transparent;
  }

  :host([hidden]) {
    display: none;
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  :where(button, input, textarea, select) {
    color: inherit;
    font: inherit;
    letter-spacing: inherit;
  }

  :focus-visible {
    outline: 2px solid var(--ck-focus);
    outline-offset: 2px;
  }

  [data-scheme] {
    color: var(--ck-text);
  }

  /* As large as the element, whatever display the page gives that. */
  .root {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    isolation: isolate;
    container: chatkit / size;
  }

  .main {
    flex: 1;
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }

  .footer {
    inline-size: 100%;
    max-inline-size: calc(46rem + var(--ck-space) * 8);
    margin-inline: auto;
    padding: calc(var(--ck-space) * 2) calc(var(--ck-space) * 4)
      max(calc(var(--ck-space) * 3), env(safe-area-inset-bottom));
  }

  @container chatkit (max-width: 26rem) {
    .footer {
      padding-inline: calc(var(--ck-space) * 2.5);
    }
  }

  .shell-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @keyframes shell-pulse {
    from {
      opacity: 0.5;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      transition-duration: 0.01ms !important;
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
    }
  }
`;
