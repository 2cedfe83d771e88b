import { css } from "lit";

export const messageStyles = css`
  .thread-item:is([data-kind="user_message"], [data-kind="sending"]) {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    gap: calc(var(--ck-space) * 1.5);
  }

  .thread-said {
    display: flex;
    align-items: flex-end;
    justify-content: flex-end;
    inline-size: 100%;
  }

  .thread-said > .thread-actions {
    margin-inline: 0 var(--ck-space);
  }

  .thread-bubble {
    min-inline-size: 0;
    max-inline-size: min(85%, 36rem);
    padding: calc(var(--ck-space) * 2.5) calc(var(--ck-space) * 4);
    border-radius: min(var(--ck-radius-lg), 1.4em);
    background: var(--ck-surface-muted);
    line-height: 1.5;
  }

  .thread-bubble-text {
    white-space: pre-wrap;
    tab-size: 4;
  }

  .thread-bubble-text[data-clipped] {
    max-block-size: calc(1.5em * 12);
    overflow: hidden;
    mask-image: linear-gradient(to bottom, #000 70%, transparent);
  }

  .thread-more {
    min-block-size: 24px;
    margin-block-start: calc(var(--ck-space) * 1.5);
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-sm);
    background: none;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
    font-weight: 500;
    cursor: pointer;
  }

  .thread-more:hover {
    color: var(--ck-text);
    text-decoration: underline;
  }

  .thread-tag {
    display: inline;
    padding: 0.1em 0.45em;
    border: 0;
    border-radius: var(--ck-radius-sm);
    background: var(--ck-accent-soft);
    color: var(--ck-accent-text);
    font-weight: 500;
    box-decoration-break: clone;
  }

  button.thread-tag {
    cursor: pointer;
  }

  button.thread-tag:hover {
    text-decoration: underline;
  }

  .thread-quote {
    display: -webkit-box;
    max-inline-size: min(85%, 36rem);
    margin: 0;
    padding-inline-start: calc(var(--ck-space) * 3);
    border-inline-start: 2px solid var(--ck-border-strong);
    overflow: hidden;
    color: var(--ck-text-2);
    font-size: calc(var(--ck-size) * 0.9);
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
  }

  .thread-attachments {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    justify-content: flex-end;
    gap: calc(var(--ck-space) * 2);
    max-inline-size: 100%;
    margin: 0;
    padding: 0;
    list-style: none;
  }

  .thread-attachments li {
    min-inline-size: 0;
    max-inline-size: 100%;
  }

  .thread-thumbnail {
    display: block;
    inline-size: auto;
    max-inline-size: 100%;
    block-size: 9rem;
    min-inline-size: 4rem;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-md);
    background: var(--ck-surface-muted);
    object-fit: cover;
  }

  .thread-thumbnail-link {
    display: block;
    border-radius: var(--ck-radius-md);
  }

  li:not([data-failed]) > :is(.thread-thumbnail, .thread-thumbnail-link) ~ .thread-file,
  li[data-failed] > :is(.thread-thumbnail, .thread-thumbnail-link) {
    display: none;
  }

  .thread-file {
    display: flex;
    align-items: center;
    gap: calc(var(--ck-space) * 2.5);
    max-inline-size: 18rem;
    padding: calc(var(--ck-space) * 2);
    padding-inline-end: calc(var(--ck-space) * 4);
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-md);
    font-size: calc(var(--ck-size) * 0.9);
  }

  .thread-file-icon {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: calc(var(--ck-space) * 8);
    block-size: calc(var(--ck-space) * 8);
    border-radius: calc(var(--ck-radius-md) - var(--ck-space) * 1.5);
    background: var(--ck-surface-muted);
    color: var(--ck-text-2);
    font-size: 1.15em;
  }

  .thread-file-name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .thread-answer {
    line-height: 1.6;
  }

  .thread-answer > .markdown + .markdown {
    margin-block-start: 0.9em;
  }

  /* Where it goes on: it takes no room, so that no line breaks because of it. */
  .thread-answer[data-growing] > .markdown:last-of-type > .markdown-part:last-child {
    > :is(p, h3, h4, h5, h6):last-child::after,
    > :is(ul, ol):last-child > li:last-child:not(:has(> :is(p, ul, ol, .code, .table)))::after {
      content: "";
      display: inline-block;
      inline-size: 0.55em;
      block-size: 0.55em;
      margin-inline: 0.3em -0.85em;
      border-radius: var(--ck-radius-full);
      background: var(--ck-text-3);
      animation: thread-breathe 1.2s ease-in-out infinite;
    }
  }

  /* Of all links in a text, these look otherwise. */
  .thread-answer .markdown .thread-citation {
    position: relative;
    display: inline-block;
    min-inline-size: 1.75em;
    margin-inline: 0.2em 0.1em;
    padding: 0 0.5em;
    border: 0;
    border-radius: var(--ck-radius-full);
    background: var(--ck-surface-hover);
    color: var(--ck-text-2);
    font-family: inherit;
    font-size: 0.7em;
    font-weight: 500;
    line-height: 1.75em;
    text-align: center;
    text-decoration: none;
    vertical-align: 0.25em;
    cursor: pointer;
    transition:
      background var(--ck-fast) var(--ck-ease),
      color var(--ck-fast) var(--ck-ease);
  }

  .thread-citation::after {
    content: "";
    position: absolute;
    inset: -4px;
  }

  .thread-answer .markdown .thread-citation:is(:hover, :focus-visible) {
    background: var(--ck-accent);
    color: var(--ck-on-accent);
  }

  .thread-sources {
    margin-block-start: calc(var(--ck-space) * 2);
  }

  .thread-source-list {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr));
    gap: calc(var(--ck-space) * 2);
    margin: calc(var(--ck-space) * 2) 0;
    padding: 0;
    list-style: none;
    animation: thread-appear var(--ck-slow) var(--ck-ease);
  }

  .thread-source {
    display: flex;
    gap: calc(var(--ck-space) * 2);
    inline-size: 100%;
    block-size: 100%;
    padding: calc(var(--ck-space) * 2.5) calc(var(--ck-space) * 3);
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-md);
    background: none;
    color: inherit;
    text-align: start;
    text-decoration: none;
    transition: background var(--ck-fast) var(--ck-ease);
  }

  :is(a, button).thread-source {
    cursor: pointer;
  }

  :is(a, button).thread-source:hover {
    background: var(--ck-surface-hover);
  }

  .thread-source-number {
    flex: none;
    color: var(--ck-text-3);
    font-size: calc(var(--ck-size) * 0.8);
    font-variant-numeric: tabular-nums;
    line-height: 1.5;
  }

  .thread-source-about {
    display: flex;
    flex-direction: column;
    gap: 2px;
    min-inline-size: 0;
    font-size: calc(var(--ck-size) * 0.85);
    line-height: 1.45;
  }

  .thread-source-origin {
    display: flex;
    align-items: center;
    gap: var(--ck-space);
    min-inline-size: 0;
    color: var(--ck-text-3);
    font-size: 0.94em;
  }

  .thread-source-origin span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .thread-source-title,
  .thread-source-text {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }

  .thread-source-title {
    font-weight: 500;
  }

  .thread-source-text {
    color: var(--ck-text-2);
    -webkit-line-clamp: 3;
  }

  .thread-image {
    position: relative;
    inline-size: min(100%, 28rem);
    margin: 0;
    border-radius: var(--ck-radius-md);
    background: var(--ck-surface-muted);
    overflow: hidden;
  }

  .thread-image a,
  .thread-image img {
    display: block;
    inline-size: 100%;
  }

  .thread-image img {
    transition: filter var(--ck-slow) var(--ck-ease);
  }

  .thread-image[data-growing] {
    min-block-size: 16rem;
  }

  .thread-image[data-growing] img {
    transform: scale(1.06);
  }

  .thread-image-progress {
    position: absolute;
    inset-inline: calc(var(--ck-space) * 4);
    inset-block-end: calc(var(--ck-space) * 4);
    block-size: 4px;
    border-radius: var(--ck-radius-full);
    background: var(--ck-surface-raised);
    overflow: hidden;
  }

  .thread-image-progress div {
    block-size: 100%;
    border-radius: inherit;
    background: var(--ck-accent);
    transition: inline-size var(--ck-slow) var(--ck-ease);
  }

  .thread-image:not(:has(img))::after {
    content: "";
    position: absolute;
    inset: 0;
    background: linear-gradient(100deg, transparent 30%, var(--ck-surface-hover) 50%, transparent 70%);
    background-size: 250% 100%;
    animation: thread-shimmer 2s linear infinite;
  }

  @media (forced-colors: active) {
    .thread-bubble,
    .thread-citation,
    .thread-tag {
      border: 1px solid;
    }
  }
`;
