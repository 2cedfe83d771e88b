import { css } from "lit";

export const layoutStyles = css`
  chatkit-thread {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    min-block-size: 0;
  }

  .thread-scroller {
    position: relative;
    flex: 1;
    min-block-size: 0;
    overflow-x: clip;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-gutter: stable both-edges;
    scrollbar-width: thin;
    scrollbar-color: var(--ck-border-strong) transparent;
  }

  .thread-scroller:focus-visible {
    outline-offset: -2px;
  }

  .thread-content {
    display: flow-root;
    inline-size: 100%;
    max-inline-size: calc(46rem + var(--ck-space) * 8);
    margin-inline: auto;
    padding: calc(var(--ck-space) * 5) calc(var(--ck-space) * 4) calc(var(--ck-space) * 6);
  }

  .thread-slice {
    display: flow-root;
  }

  /* Lines that stand for what is not drawn, where somebody scrolls faster than it can be. */
  .thread-gap {
    background: repeating-linear-gradient(
      to bottom,
      transparent 0 26px,
      var(--ck-surface-muted) 26px 36px,
      transparent 36px 54px,
      var(--ck-surface-muted) 54px 64px,
      transparent 64px 82px,
      var(--ck-surface-muted) 82px 92px,
      transparent 92px 180px
    );
  }

  .thread-older,
  .thread-foot,
  .thread-room {
    overflow-anchor: none;
  }

  .thread-item {
    display: flow-root;
    padding-block: calc(var(--ck-space) * 2);
    overflow-wrap: anywhere;
  }

  .thread-item[data-kind="user_message"],
  .thread-item[data-kind="sending"] {
    padding-block: calc(var(--ck-space) * 5) calc(var(--ck-space) * 3);
  }

  .thread-item[data-kind="workflow"],
  .thread-item[data-kind="task"],
  .thread-item[data-kind="client_tool_call"] {
    padding-block: var(--ck-space);
  }

  .thread-item[data-fresh] {
    animation: thread-appear var(--ck-slow) var(--ck-ease);
  }

  .thread-item[data-kind="sending"] {
    opacity: 0.7;
    animation: thread-rise var(--ck-slow) var(--ck-ease);
  }

  .thread-item[data-kind="user_message"][data-fresh] {
    animation-name: thread-settle;
  }

  @keyframes thread-appear {
    from {
      opacity: 0;
    }
  }

  @keyframes thread-rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }

  @keyframes thread-settle {
    from {
      opacity: 0.7;
    }
  }

  .thread-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @container chatkit (max-width: 26rem) {
    .thread-content {
      padding-inline: calc(var(--ck-space) * 3);
    }
  }
`;
