/**
 * What stands in the page behind the public element: the chat of the options that hold, its look and its language, how
 * long it lives, and when it is drawn.
 */

import type { ChatKitOptions } from "@openai/chatkit";
import { LitElement, nothing, type TemplateResult } from "lit";
import { Chat, type Page } from "./chat";
import { Events } from "./events";
import { iconStyles } from "./icons";
import { type Locale, localeFor, translated } from "./locale";
import { markdownStyles } from "./markdown";
import { Refresh } from "./refresh";
import { Appearance } from "./theme/appearance";
import { moment, nextFrame } from "./time";
import { historyChunk, shell, shellStyles } from "./view/shell";
import type { Composer } from "./view/shell/composer";
import { threadStyles } from "./view/thread";
import { WidgetContexts } from "./view/widgets";
import { preloadWidgets, widgetStyles } from "./widgets";

/** Options that were checked: the hosted kind of `api` is refused. */
export type Options = ChatKitOptions & { api: { url: string; fetch?: typeof fetch } };

/** For how long an element may be out of its page before it lets go of the server. */
const ABSENT_MS = 1000;

/** For how long the first look waits for texts that are not English. */
const TEXTS_MS = 250;

export abstract class ChatFrame extends LitElement {
  static override styles = [shellStyles, threadStyles, markdownStyles, widgetStyles, iconStyles];

  protected chat: Chat | null = null;
  protected current: Options | null = null;
  private locale: Locale | null = null;
  private texts: Promise<void> = Promise.resolve();
  private isMounted = false;
  private isHistoryOpen = false;
  /** What had the focus before the history was opened. */
  private focused: Element | null = null;
  /** The name that the element was given here, and not by the page. */
  private labelled: string | null = null;
  private absence: ReturnType<typeof setTimeout> | undefined;
  private readonly events = new Events(this);
  private readonly appearance = new Appearance();
  private readonly widgets = new WidgetContexts();
  private readonly refresh = new Refresh(async () => this.chat?.session.fetchUpdates());

  // --- options -------------------------------------------------------------------------------------------------------

  protected apply(options: Options): void {
    this.current = options;
    this.speak(localeFor(options.locale));
    this.appearance.use(options.theme, (family, error) =>
      this.emit("log", { name: "font.failed", data: { family, error: String(error) } }),
    );
    if (this.chat?.url !== options.api.url) this.begin(options.api.url);
    if (this.current !== options) return; // the page has heard of what ended, and has set others
    this.chat?.composition.keepTool(options.composer?.tools ?? []);
    if (options.history?.enabled === false) void this.setHistory(false);
    this.requestUpdate();
  }

  private speak(locale: Locale): void {
    if (this.locale?.tag === locale.tag) return;
    this.locale = locale;
    this.texts = translated(locale)
      .then(own => {
        if (this.locale !== locale) return;
        this.locale = own;
        this.requestUpdate();
      })
      .catch((error: unknown) => this.emit("log", { name: "texts.failed", data: { error: String(error) } }));
  }

  // --- the chat ------------------------------------------------------------------------------------------------------

  private begin(url: string): void {
    const before = this.chat;
    const chat = new Chat(url, this.page);
    this.chat = chat; // first: the page hears of what ends, and may set options again
    this.isMounted = false;
    if (before?.session.state.threadId) this.emit("thread.change", { threadId: null });
    before?.close();
    if (this.chat === chat && this.isConnected) this.mount();
  }

  /** What the chat shows at first, unless the page has asked for something else meanwhile. */
  private mount(): void {
    if (this.isMounted || this.chat === null) return;
    this.isMounted = true;
    preloadWidgets();
    historyChunk.preload();
    const { session } = this.chat;
    const { initialThread = null } = this.current ?? {};
    if (initialThread === null || session.state.threadId !== null || session.state.responding) return;
    session.openThread(initialThread).catch(() => undefined); // it is shown, and was reported
  }

  protected readonly emit = (name: string, detail?: unknown): void => this.events.emit(name, detail);

  private readonly page: Page = {
    emit: this.emit,
    changed: () => this.requestUpdate(),
    language: () => this.locale?.tag ?? navigator.language,
    fetch: (input, init) => (this.current?.api.fetch ?? fetch)(input, init),
    callClientTool: async call =>
      this.current?.onClientTool
        ? await this.current.onClientTool(call)
        : { error: `This page has no client tools: ${call.name} cannot be called` },
  };

  // --- its life ------------------------------------------------------------------------------------------------------

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.absence);
    this.chat?.wake();
    this.mount();
    this.refresh.begin();
    this.requestUpdate();
    globalThis.addEventListener("pagehide", this.save);
  }

  /** It may only be moved: what it does goes on for a moment. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.save();
    this.refresh.end();
    globalThis.removeEventListener("pagehide", this.save);
    this.absence = setTimeout(this.sleep, ABSENT_MS);
  }

  /** Not while an answer waits for what the page does: it may have taken the chat away for that. */
  private readonly sleep = (): void => {
    if (this.chat?.session.isCalling) this.absence = setTimeout(this.sleep, ABSENT_MS);
    else this.chat?.sleep();
  };

  private readonly save = (): void => this.chat?.composition.save();

  // --- how it is drawn -----------------------------------------------------------------------------------------------

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot() as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.appearance.sheet];
    return root;
  }

  /** Once a frame, however much there is to hear; at first as soon as there are texts. */
  protected override async scheduleUpdate(): Promise<void> {
    await (this.hasUpdated ? nextFrame() : Promise.race([this.texts, moment(TEXTS_MS)]));
    super.scheduleUpdate();
  }

  /** What happens while it is out of the page is drawn when it is back. */
  protected override shouldUpdate(): boolean {
    return this.isConnected;
  }

  protected override updated(): void {
    if (this.chat === null) return;
    this.label();
    if (!this.events.haveBegun) void nextFrame().then(() => setTimeout(() => this.events.begin())); // React listens later
  }

  private label(): void {
    if (!this.hasAttribute("role")) this.setAttribute("role", "region");
    if (this.getAttribute("aria-label") !== this.labelled) return; // the page's own
    this.labelled = this.current?.frameTitle ?? this.locale?.strings.chat ?? "Chat";
    this.setAttribute("aria-label", this.labelled);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { chat, current: options, locale, emit, isHistoryOpen } = this;
    if (chat === null || options === null || locale === null) return nothing;
    const { session, composition } = chat;
    const colorScheme = this.appearance.scheme;
    const view = { session, state: session.state, options, locale, colorScheme, emit };
    const context = { ...view, widgets: this.widgets.for(view) };
    return shell({ context, composition, isHistoryOpen, ...this.hands });
  }

  private readonly hands = {
    showHistory: () => {
      this.setHistory(true).catch((error: unknown) => this.emit("error", { error }));
    },
    hideHistory: () => void this.setHistory(false),
    newChat: () => {
      this.focused = null;
      void this.setHistory(false);
      void this.chat?.session.openThread(null);
      void this.focusInside();
    },
  };

  protected async focusInside(): Promise<void> {
    await this.updateComplete;
    const composer = this.renderRoot.querySelector<Composer>("chatkit-composer");
    await composer?.updateComplete;
    composer?.focus();
  }

  protected async setHistory(isOpen: boolean): Promise<void> {
    if (isOpen) await historyChunk.load();
    if (this.isHistoryOpen === isOpen) return;
    if (isOpen) this.focused = this.shadowRoot?.activeElement ?? null;
    this.isHistoryOpen = isOpen;
    this.requestUpdate();
    this.emit(isOpen ? "history.open" : "history.close");
    if (!this.isConnected) return;
    await this.updateComplete;
    if (!isOpen && this.focused instanceof HTMLElement) this.focused.focus();
  }
}
