/** One thread in the history: its title, and what can be done with it, each step in its place. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import { Problem } from "../../protocol/problem";
import type { Thread } from "../../protocol/types";
import type { ViewContext } from "../context";
import { reasonOf } from "../problem";
import type { MenuItem } from "./menu";
import "./menu";

type Step = "shown" | "renaming" | "deleting" | "busy";

export class HistoryThread extends LitElement {
  static override properties = {
    thread: { attribute: false },
    context: { attribute: false },
    current: { type: Boolean },
    step: { state: true },
    failure: { state: true },
  };
  declare thread: Thread;
  declare context: ViewContext;
  declare current: boolean;
  declare step: Step;
  declare failure: string | null;
  onOpen: (threadId: string) => void = () => undefined;

  constructor() {
    super();
    this.current = false;
    this.step = "shown";
    this.failure = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  private get title_(): string {
    return this.thread.title || this.context.locale.strings.untitled;
  }

  // --- steps ---------------------------------------------------------------------------------------------------------

  private async go(step: Step, focus: string): Promise<void> {
    this.step = step;
    await this.updateComplete;
    const element = this.querySelector<HTMLElement>(focus);
    element?.focus();
    if (element instanceof HTMLInputElement) element.select();
  }

  private readonly onSelect = ({ id }: MenuItem): void => {
    this.failure = null;
    void (id === "rename" ? this.go("renaming", "input") : this.go("deleting", "[data-cancel]"));
  };

  private async rename(title: string): Promise<void> {
    const wished = title.trim();
    if (wished === "" || wished === this.thread.title) return await this.go("shown", ".history-thread");
    const { session, locale } = this.context;
    await this.attempt(locale.strings.renameFailed, () => session.renameThread(this.thread.id, wished));
  }

  private async erase(): Promise<void> {
    const { session, locale } = this.context;
    const { nextThread } = this;
    await this.attempt(locale.strings.deleteFailed, () => session.deleteThread(this.thread.id));
    if (this.failure === null) nextThread?.focus();
  }

  /** Where the focus goes when this one is gone. */
  private get nextThread(): HTMLElement | null {
    const panel = this.closest(".history-panel");
    const all = [...(panel?.querySelectorAll<HTMLElement>("chatkit-history-thread") ?? [])];
    const next = all[all.indexOf(this) + 1] ?? all[all.indexOf(this) - 1];
    return next?.querySelector<HTMLElement>(".history-thread") ?? panel?.querySelector("button") ?? null;
  }

  private async attempt(what: string, act: () => Promise<void>): Promise<void> {
    this.step = "busy";
    try {
      await act();
      this.failure = null;
    } catch (error) {
      const reason = error instanceof Problem ? reasonOf(error, this.context.locale.strings) : "";
      this.failure = `${what}. ${reason}`;
    }
    await this.go("shown", ".history-thread");
  }

  private readonly onRenameKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void this.rename((event.target as HTMLInputElement).value);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      void this.go("shown", ".history-thread");
    }
  };

  private readonly onDeleteKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    void this.go("shown", ".history-thread");
  };

  // --- what is drawn -------------------------------------------------------------------------------------------------

  protected override render(): TemplateResult {
    return html`
      ${this.step === "renaming" ? this.field() : this.step === "deleting" ? this.question() : this.row()}
      ${this.failure ? html`<p class="history-failure" role="alert">${this.failure}</p>` : nothing}
    `;
  }

  private row(): TemplateResult {
    const { strings } = this.context.locale;
    const { showRename = true, showDelete = true } = this.context.options.history ?? {};
    const items: MenuItem[] = [
      ...(showRename ? [{ id: "rename", label: strings.rename, icon: "pencil" }] : []),
      ...(showDelete ? [{ id: "delete", label: strings.delete, icon: "trash", danger: true }] : []),
    ];
    return html`
      <div class="history-row" ?data-current=${this.current} ?data-busy=${this.step === "busy"}>
        <button type="button" class="history-thread" part="history-thread" dir="auto" title=${this.title_}
          aria-current=${this.current ? "true" : nothing} @click=${() => this.onOpen(this.thread.id)}
        >${this.title_}</button>
        ${
          items.length
            ? html`<chatkit-menu .label=${strings.threadActions(this.title_)} .items=${items}
                .kind=${"shell-icon-button shell-small"} .face=${icon("dots-horizontal")} .onSelect=${this.onSelect}
              ></chatkit-menu>`
            : nothing
        }
      </div>
    `;
  }

  private field(): TemplateResult {
    const { strings } = this.context.locale;
    const cancel = (): void => void this.go("shown", ".history-thread");
    const save = (): void => void this.rename(this.querySelector("input")?.value ?? "");
    return html`
      <div class="history-row history-field">
        <input class="shell-input" part="input" .value=${this.thread.title ?? ""} maxlength="1000" dir="auto"
          aria-label=${strings.renameLabel} @keydown=${this.onRenameKey} />
        <button type="button" class="shell-icon-button shell-small" aria-label=${strings.cancel}
          title=${strings.cancel} @click=${cancel}>${icon("close")}</button>
        <button type="button" class="shell-icon-button shell-small" aria-label=${strings.save}
          title=${strings.save} @click=${save}>${icon("check")}</button>
      </div>
    `;
  }

  private question(): TemplateResult {
    const { strings } = this.context.locale;
    return html`
      <div class="history-question" role="group" aria-label=${strings.confirmDelete(this.title_)}
        @keydown=${this.onDeleteKey}>
        <p dir="auto">${strings.confirmDelete(this.title_)}</p>
        <button type="button" data-cancel class="shell-button" part="button"
          @click=${() => this.go("shown", ".history-thread")}>${strings.cancel}</button>
        <button type="button" class="shell-button shell-danger" part="button danger-button"
          @click=${() => this.erase()}>${strings.delete}</button>
      </div>
    `;
  }
}

if (!customElements.get("chatkit-history-thread"))
  customElements.define("chatkit-history-thread", HistoryThread);
