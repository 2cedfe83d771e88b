/** Where messages are written. Enter sends, Shift-Enter breaks the line; while an answer is written, what is sent waits. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { icon } from "../../icons";
import type { Composition } from "../../state/composition";
import type { ViewContext } from "../context";
import { chips } from "./chips";
import { menuChunk, modelChoice, modelOf, toolChoice, toolOf } from "./choices";

const GROWS_BY_ITSELF = typeof CSS !== "undefined" && CSS.supports("field-sizing", "content");

export class Composer extends LitElement {
  static override properties = { context: { attribute: false }, composition: { attribute: false } };
  declare context: ViewContext;
  declare composition: Composition;
  onNewChat: () => void = () => undefined;
  private unsubscribe: (() => void) | null = null;
  /** What was drawn. */
  private shown: readonly unknown[] = [];

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe?.();
    this.unsubscribe = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.composition) this.follow();
  }

  private follow(): void {
    this.unsubscribe?.();
    this.unsubscribe = this.composition.subscribe(() => this.requestUpdate());
  }

  override focus(options?: FocusOptions): void {
    this.textarea?.focus(options);
  }

  private get textarea(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }

  // --- what one can do -----------------------------------------------------------------------------------------------

  private submit(): void {
    const { session, options } = this.context;
    if (this.composition.isEmpty) return;
    const { tools, models } = options.composer ?? {};
    const tool = toolOf(tools, this.composition.value.toolId);
    const model = modelOf(models, this.composition.modelId);
    session.send(this.composition.take(tool?.persistent === true, model?.id ?? null));
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const isComposing = event.isComposing || event.keyCode === 229; // Enter chooses among an input method's words
    if (isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && this.composition.isEmpty && this.takeBackLast()) {
      event.preventDefault();
    }
  };

  private takeBackLast(): boolean {
    const { session, state } = this.context;
    const last = state.outgoing.findLast(message => message.state !== "sending");
    const message = last ? session.takeBack(last.key) : null;
    if (message !== null) this.composition.putBack(message);
    return message !== null;
  }

  private readonly onInput = (event: InputEvent): void => {
    this.composition.change({ text: (event.target as HTMLTextAreaElement).value });
  };

  // --- what is drawn -------------------------------------------------------------------------------------------------

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("composition")) this.follow();
  }

  /** While an answer grows, nothing is new here. */
  protected override shouldUpdate(): boolean {
    const { state, options, locale, session } = this.context;
    const { responding, outgoing, conversation } = state;
    const { value, modelId } = this.composition;
    const chat = [responding, outgoing, conversation.run?.canCancel, conversation.thread, session];
    const shown = [...chat, options, locale, value, modelId];
    const isNew = shown.some((part, index) => part !== this.shown[index]);
    this.shown = shown;
    return isNew;
  }

  protected override updated(): void {
    const { textarea } = this;
    if (GROWS_BY_ITSELF || textarea === null) return;
    textarea.style.height = "auto";
    textarea.style.height = `${textarea.scrollHeight}px`;
  }

  protected override render(): TemplateResult {
    const { thread } = this.context.state.conversation;
    const status = thread?.status ?? { type: "active" as const };
    return status.type === "active" ? this.form() : this.closed(status);
  }

  private closed(status: { type: "locked" | "closed"; reason?: string }): TemplateResult {
    const { strings } = this.context.locale;
    const usual = status.type === "locked" ? strings.threadLocked : strings.threadClosed;
    return html`
      <div class="composer composer-closed" part="composer" role="note">
        ${icon("lock")}
        <p class="composer-reason" dir="auto">${status.reason || usual}</p>
        <button type="button" class="shell-button" part="button" @click=${() => this.onNewChat()}>
          ${strings.newChat}</button>
      </div>
    `;
  }

  private form(): TemplateResult {
    const { options, locale } = this.context;
    const { tools = [], models = [], placeholder } = options.composer ?? {};
    const { text, toolId } = this.composition.value;
    const tool = toolOf(tools, toolId);
    const hasBar = tools.length > 0 || models.length > 0;
    return html`
      <form class="composer" part="composer" ?data-bar=${hasBar} @submit=${(event: Event) => event.preventDefault()}
        @click=${this.onClick}>
        ${chips(this.composition, locale.strings)}
        <div class="composer-inside">
          <textarea class="composer-text" part="textarea" rows="1" dir=${text === "" ? nothing : "auto"} enterkeyhint="send" autocomplete="off"
            aria-label=${locale.strings.message}
            placeholder=${tool?.placeholderOverride ?? placeholder ?? locale.strings.placeholder}
            .value=${live(text)} @input=${this.onInput} @keydown=${this.onKey}
          ></textarea>
          ${hasBar ? this.bar() : nothing}
          <div class="composer-end">${this.buttons()}</div>
        </div>
      </form>
    `;
  }

  /** The whole box is the field. */
  private readonly onClick = (event: Event): void => {
    if (!(event.target as Element).closest("button, textarea, chatkit-menu")) this.focus();
  };

  private bar(): TemplateResult {
    menuChunk.load().catch(() => undefined); // what there is to choose is chosen by default
    const { options, locale } = this.context;
    const { tools = [], models = [] } = options.composer ?? {};
    const { composition } = this;
    const tool = toolOf(tools, composition.value.toolId);
    const model = modelOf(models, composition.modelId);
    const choose = (toolId: string | null): void => {
      composition.change({ toolId });
      this.focus();
    };
    return html`
      <div class="composer-bar">
        ${tools.length ? toolChoice(tools, tool, locale.strings, choose) : nothing}
        <span class="composer-gap"></span>
        ${models.length ? modelChoice(models, model, locale.strings, id => composition.chooseModel(id)) : nothing}
      </div>
    `;
  }

  /** One button that is Stop while an answer is written and nothing else is, else Send; beside Send, Stop as another. */
  private buttons(): TemplateResult {
    const { state } = this.context;
    const canStop = state.responding && state.conversation.run?.canCancel !== false;
    const { isEmpty } = this.composition;
    return html`
      ${canStop && !isEmpty ? this.button("stop") : nothing}${this.button(canStop && isEmpty ? "stop" : "send")}
    `;
  }

  private button(what: "send" | "stop"): TemplateResult {
    const { locale, session, state } = this.context;
    const { strings } = locale;
    const label = what === "stop" ? strings.stop : state.responding ? strings.sendLater : strings.send;
    const act = (): void => {
      if (what === "stop") void session.stop();
      else this.submit();
      this.focus();
    };
    return html`
      <button type="button" class="composer-button" part="composer-button ${what}-button" data-what=${what}
        aria-label=${label} title=${label} aria-disabled=${what === "send" && this.composition.isEmpty} @click=${act}
      >${icon(what === "stop" ? "stop" : "arrow-up")}</button>
    `;
  }
}

if (!customElements.get("chatkit-composer")) customElements.define("chatkit-composer", Composer);
