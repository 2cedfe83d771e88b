import { css } from "lit";

export const stateStyles = css`
  .thread-progress,
  .thread-thinking {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    min-block-size: calc(var(--ck-space) * 8);
    margin: 0;
    padding-block: var(--ck-space);
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.95);
    animation: thread-appear var(--ck-slow) var(--ck-ease);
  }

  .thread-progress .icon {
    flex: none;
    color: var(--ck-text-3);
    font-size: 1.1em;
  }

  .thread-thinking {
    gap: 5px;
  }

  .thread-thinking > span:not(.thread-hidden) {
    inline-size: 6px;
    block-size: 6px;
    border-radius: var(--ck-radius-full);
    background: var(--ck-text-3);
    animation: thread-breathe 1.4s ease-in-out infinite;
  }

  .thread-thinking > span:nth-child(3) {
    animation-delay: 0.16s;
  }

  .thread-thinking > span:nth-child(4) {
    animation-delay: 0.32s;
  }

  @keyframes thread-breathe {
    0%,
    60%,
    100% {
      opacity: 0.3;
      transform: scale(0.85);
    }

    30% {
      opacity: 1;
      transform: scale(1);
    }
  }

  .thread-failure,
  .thread-notice {
    display: flex;
    align-items: flex-start;
    gap: calc(var(--ck-space) * 2.5);
    padding: calc(var(--ck-space) * 3) calc(var(--ck-space) * 4);
    border-radius: var(--ck-radius-md);
    font-size: calc(var(--ck-size) * 0.95);
    line-height: 1.5;
  }

  .thread-failure {
    flex-wrap: wrap;
    align-items: center;
    margin-block: calc(var(--ck-space) * 2);
    background: var(--ck-danger-soft);
    color: var(--ck-text);
    animation: thread-appear var(--ck-slow) var(--ck-ease);
  }

  .thread-failure > p {
    flex: 1 1 12rem;
    margin: 0;
  }

  .thread-failure > .icon,
  .thread-notice > .icon {
    flex: none;
    font-size: 1.2em;
  }

  .thread-failure > .icon {
    color: var(--ck-danger-text);
  }

  .thread-notice {
    padding-block: calc(var(--ck-space) * 2.5);
    padding-inline-end: calc(var(--ck-space) * 2);
    background: var(--ck-info-soft);
  }

  .thread-notice > .icon {
    margin-block-start: 0.15em;
    color: var(--ck-info-text);
  }

  .thread-notice[data-level="warning"] {
    background: var(--ck-warning-soft);
  }

  .thread-notice[data-level="warning"] > .icon {
    color: var(--ck-warning-text);
  }

  .thread-notice[data-level="danger"] {
    background: var(--ck-danger-soft);
  }

  .thread-notice[data-level="danger"] > .icon {
    color: var(--ck-danger-text);
  }

  .thread-notice-body {
    flex: 1;
    min-inline-size: 0;
  }

  .thread-notice-title {
    margin: 0;
    font-weight: 600;
  }

  .thread-notice > .thread-action {
    margin-block: calc(var(--ck-space) * -1);
    color: var(--ck-text-2);
  }

  .thread-problem {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: calc(var(--ck-space) * 2);
    padding-block: 18cqb calc(var(--ck-space) * 6);
    text-align: center;
  }

  .thread-problem > .icon {
    color: var(--ck-text-3);
    font-size: 1.75em;
  }

  .thread-problem > p {
    max-inline-size: 28rem;
    margin: 0;
    color: var(--ck-text-2);
  }

  .thread-problem > .thread-problem-title {
    color: var(--ck-text);
    font-weight: 600;
  }

  .thread-problem > button {
    margin-block-start: calc(var(--ck-space) * 2);
  }

  .thread-older {
    padding-block-end: calc(var(--ck-space) * 4);
  }

  .thread-older-problem {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: calc(var(--ck-space) * 3);
    margin: 0;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
  }

  .thread-skeleton {
    display: flex;
    flex-direction: column;
    gap: calc(var(--ck-space) * 3);
    animation: thread-pulse 1.6s ease-in-out infinite alternate;
  }

  .thread-skeleton > div {
    inline-size: 85%;
    block-size: calc(var(--ck-size) * 0.8);
    border-radius: var(--ck-radius-sm);
    background: var(--ck-surface-muted);
  }

  .thread-skeleton > [data-line="92"] {
    inline-size: 92%;
  }

  .thread-skeleton > [data-line="78"] {
    inline-size: 78%;
  }

  .thread-skeleton > [data-line="40"] {
    inline-size: 40%;
    margin-block-end: calc(var(--ck-space) * 5);
  }

  .thread-skeleton > [data-line="message"] {
    align-self: flex-end;
    inline-size: min(45%, 18rem);
    block-size: calc(var(--ck-size) * 2.6);
    margin-block: calc(var(--ck-space) * 3);
    border-radius: min(var(--ck-radius-lg), 1.4em);
  }

  @keyframes thread-pulse {
    from {
      opacity: 1;
    }

    to {
      opacity: 0.55;
    }
  }

  .thread-jump {
    position: absolute;
    inset-inline: 0;
    inset-block-end: calc(var(--ck-space) * 3);
    display: flex;
    justify-content: center;
    pointer-events: none;
  }

  .thread-jump-button {
    position: relative;
    display: grid;
    place-items: center;
    inline-size: calc(var(--ck-space) * 9);
    block-size: calc(var(--ck-space) * 9);
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-full);
    background: var(--ck-surface-raised);
    box-shadow: var(--ck-shadow-md);
    color: var(--ck-text);
    font-size: calc(var(--ck-size) * 1.1);
    pointer-events: auto;
    cursor: pointer;
    animation: thread-rise var(--ck-slow) var(--ck-ease);
    transition: background var(--ck-fast) var(--ck-ease);
  }

  .thread-jump-button:hover {
    background: var(--ck-surface-hover);
  }

  .thread-jump-button[data-news]::after {
    content: "";
    position: absolute;
    inset-block-start: 0;
    inset-inline-end: 0;
    inline-size: 10px;
    block-size: 10px;
    border: 2px solid var(--ck-surface-raised);
    border-radius: var(--ck-radius-full);
    background: var(--ck-accent);
  }

  .thread-jump-button[data-running]::before {
    content: "";
    position: absolute;
    inset: 0;
    border: 2px solid transparent;
    border-block-start-color: var(--ck-text-3);
    border-radius: inherit;
    animation: thread-turn 1.1s linear infinite;
  }

  @media (pointer: coarse) {
    .thread-jump-button {
      inline-size: 44px;
      block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .thread-failure,
    .thread-notice,
    .thread-jump-button {
      border: 1px solid;
    }
  }
`;
