/** How menus look. */
import { css } from "lit";

export const menuStyles = css`
  chatkit-menu {
    display: inline-flex;
    min-inline-size: 0;
  }

  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    min-inline-size: 12rem;
    max-inline-size: min(22rem, calc(100vw - 16px));
    overflow: auto;
    padding: calc(var(--ck-space) * 1.5);
    border: 0;
    border-radius: min(var(--ck-radius-lg), 18px);
    background: var(--ck-surface-raised);
    color: var(--ck-text);
    box-shadow: var(--ck-shadow-md);
    animation: menu-in var(--ck-fast) var(--ck-ease);
    overscroll-behavior: contain;
  }

  @keyframes menu-in {
    from {
      opacity: 0;
      transform: scale(0.97) translateY(2px);
    }
  }

  .menu-item {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2.5);
    inline-size: 100%;
    min-block-size: calc(var(--ck-space) * 9);
    padding: calc(var(--ck-space) * 1.5) calc(var(--ck-space) * 2.5);
    border: 0;
    border-radius: calc(min(var(--ck-radius-lg), 18px) - var(--ck-space) * 1.5);
    background: none;
    color: inherit;
    font-size: calc(var(--ck-size) * 0.9);
    line-height: 1.35;
    text-align: start;
    cursor: pointer;
  }

  .menu-item:focus {
    background: var(--ck-surface-hover);
    outline: none;
  }

  .menu-item:focus-visible {
    outline: 2px solid var(--ck-focus);
    outline-offset: -2px;
  }

  .menu-item .icon {
    font-size: 1.15em;
    color: var(--ck-text-2);
  }

  .menu-item-danger,
  .menu-item-danger .icon {
    color: var(--ck-danger-text);
  }

  .menu-item[aria-disabled] {
    color: var(--ck-text-3);
    cursor: default;
  }

  .menu-text {
    flex: 1;
    min-inline-size: 0;
  }

  .menu-label,
  .menu-description {
    display: block;
    overflow-wrap: anywhere;
  }

  .menu-description {
    color: var(--ck-text-3);
    font-size: 0.88em;
  }

  @media (pointer: coarse) {
    .menu-item {
      min-block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .menu {
      border: 1px solid;
    }
  }
`;
