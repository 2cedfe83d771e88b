import { css } from "lit";

export const taskStyles = css`
  .thread-disclosure[data-running] > span,
  .thread-quiet[data-running] > span:last-child,
  .thread-task[data-running] .thread-task-title,
  .thread-progress > span {
    background: linear-gradient(
      100deg,
      var(--ck-text-3) 35%,
      var(--ck-text) 50%,
      var(--ck-text-3) 65%
    );
    background-size: 250% 100%;
    background-clip: text;
    color: transparent;
    animation: thread-shimmer 2.2s linear infinite;
  }

  @keyframes thread-shimmer {
    from {
      background-position: 120% 0;
    }

    to {
      background-position: -30% 0;
    }
  }

  .thread-tasks {
    margin: var(--ck-space) 0 0;
    padding: 0;
    list-style: none;
    animation: thread-appear var(--ck-slow) var(--ck-ease);
  }

  .thread-task {
    position: relative;
    display: flex;
    gap: calc(var(--ck-space) * 2.5);
    padding-block-end: calc(var(--ck-space) * 2.5);
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
    line-height: 1.5;
  }

  /* From one mark to the next. */
  li:not(:last-child) > .thread-task::before {
    content: "";
    position: absolute;
    inset-block: 1.75em 0.15em;
    inset-inline-start: 0.6em;
    inline-size: 1px;
    background: var(--ck-border);
  }

  .thread-task-mark {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 1.25em;
    block-size: 1.5em;
    color: var(--ck-text-3);
  }

  .thread-task-body {
    flex: 1;
    min-inline-size: 0;
  }

  .thread-task-title {
    inline-size: fit-content;
    max-inline-size: 100%;
    margin: 0;
    color: var(--ck-text);
  }

  .thread-task-prose {
    line-height: 1.55;
  }

  .thread-task-alone {
    padding-inline-start: calc(var(--ck-space) * 5.5);
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
    animation: thread-appear var(--ck-slow) var(--ck-ease);
  }

  .thread-dot {
    inline-size: 5px;
    block-size: 5px;
    border-radius: var(--ck-radius-full);
    background: currentColor;
  }

  .thread-ring {
    display: block;
    flex: none;
    inline-size: 0.85em;
    block-size: 0.85em;
    border: 1.5px solid var(--ck-border-strong);
    border-block-start-color: transparent;
    border-radius: 50%;
    animation: thread-turn 0.9s linear infinite;
  }

  @keyframes thread-turn {
    to {
      transform: rotate(1turn);
    }
  }

  .thread-quiet {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    margin: 0;
    min-block-size: calc(var(--ck-space) * 7);
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
    line-height: 1.4;
  }

  .thread-quiet .icon {
    flex: none;
    color: var(--ck-text-3);
  }

  @media (prefers-reduced-motion: reduce) {
    .thread-disclosure[data-running] > span,
    .thread-quiet[data-running] > span:last-child,
    .thread-task[data-running] .thread-task-title,
    .thread-progress > span {
      background: none;
      color: var(--ck-text-2);
    }
  }
`;
