/** Says that nothing comes at the moment, once that lasts; and for a while that it does again. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { Strings } from "../../locale";

/** What is mended sooner is nobody's business. */
const LATER_MS = 900;
const WHILE_MS = 2200;

export class Connection extends LitElement {
  static override properties = {
    interrupted: { type: Boolean },
    strings: { attribute: false },
    shown: { state: true },
  };
  declare interrupted: boolean;
  declare strings: Strings;
  /** What is said; null: nothing. */
  declare shown: "lost" | "back" | null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.interrupted = false;
    this.shown = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    globalThis.addEventListener("online", this.onChange);
    globalThis.addEventListener("offline", this.onChange);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    globalThis.removeEventListener("online", this.onChange);
    globalThis.removeEventListener("offline", this.onChange);
  }

  private readonly onChange = (): void => this.requestUpdate();

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("interrupted")) return;
    clearTimeout(this.timer);
    if (this.interrupted) this.timer = setTimeout(() => this.say("lost"), this.shown ? 0 : LATER_MS);
    else if (this.shown === "lost") this.say("back");
  }

  private say(what: "lost" | "back"): void {
    this.shown = what;
    if (what === "back") this.timer = setTimeout(() => (this.shown = null), WHILE_MS);
  }

  protected override render(): TemplateResult {
    return html`<div role="status">${this.shown ? this.banner(this.shown) : nothing}</div>`;
  }

  private banner(what: "lost" | "back"): TemplateResult {
    const { reconnecting, offline, connected } = this.strings;
    const lost = navigator.onLine ? reconnecting : offline;
    return html`
      <p class="connection" part="connection" data-state=${what}>
        ${icon(what === "back" ? "check" : "wifi-off")}<span>${what === "back" ? connected : lost}</span>
      </p>
    `;
  }
}

if (!customElements.get("chatkit-connection")) customElements.define("chatkit-connection", Connection);

export const connectionStyles = css`
  chatkit-connection {
    display: block;
  }

  .connection {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: calc(var(--ck-space) * 2);
    inline-size: fit-content;
    max-inline-size: 100%;
    margin: 0 auto calc(var(--ck-space) * 2);
    padding: calc(var(--ck-space) * 1.25) calc(var(--ck-space) * 3.5);
    border-radius: var(--ck-radius-control);
    background: var(--ck-warning-soft);
    color: var(--ck-warning-text);
    font-size: calc(var(--ck-size) * 0.84);
    line-height: 1.4;
    animation: connection-in var(--ck-slow) var(--ck-ease);
  }

  .connection[data-state="back"] {
    background: var(--ck-success-soft);
    color: var(--ck-success-text);
  }

  @keyframes connection-in {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
  }
`;
