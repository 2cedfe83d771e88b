/** `<chatkit-widget>`: one widget of a thread, with what its user does in it. With all widgets, a chunk of its own. */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { adopt } from "../adopt";
import { Problem } from "../protocol/problem";
import type { WidgetItem, WidgetNode } from "../protocol/types";
import { loadingOf } from "./actions";
import { type Loading, looksDifferent, type PreviewContext, type WidgetContext } from "./context";
import { filledIn } from "./payload";
import { draw } from "./registry";
import { type Firing, type Host, Scope } from "./scope";
import { StateShelf, WidgetState } from "./state";
import { cardStyles } from "./styles/card";
import { controlStyles } from "./styles/controls";
import { layoutStyles } from "./styles/layout";
import { pickerStyles } from "./styles/picker";
import { textStyles } from "./styles/text";
import { type Survey, surveyed } from "./tree";

const STYLES = [layoutStyles, textStyles, cardStyles, controlStyles, pickerStyles];

const shelf = new StateShelf();
let made = 0;

const NOTHING: WidgetNode = { type: "" };

export class ChatKitWidget extends LitElement implements Host {
  static override properties = {
    item: { attribute: false },
    root: { attribute: false },
    context: { attribute: false, hasChanged: looksDifferent },
  };

  /** A widget of a thread ... */
  declare item: WidgetItem | null;
  /** ... or one of its own, which does no actions. */
  declare root: WidgetNode | null;
  declare context: WidgetContext | PreviewContext;

  state = new WidgetState();
  readonly uid = `ckw${++made}`;
  private known: Survey = { drawable: false, labelled: new Set() };
  private kept: string | null = null;

  constructor() {
    super();
    this.item = null;
    this.root = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  get isLive(): boolean {
    return this.item !== null;
  }
  get labelled(): ReadonlySet<string> {
    return this.known.labelled;
  }
  private get node(): WidgetNode {
    return this.item?.widget ?? this.root ?? NOTHING;
  }

  // --- state that outlives the element -------------------------------------------------------------------------------

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, ...STYLES);
    if (this.hasUpdated) this.requestUpdate("item", null);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.keepState();
  }

  private keepState(): void {
    if (this.kept !== null) shelf.put(this.kept, this.state);
    this.kept = null;
  }

  private takeState(): void {
    const itemId = this.item?.id ?? null;
    if (itemId === this.kept && this.hasUpdated) return;
    this.keepState();
    this.kept = itemId;
    this.state = itemId === null ? new WidgetState() : shelf.take(itemId);
    this.state.onChange = () => this.requestUpdate();
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("item") && !changed.has("root")) return;
    this.takeState();
    this.known = surveyed(this.node);
    this.dataset.type = this.node.type;
  }

  protected override render(): unknown {
    const { strings } = this.context;
    if (!this.known.drawable) {
      this.warn("A widget is too large to be drawn");
      return html`<p class="w-note">${strings.widgetTooLarge}</p>`;
    }
    return html`
      <div
        class="w-frame"
        part="widget"
        tabindex="-1"
        ?inert=${this.state.waits}
        aria-busy=${this.state.waits ? "true" : nothing}
      >
        ${this.draw(this.node, new Scope(this, "", this.context.colorScheme))}
      </div>
      ${this.state.failure ? html`<p class="w-problem" role="alert" dir="auto">${this.state.failure}</p>` : nothing}
    `;
  }

  draw(node: WidgetNode, scope: Scope): unknown {
    const drawn = draw(node, scope);
    if (drawn.problem !== null) this.warn(drawn.problem, { type: node.type });
    return drawn.content;
  }

  private warn(message: string, data: Record<string, unknown> = {}): void {
    const key = `${message} ${JSON.stringify(data)}`;
    if (this.state.warned.has(key)) return;
    this.state.warned.add(key);
    this.context.warn(message, this.item === null ? data : { ...data, item_id: this.item.id });
  }

  // --- actions -------------------------------------------------------------------------------------------------------

  async fire({ action, auto, path, fields, own, onDone }: Firing): Promise<boolean> {
    const { item, state } = this;
    if (item === null || state.waits || state.busy.has(path) || !("act" in this.context)) return false;
    const values = new Map(fields?.entries());
    if (own !== undefined && own.name !== "") values.set(own.name, own.value);
    const { payload, ignored } = filledIn(action.payload, values);
    for (const name of ignored) {
      this.warn("The action's payload has no room for a field of this name", { action: action.type, name });
    }
    const act = this.context.act.bind(this.context);
    const filled =
      payload === undefined ? action : { ...action, payload: payload as Record<string, unknown> };
    return await this.during(loadingOf(action, auto), path, async () => {
      await act(filled, item);
      fields?.sent();
      onDone?.();
    });
  }

  private async during(loading: Loading, path: string, act: () => Promise<void>): Promise<boolean> {
    const { state } = this;
    const focused = this.focused();
    if (loading === "container") state.waits = true;
    if (loading === "self") state.busy.add(path);
    state.failure = null;
    state.onChange();
    let isDone = true;
    try {
      await act();
    } catch (error) {
      isDone = false;
      const { widgetActionFailed } = this.context.strings; // the view has said what it was
      state.failure = error instanceof Problem && error.isOfInput ? error.message : widgetActionFailed;
    }
    if (loading === "container") state.waits = false;
    if (loading === "self") state.busy.delete(path);
    state.onChange();
    if (loading === "container") await this.giveBack(focused);
    return isDone;
  }

  private focused(): HTMLElement | null {
    const { activeElement } = this.getRootNode() as ShadowRoot | Document;
    return activeElement instanceof HTMLElement && this.contains(activeElement) ? activeElement : null;
  }

  /** What is inert loses the focus: it returns, unless the user has taken it elsewhere. */
  private async giveBack(focused: HTMLElement | null): Promise<void> {
    await this.updateComplete;
    const root = this.getRootNode() as ShadowRoot | Document;
    const { activeElement } = root;
    if (focused === null || !this.isConnected) return;
    if (activeElement !== null && activeElement !== document.body && activeElement !== focused) return;
    if (this.contains(focused)) focused.focus({ preventScroll: true });
    if (this.focused() === null) {
      const place =
        this.querySelector<HTMLElement>(".w-disclosure") ?? this.querySelector<HTMLElement>(".w-frame");
      place?.focus({ preventScroll: true });
    }
  }
}

if (customElements.get("chatkit-widget") === undefined) {
  customElements.define("chatkit-widget", ChatKitWidget);
}
