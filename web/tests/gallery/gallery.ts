/**
 * Every widget with its variants, in one page. Its address says how: `?scheme=dark`, `?dir=rtl`, `?locale=de`, and
 * `?only=charts` for one file of `widgets/`. What was done is in `window.actions`, what was warned of in `window.warnings`.
 */
import { html, LitElement, type TemplateResult } from "lit";
import { iconStyles } from "../../src/icons";
import { localeFor, translated } from "../../src/locale";
import { markdownStyles } from "../../src/markdown";
import type { WidgetItem, WidgetNode } from "../../src/protocol/types";
import { themeCss } from "../../src/theme";
import { type ActionConfig, type WidgetContext, widget, widgetStyles } from "../../src/widgets";
import { galleryStyles } from "./styles";

interface Sample {
  name: string;
  widget: WidgetNode;
}

declare global {
  interface Window {
    actions: ActionConfig[];
    warnings: string[];
    /** Shows another widget in the place of one. */
    update(name: string, widget: WidgetNode): void;
  }
}

const SAMPLES = import.meta.glob<Sample[]>("./widgets/*.json", { eager: true, import: "default" });
const ASKED = new URLSearchParams(location.search);
const SCHEME = ASKED.get("scheme") === "dark" ? "dark" : "light";
const LOCALE = await translated(localeFor(ASKED.get("locale") ?? "en-US"));
const ACTION_MS = Number(ASKED.get("delay") ?? 600);

window.actions = [];
window.warnings = [];

class WidgetGallery extends LitElement {
  static override styles = [widgetStyles, markdownStyles, iconStyles, galleryStyles];
  static override properties = { items: { state: true } };

  declare items: ReadonlyMap<string, WidgetItem>;
  private readonly context: WidgetContext;

  constructor() {
    super();
    this.context = {
      strings: LOCALE.strings,
      colorScheme: SCHEME,
      locale: LOCALE.language,
      allowedImageDomains: ["images.example"],
      act: acted,
      onDeepLink: () => {},
      warn: message => window.warnings.push(message),
    };
    this.items = new Map(
      samples().map(({ name, widget: root }) => [
        name,
        { type: "widget", id: name, thread_id: "t", created_at: "", widget: root },
      ]),
    );
    window.update = (name, root) => {
      const item = this.items.get(name);
      if (item !== undefined) this.items = new Map([...this.items, [name, { ...item, widget: root }]]);
    };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(themeCss({ colorScheme: SCHEME, radius: "round" }));
    this.renderRoot.ownerDocument.documentElement.dir = ASKED.get("dir") ?? "ltr";
    (this.renderRoot as ShadowRoot).adoptedStyleSheets.push(sheet);
  }

  protected override render(): TemplateResult {
    return html`<h1>Widgets</h1>
      ${[...this.items].map(
        ([name, item]) => html`<section>
          <h2>${name}</h2>
          ${widget(item, this.context)}
        </section>`,
      )}`;
  }
}

function samples(): Sample[] {
  const only = ASKED.get("only");
  return Object.entries(SAMPLES).flatMap(([file, found]) =>
    only === null || file === `./widgets/${only}.json` ? found : [],
  );
}

async function acted(action: ActionConfig): Promise<void> {
  window.actions.push(action);
  await new Promise(resolve => setTimeout(resolve, ACTION_MS));
  if (action.type === "fail") throw new Error("This one always fails");
}

customElements.define("widget-gallery", WidgetGallery);
document.querySelector("main")?.append(document.createElement("widget-gallery"));
