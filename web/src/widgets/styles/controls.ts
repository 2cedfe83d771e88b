/** Buttons and fields. */
import { css, unsafeCSS } from "lit";

const HEIGHTS = { "3xs": 24, "2xs": 24, xs: 26, sm: 28, md: 32, lg: 36, xl: 40, "2xl": 44, "3xl": 48 };
const SMALL = new Set(["3xs", "2xs", "xs"]);
const LARGE = new Set(["2xl", "3xl"]);

function sizeRule([name, height]: [string, number]): string {
  const font = SMALL.has(name) ? 0.75 : name === "sm" ? 0.8125 : LARGE.has(name) ? 1 : 0.875;
  const padding = Math.round(height * (name === "3xs" || name === "2xs" ? 0.3 : 0.36));
  return `.w-frame [data-size="${name}"]:is(.w-button, .w-input) {
    --w-height: ${height}px; --w-padding: ${padding}px; --w-font: calc(var(--ck-size) * ${font});
  }`;
}

const COLOURS = ["info", "discovery", "success", "caution", "warning", "danger"];

function colourRule(name: string): string {
  return `.w-frame [data-color="${name}"] {
    --w-solid: var(--ck-${name}); --w-on: var(--ck-on-${name}); --w-soft: var(--ck-${name}-soft);
    --w-ink: var(--ck-${name}-text);
  }`;
}

export const controlStyles = css`
  ${unsafeCSS(Object.entries(HEIGHTS).map(sizeRule).join("\n"))}
  ${unsafeCSS(COLOURS.map(colourRule).join("\n"))}

  .w-button {
    --w-solid: var(--ck-accent);
    --w-on: var(--ck-on-accent);
    --w-soft: var(--ck-accent-soft);
    --w-ink: var(--ck-accent-text);
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: calc(var(--w-height) * 0.18);
    flex-shrink: 0;
    max-inline-size: 100%;
    min-block-size: var(--w-height);
    padding: 2px var(--w-padding);
    border: 1px solid transparent;
    border-radius: var(--ck-radius-control);
    background: none;
    color: var(--w-ink);
    font-size: var(--w-font) !important;
    font-weight: 500 !important;
    line-height: 1.25 !important;
    cursor: pointer;
    user-select: none;
    transition:
      background-color var(--ck-fast) var(--ck-ease),
      border-color var(--ck-fast) var(--ck-ease),
      opacity var(--ck-fast) var(--ck-ease);
  }

  .w-col > .w-button {
    align-self: flex-start;
  }

  .w-button[data-color="secondary"] {
    --w-solid: var(--ck-text-2);
    --w-on: var(--ck-surface);
    --w-soft: var(--ck-surface-hover);
    --w-ink: var(--ck-text);
  }

  .w-button[data-variant="solid"] {
    background: var(--w-solid);
    color: var(--w-on);
  }

  .w-button[data-variant="soft"] {
    background: var(--w-soft);
  }

  .w-button[data-variant="outline"] {
    border-color: color-mix(in srgb, var(--w-solid) 40%, var(--ck-border));
  }

  .w-button[data-variant="outline"][data-color="secondary"] {
    border-color: color-mix(in srgb, var(--ck-text) 8%, var(--ck-border));
    background: var(--ck-surface-raised);
  }

  .w-button:hover:where(:not(:disabled, [aria-disabled])) {
    background: color-mix(in srgb, var(--w-ink) 8%, transparent);
  }

  .w-button[data-variant="solid"]:hover:where(:not(:disabled, [aria-disabled])) {
    background: color-mix(in srgb, var(--w-solid) 88%, var(--w-on));
  }

  .w-button[data-variant="soft"]:hover:where(:not(:disabled, [aria-disabled])) {
    background: color-mix(in srgb, var(--w-ink) 9%, var(--w-soft));
  }

  .w-button:active:where(:not(:disabled, [aria-disabled])) {
    transform: scale(0.985);
  }

  .w-frame :is(.w-button, .w-input)[data-pill] {
    border-radius: var(--ck-radius-full);
  }

  .w-frame :is(.w-button, .w-input)[data-square] {
    border-radius: min(var(--ck-radius-sm), 8px);
  }

  .w-button[data-uniform] {
    inline-size: var(--w-height);
    padding: 0;
  }

  .w-button[data-block] {
    inline-size: 100%;
    align-self: stretch;
  }

  .w-button-label {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .w-button-icon {
    display: inline-flex;
    flex: none;
    font-size: var(--w-icon, calc(var(--w-font) * 1.15));
  }

  .w-button[aria-busy] {
    cursor: progress;
  }

  .w-button[aria-busy] > :not(.w-spinner) {
    opacity: 0;
  }

  .w-button > .w-spinner {
    position: absolute;
    font-size: calc(var(--w-font) * 1.15);
  }

  .w-frame :is(.w-button, .w-input, .w-check, .w-link, .w-turn):is(:disabled, [data-disabled]) {
    opacity: 0.5;
    cursor: not-allowed;
  }

  .w-spinner {
    display: inline-block;
    flex: none;
    inline-size: 1em;
    block-size: 1em;
    border: 2px solid color-mix(in srgb, currentColor 25%, transparent);
    border-block-start-color: currentColor;
    border-radius: 50%;
    animation: w-turn 700ms linear infinite;
  }

  @keyframes w-turn {
    to {
      transform: rotate(1turn);
    }
  }

  .w-input {
    --w-fill: var(--ck-surface);
    --w-edge: color-mix(in srgb, var(--ck-text) 8%, var(--ck-border));
    inline-size: 100%;
    min-inline-size: 0;
    min-block-size: var(--w-height);
    margin: 0;
    padding: 4px var(--w-gutter, var(--w-padding));
    border: 1px solid var(--w-edge);
    border-radius: var(--ck-radius-control);
    background-color: var(--w-fill);
    color: var(--ck-text);
    font-size: var(--w-font) !important;
    line-height: 1.4 !important;
    appearance: none;
    transition:
      border-color var(--ck-fast) var(--ck-ease),
      background-color var(--ck-fast) var(--ck-ease);
  }

  .w-input::placeholder,
  .w-editable::placeholder {
    color: var(--ck-text-3);
    opacity: 1;
  }

  .w-input:hover:where(:enabled) {
    --w-edge: var(--ck-border-strong);
  }

  .w-frame .w-input:focus-visible {
    outline: 2px solid var(--ck-focus, var(--ck-accent));
    outline-offset: -1px;
  }

  .w-input[data-variant="soft"] {
    --w-fill: var(--ck-surface-muted);
    --w-edge: transparent;
  }

  .w-input:user-invalid,
  .w-picker[data-invalid] .w-trigger {
    --w-edge: var(--ck-danger);
  }

  .w-textarea {
    display: block;
    padding-block: 7px;
    border-radius: min(var(--ck-radius-control), var(--ck-radius-md)) !important;
    resize: vertical;
    line-height: 1.5 !important;
  }

  .w-textarea[data-grows] {
    resize: none;
    field-sizing: content;
    min-block-size: calc(var(--w-rows) * 1lh + 16px);
    max-block-size: calc(var(--w-most-rows, 1000) * 1lh + 16px);
  }

  .w-editable {
    display: block;
    inline-size: calc(100% + 12px);
    margin: -3px -6px;
    padding: 2px 5px;
    border: 1px solid transparent;
    border-radius: min(var(--ck-radius-sm), 6px);
    background: color-mix(in srgb, var(--ck-text) 4%, transparent);
    color: inherit;
    field-sizing: content;
    resize: none;
    overflow: hidden;
    line-height: inherit;
    transition: background-color var(--ck-fast) var(--ck-ease);
  }

  .w-editable:hover {
    background: var(--ck-surface-hover);
  }

  .w-frame .w-editable:focus {
    background: var(--ck-surface);
    border-color: var(--ck-border-strong);
  }

  .w-editable:user-invalid {
    border-color: var(--ck-danger);
  }

  .w-check {
    display: inline-flex;
    align-items: start;
    gap: calc(var(--ck-space) * 2);
    min-block-size: 24px;
    font-size: calc(var(--ck-size) * 0.9375);
    line-height: 1.5;
    cursor: pointer;
  }

  .w-frame :is(.w-tick, .w-dot) {
    position: relative;
    flex: none;
    inline-size: 18px;
    block-size: 18px;
    margin: calc((1lh - 18px) / 2) 0 0;
    border: 1px solid var(--ck-border-strong);
    background: var(--ck-surface);
    appearance: none;
    cursor: inherit;
    transition:
      background-color var(--ck-fast) var(--ck-ease),
      border-color var(--ck-fast) var(--ck-ease);
  }

  .w-tick {
    border-radius: min(var(--ck-radius-sm), 5px);
  }

  .w-dot {
    border-radius: 50%;
  }

  .w-frame :is(.w-tick, .w-dot):checked {
    border-color: var(--ck-accent);
    background: var(--ck-accent);
  }

  .w-frame :is(.w-tick, .w-dot):user-invalid {
    border-color: var(--ck-danger);
  }

  .w-tick::before {
    content: "";
    position: absolute;
    inset: 3px;
    background: var(--ck-on-accent);
    clip-path: polygon(14% 48%, 2% 60%, 38% 94%, 100% 22%, 88% 11%, 37% 70%);
    transform: scale(0);
    transition: transform var(--ck-fast) var(--ck-ease);
  }

  .w-dot::before {
    content: "";
    position: absolute;
    inset: 4px;
    border-radius: 50%;
    background: var(--ck-on-accent);
    transform: scale(0);
    transition: transform var(--ck-fast) var(--ck-ease);
  }

  :is(.w-tick, .w-dot):checked::before {
    transform: none;
  }

  .w-radios {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--ck-space) * 2) calc(var(--ck-space) * 5);
  }

  .w-radios[data-direction="col"] {
    flex-direction: column;
  }

  @media (pointer: coarse) {
    .w-frame :is(.w-button, .w-input, .w-check, .w-turn, .w-chooser, .w-option) {
      min-block-size: 44px;
    }

    .w-frame .w-button[data-uniform] {
      min-inline-size: 44px;
    }

    .w-check {
      align-items: center;
    }

    .w-frame :is(.w-tick, .w-dot) {
      margin: 0;
    }

    .w-frame :is(.w-input, .w-editable) {
      font-size: max(16px, var(--w-font, 16px)) !important; /* less, and phones zoom in */
    }
  }

  @media (forced-colors: active) {
    :is(.w-tick, .w-dot)::before {
      background: Highlight;
    }

    .w-frame .w-button {
      border-color: ButtonText;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .w-frame *,
    .w-frame *::before {
      animation-duration: 1ms !important;
      transition-duration: 1ms !important;
    }

    .w-frame .w-spinner {
      animation-duration: 2s !important;
    }
  }
`;
