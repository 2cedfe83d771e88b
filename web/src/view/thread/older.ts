/** Loads older messages when their place comes near. */

import { html, nothing, type TemplateResult } from "lit";
import type { Strings } from "../../locale";
import type { Session } from "../../session";
import { skeleton } from "./loading";

const MARGIN = "900px 0px 0px 0px";

export class Older {
  private hasFailed = false;
  private session: Session | null = null;
  private intersections: IntersectionObserver | null = null;
  private observed: Element | null = null;
  private cursor: string | null = null;

  constructor(private readonly changed: () => void) {}

  /** Another thread. */
  reset(): void {
    this.hasFailed = false;
  }

  disconnect(): void {
    this.intersections?.disconnect();
    this.intersections = this.observed = null;
  }

  /** After each drawing: `mark` is where older messages will be; null: there are none. */
  watch(scroller: Element, mark: Element | null, session: Session): void {
    const cursor = session.state.conversation.older;
    if (mark === this.observed && cursor === this.cursor && session === this.session) return;
    this.disconnect();
    this.session = session;
    this.cursor = cursor;
    this.observed = mark;
    if (mark === null) return;
    const options = { root: scroller, rootMargin: MARGIN };
    this.intersections = new IntersectionObserver(entries => this.onIntersections(entries), options);
    this.intersections.observe(mark);
  }

  draw(session: Session, strings: Strings): TemplateResult | typeof nothing {
    const { conversation, loadingOlder } = session.state;
    if (conversation.older === null) return nothing;
    return html`<div class="thread-older" aria-busy=${loadingOlder}>
      ${this.hasFailed ? this.problem(strings) : skeleton(strings.olderLoading, 1)}
    </div>`;
  }

  private problem(strings: Strings): TemplateResult {
    return html`<p class="thread-older-problem" role="alert">
      <span>${strings.olderFailed}</span>
      <button type="button" class="thread-button" part="button" @click=${this.again}>${strings.tryAgain}</button>
    </p>`;
  }

  private readonly again = (): void => {
    this.hasFailed = false;
    this.changed();
    this.load();
  };

  private onIntersections(entries: IntersectionObserverEntry[]): void {
    if (entries.at(-1)?.isIntersecting) this.load();
  }

  private load(): void {
    const { session } = this;
    if (session === null || this.hasFailed || session.state.loadingOlder) return;
    const { threadId } = session.state;
    session.loadOlder().catch(() => {
      if (session.state.threadId !== threadId) return;
      this.hasFailed = true;
      this.changed();
    });
  }
}
