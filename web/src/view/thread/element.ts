/** `<chatkit-thread>`: a conversation, of which only what is near the reader is drawn. */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Item } from "../../protocol/types";
import type { ChatState } from "../../state/chat";
import type { Conversation, Notice } from "../../state/conversation";
import type { ViewContext } from "../context";
import { Announcements, say } from "./announcements";
import { Floating } from "./floating";
import { type Drawing, noticesBelow, sendingMessage } from "./item";
import { jump } from "./jump";
import { List } from "./list";
import { loadProblem, skeleton } from "./loading";
import { Memory } from "./memory";
import { Older } from "./older";
import { outcome } from "./outcome";
import { Scroller } from "./scroll/scroller";
import { standingAt } from "./standing";
import { arrivedIn, isAnother, type Step, sendingOf, step } from "./step";
import { waiting } from "./waiting";

export class Thread extends LitElement {
  static override properties = { context: { attribute: false } };
  declare context: ViewContext;

  private previous: ChatState | null = null;
  private step: Step = "none";
  private isOpening = true;
  /** Something was sent from here: that has a place of its own. */
  private hasTurn = false;
  private turn: Element | null = null;
  private sent: ReadonlySet<string> = new Set();
  /** The newest item as it was while the reader was at the end. */
  private seen: Item | undefined;
  /** How often something has changed here alone. */
  private changes = 0;

  private readonly redraw = (): void => {
    this.changes += 1;
    if (this.isConnected) this.requestUpdate();
  };
  private readonly list = new List(this, () => this.requestUpdate());
  private readonly memory = new Memory(change => {
    if (change.isOpen !== undefined || change.showsSources !== undefined) this.scroller.hold();
    this.redraw();
  });
  private readonly older = new Older(this.redraw);
  private readonly announcements = new Announcements();
  private readonly floating = new Floating(this, () => child(this, ".thread-floating"));
  private readonly scroller = new Scroller({
    follows: () => this.context.options.thread?.autoScroll === true,
    isAlive: () => this.context.state.responding,
    turn: () => this.turn,
    at: edge => standingAt(this.list.element, edge),
    changed: () => this.requestUpdate(),
  });

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.floating.connect();
    if (this.hasUpdated) this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const part of [this.floating, this.scroller, this.list, this.older]) part.disconnect();
  }

  // --- before and after it is drawn ----------------------------------------------------------------------------------

  protected override willUpdate(): void {
    const { state } = this.context;
    const before = this.previous !== null && isAnother(this.previous, state) ? null : this.previous;
    if (before === null) this.open();
    this.step = step(before, state);
    if (this.step === "asked") this.hasTurn = true;
    const arrived = arrivedIn(before, state);
    if (arrived !== null) this.sent = new Set([...this.sent, arrived]);
    this.list.take(state.conversation.items, this.isOpening);
    if (!this.scroller.isFar) this.seen = state.conversation.items.at(-1);
  }

  private open(): void {
    this.memory.clear();
    this.older.reset();
    this.sent = new Set();
    this.hasTurn = false;
    this.isOpening = true;
  }

  protected override updated(): void {
    const scroller = child(this, ".thread-scroller");
    const content = child(scroller, ".thread-content");
    const room = child(scroller, ".thread-room");
    if (!scroller || !content || !room) return;
    const { state, session, locale } = this.context;
    this.list.connect(scroller);
    this.turn = this.hasTurn ? this.newestTurn() : null;
    this.scroller.connect({ scroller, content, room });
    if (this.isOpening) this.scroller.open(this.hasTurn);
    else if (this.step === "asked") this.scroller.send();
    else if (this.step === "began") this.scroller.keepNear();
    if (state.conversation.items.length > 0 || this.hasTurn) this.isOpening = false;
    this.older.watch(scroller, child(content, ".thread-older"), session);
    const said = child(this, "[aria-live=polite]");
    if (said !== null) say(said, this.announcements.next(state, locale.strings));
    this.previous = state;
  }

  private newestTurn(): Element | null {
    const sending = this.querySelector("[data-kind=sending]");
    const sent = this.querySelectorAll(".thread-slice > [data-kind=user_message]");
    return sending ?? sent.item(sent.length - 1);
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  protected override render(): TemplateResult {
    const { state, locale } = this.context;
    const { strings } = locale;
    const { isFar } = this.scroller;
    const hasNews = isFar && state.conversation.items.at(-1) !== this.seen;
    return html`
      <div
        class="thread-scroller"
        part="thread"
        role="log"
        aria-live="off"
        aria-label=${strings.conversation}
        aria-busy=${state.loading}
        tabindex="0"
      >
        <div class="thread-content">${this.content()}</div>
        <div class="thread-room"></div>
      </div>
      ${jump({ isFar, hasNews, isResponding: state.responding }, strings, this.onJump)}
      <div class="thread-hidden" aria-live="polite"></div>
      <div class="thread-floating" part="tooltip" popover="manual"></div>
    `;
  }

  private readonly onJump = (): void => {
    this.scroller.jump();
    child(this, ".thread-scroller")?.focus({ preventScroll: true });
  };

  private content(): TemplateResult {
    const { context, memory, sent } = this;
    const { state, session, locale } = context;
    if (state.loading) return skeleton(locale.strings.loading, 3);
    if (state.loadProblem !== null) return loadProblem(context);
    const notices = noticesByItem(state.conversation);
    const drawing: Drawing = { context, memory, notices, sent };
    const sending = sendingOf(state);
    return html`
      ${this.older.draw(session, locale.strings)} ${noticesBelow(null, drawing)}
      ${this.list.draw(drawing, this.dependencies())}
      <div class="thread-foot">
        ${noticesBelow(GONE, drawing)} ${sending === null ? nothing : sendingMessage(sending, drawing)}
        ${waiting(state, locale.strings)} ${outcome(context)}
      </div>
    `;
  }

  private dependencies(): unknown[] {
    const { state, locale, options, colorScheme, session } = this.context;
    const { conversation, responding, feedback, outgoing } = state;
    const { open, notices, thread } = conversation;
    const view = [locale, options, colorScheme, session, this.sent, this.changes];
    return [open, notices, thread, responding, feedback, outgoing, ...view];
  }
}

/** Only children are looked at: a thread has ten thousand elements below them. */
function child(parent: Element | null, selector: string): HTMLElement | null {
  for (const one of parent?.children ?? [])
    if (one instanceof HTMLElement && one.matches(selector)) return one;
  return null;
}

/** For notices of an item that is there no more: they stand at the end. */
const GONE = "";

function noticesByItem({ notices, items }: Conversation): Map<string | null, Notice[]> {
  if (notices.length === 0) return new Map();
  const named = new Set(notices.map(notice => notice.afterItemId));
  const there = new Set<string | null>(items.map(({ id }) => id).filter(id => named.has(id)));
  const found = new Map<string | null, Notice[]>();
  for (const notice of notices) {
    const id = notice.afterItemId;
    const place = id === null || there.has(id) ? id : GONE;
    found.set(place, [...(found.get(place) ?? []), notice]);
  }
  return found;
}
