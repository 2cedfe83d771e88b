/** The threads of this user, over the chat: one can go to another, rename it, delete it. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { adopt } from "../../adopt";
import { icon } from "../../icons";
import type { Thread } from "../../protocol/types";
import type { History as HistoryState } from "../../state/chat";
import type { ViewContext } from "../context";
import { reasonOf } from "../problem";
import { byDay } from "./day";
import { keepFocusIn } from "./focus";
import { historyStyles } from "./history-styles";
import "./history-thread";

export class History extends LitElement {
  static override properties = { context: { attribute: false }, open: { type: Boolean } };
  declare context: ViewContext;
  declare open: boolean;
  onClose: () => void = () => undefined;
  onThread: (threadId: string) => void = () => undefined;
  onNewChat: () => void = () => undefined;
  private end: IntersectionObserver | null = null;
  private watched: HistoryState | null = null;

  constructor() {
    super();
    this.open = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, historyStyles);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.end?.disconnect();
    this.end = null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.watchEnd();
    if (changed.has("open") && this.open) {
      void this.context.session.loadHistory(true);
      this.querySelector<HTMLElement>(".history-panel")?.focus({ preventScroll: true });
    }
  }

  /** More is loaded before one sees the end; and again, where one still sees it then. */
  private watchEnd(): void {
    const watched = this.open ? this.context.state.history : null;
    if (watched === this.watched) return;
    this.watched = watched;
    this.end?.disconnect();
    const end = this.querySelector(".history-end");
    if (!this.open || end === null || typeof IntersectionObserver === "undefined") return;
    this.end = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) void this.context.session.loadHistory();
      },
      { root: this.querySelector(".history-list"), rootMargin: "0px 0px 400px 0px" },
    );
    this.end.observe(end);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.onClose();
    } else if (event.key === "Tab") {
      keepFocusIn(event.currentTarget as HTMLElement, event);
    }
  };

  // --- what is drawn -------------------------------------------------------------------------------------------------

  protected override render(): TemplateResult {
    const { strings } = this.context.locale;
    return html`
      <div class="history-scrim" ?data-open=${this.open} @click=${() => this.onClose()}></div>
      <section class="history-panel" part="history" role="dialog" aria-modal="true" aria-label=${strings.history}
        tabindex="-1" ?data-open=${this.open} ?inert=${!this.open} @keydown=${this.onKey}>
        ${this.open ? this.inside() : nothing}
      </section>
    `;
  }

  private inside(): TemplateResult {
    const { locale, state, options, session } = this.context;
    const { strings } = locale;
    return html`
      <div class="history-header">
        <h2 class="history-title">${strings.history}</h2>
        <button type="button" class="shell-icon-button" part="new-chat-button" aria-label=${strings.newChat}
          title=${strings.newChat} @click=${() => this.onNewChat()}>${icon("compose")}</button>
        <button type="button" class="shell-icon-button" part="close-button" aria-label=${strings.closeHistory}
          title=${strings.closeHistory} @click=${() => this.onClose()}>${icon("close")}</button>
      </div>
      <div class="history-list" aria-busy=${state.history.loading}>
        ${guard([state.history, state.threadId, locale, options, session], () => this.threads())}
      </div>
    `;
  }

  private threads(): TemplateResult | TemplateResult[] {
    const { locale, state } = this.context;
    const { threads, loading, problem, after } = state.history;
    if (threads.length === 0 && problem === null)
      return loading || after === undefined ? this.skeleton() : this.empty();
    return html`
      ${byDay(threads, new Date(), locale.language, locale.strings).map(
        day => html`
          <h3 class="history-day">${day.title}</h3>
          <ul class="history-threads">
            ${repeat(
              day.threads,
              thread => thread.id,
              thread => html`<li>${this.thread(thread)}</li>`,
            )}
          </ul>
        `,
      )}
      ${problem === null ? nothing : this.failed()}
      ${after && problem === null ? html`<div class="history-end">${loading ? this.lines(2) : nothing}</div>` : nothing}
    `;
  }

  private thread(thread: Thread): TemplateResult {
    const { context } = this;
    return html`<chatkit-history-thread
      .thread=${thread}
      .context=${context}
      .current=${thread.id === context.state.threadId}
      .onOpen=${this.onThread}
    ></chatkit-history-thread>`;
  }

  private skeleton(): TemplateResult {
    return html`<div role="status"><span class="shell-hidden">${this.context.locale.strings.historyLoading}</span>
      ${this.lines(6)}</div>`;
  }

  private lines(count: number): TemplateResult[] {
    return Array.from({ length: count }, () => html`<div class="history-skeleton" aria-hidden="true"></div>`);
  }

  private empty(): TemplateResult {
    const { strings } = this.context.locale;
    return html`
      <div class="history-nothing">
        ${icon("message-square")}
        <p class="history-nothing-title">${strings.historyEmpty}</p>
        <p>${strings.historyEmptyHint}</p>
        <button type="button" class="shell-button" part="button" @click=${() => this.onNewChat()}>
          ${strings.newChat}</button>
      </div>
    `;
  }

  private failed(): TemplateResult {
    const { locale, session, state } = this.context;
    const { strings } = locale;
    const { problem, threads } = state.history;
    return html`
      <div class="history-nothing" role="alert">
        ${icon("circle-alert")}
        <p class="history-nothing-title">${strings.historyFailed}</p>
        ${problem ? html`<p>${reasonOf(problem, strings)}</p>` : nothing}
        <button type="button" class="shell-button" part="button"
          @click=${() => session.loadHistory(threads.length === 0)}>${strings.tryAgain}</button>
      </div>
    `;
  }
}

if (!customElements.get("chatkit-history")) customElements.define("chatkit-history", History);
