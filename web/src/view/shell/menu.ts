/**
 * A button that opens a menu, as ARIA's patterns have it: arrows, Home, End and letters move, Escape and Tab close, and so
 * does a click elsewhere. The menu is in the top layer, and stays in the window.
 */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { adopt } from "../../adopt";
import { icon } from "../../icons";
import { menuStyles } from "./menu-styles";
import { place } from "./place";

export interface MenuItem {
  id: string;
  label: string;
  description?: string | undefined;
  icon?: string | undefined;
  disabled?: boolean | undefined;
  /** For a choice of one: whether it is this. */
  checked?: boolean;
  /** It cannot be undone. */
  danger?: boolean;
}

let count = 0;

export class Menu extends LitElement {
  static override properties = {
    label: {},
    face: { attribute: false },
    items: { attribute: false },
    choice: { type: Boolean },
    kind: {},
    part_: { attribute: false },
  };
  /** What the button is called. */
  declare label: string;
  /** What is seen of the button. */
  declare face: unknown;
  declare items: readonly MenuItem[];
  /** Whether one of the items is chosen: they are radio buttons. */
  declare choice: boolean;
  /** The button's class. */
  declare kind: string;
  /** The button's part. */
  declare part_: string;
  onSelect: (item: MenuItem) => void = () => undefined;

  private readonly menuId = `chatkit-menu-${++count}`;
  private isOpen = false;
  private typed = "";
  private typedAt = 0;
  private listening: AbortController | null = null;

  constructor() {
    super();
    this.label = "";
    this.items = [];
    this.choice = false;
    this.kind = "shell-icon-button";
    this.part_ = "menu-button";
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, menuStyles);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.close(false);
  }

  private get button(): HTMLElement | null {
    return this.querySelector("button");
  }

  private get menu(): HTMLElement | null {
    return this.querySelector("[role=menu]");
  }

  private get options(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-item]")];
  }

  // --- open and closed -----------------------------------------------------------------------------------------------

  private async open(focus: "first" | "last"): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    this.requestUpdate();
    await this.updateComplete;
    const { button, menu } = this;
    if (!button || !menu) return;
    menu.showPopover?.();
    place(menu, button);
    this.listen();
    const checked = this.options.find(option => option.getAttribute("aria-checked") === "true");
    (checked ?? this.options.at(focus === "first" ? 0 : -1))?.focus();
  }

  close(returnFocus: boolean): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listening?.abort();
    if (returnFocus) this.button?.focus();
    this.requestUpdate();
  }

  private listen(): void {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const elsewhere = (event: Event): void => {
      const path = event.composedPath();
      if (!(this.menu && path.includes(this.menu)) && !(this.button && path.includes(this.button)))
        this.close(false);
    };
    document.addEventListener("pointerdown", elsewhere, { signal, capture: true });
    document.addEventListener("scroll", elsewhere, { signal, capture: true });
    globalThis.addEventListener("resize", () => this.close(false), { signal });
  }

  private select(item: MenuItem): void {
    if (item.disabled) return;
    this.close(true);
    this.onSelect(item);
  }

  // --- keys ----------------------------------------------------------------------------------------------------------

  private readonly onButtonKey = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    void this.open(event.key === "ArrowDown" ? "first" : "last");
  };

  private readonly onMenuKey = (event: KeyboardEvent): void => {
    const { options } = this;
    const here = options.indexOf(event.target as HTMLElement);
    switch (event.key) {
      case "ArrowDown":
        options[(here + 1) % options.length]?.focus();
        break;
      case "ArrowUp":
        options.at(here <= 0 ? -1 : here - 1)?.focus();
        break;
      case "Home":
        options[0]?.focus();
        break;
      case "End":
        options.at(-1)?.focus();
        break;
      case "Escape":
        this.close(true);
        break;
      case "Tab":
        this.close(true);
        return;
      default:
        if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey) return;
        this.type(event.key, here);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  /** Goes to the next item that begins with what was typed in one go. */
  private type(letter: string, here: number): void {
    const now = performance.now();
    this.typed = now - this.typedAt < 700 ? this.typed + letter.toLowerCase() : letter.toLowerCase();
    this.typedAt = now;
    const from = this.typed.length === 1 ? here + 1 : Math.max(here, 0);
    const order = this.items.map((_, index) => (from + index) % this.items.length);
    const found = order.find(index => this.items[index]?.label.toLowerCase().startsWith(this.typed));
    if (found !== undefined) this.options[found]?.focus();
  }

  // --- what is drawn -------------------------------------------------------------------------------------------------

  protected override render(): TemplateResult {
    return html`
      <button
        type="button"
        class=${this.kind}
        part=${this.part_}
        aria-label=${this.label}
        title=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.isOpen}
        aria-controls=${this.isOpen ? this.menuId : nothing}
        @click=${() => (this.isOpen ? this.close(true) : this.open("first"))}
        @keydown=${this.onButtonKey}
      >${this.face}</button>
      ${this.isOpen ? this.list() : nothing}
    `;
  }

  private list(): TemplateResult {
    return html`
      <div id=${this.menuId} class="menu" part="menu" role="menu" aria-label=${this.label} popover="manual"
        @keydown=${this.onMenuKey}>
        ${this.items.map(item => this.item(item))}
      </div>
    `;
  }

  private item(item: MenuItem): TemplateResult {
    return html`
      <button
        type="button"
        data-item
        class="menu-item ${item.danger ? "menu-item-danger" : ""}"
        role=${this.choice ? "menuitemradio" : "menuitem"}
        aria-checked=${this.choice ? item.checked === true : nothing}
        aria-disabled=${item.disabled ? "true" : nothing}
        tabindex="-1"
        @click=${() => this.select(item)}
        @pointermove=${(event: PointerEvent) => (event.currentTarget as HTMLElement).focus()}
      >
        ${item.icon ? icon(item.icon) : nothing}
        <span class="menu-text">
          <span class="menu-label">${item.label}</span>
          ${item.description ? html`<span class="menu-description">${item.description}</span>` : nothing}
        </span>
        ${item.checked ? icon("check") : nothing}
      </button>
    `;
  }
}

if (!customElements.get("chatkit-menu")) customElements.define("chatkit-menu", Menu);
