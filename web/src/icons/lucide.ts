/** Any icon of Lucide: all of them are one chunk, loaded when the first is asked for; until then the place is kept. */
import { LitElement, type TemplateResult } from "lit";
import type { IconNode } from "lucide";
import { draw } from "./draw";

/** By the names that Lucide exports them with. */
type Shapes = Record<string, IconNode>;

let shapes: Shapes | undefined;
let loading: Promise<void> | undefined;

function load(): Promise<void> {
  loading ??= import("lucide/dist/esm/iconsAndAliases.mjs").then(
    (module: Shapes) => {
      shapes = module;
    },
    () => {
      loading = undefined;
    },
  );
  return loading;
}

/** `arrow-down-0-1` is `ArrowDown01`. */
function exported(name: string): string {
  return name
    .split("-")
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

function shapeOf(name: string): IconNode | undefined {
  const key = exported(name);
  return shapes && Object.hasOwn(shapes, key) ? shapes[key] : undefined;
}

export class LucideIcon extends LitElement {
  static override properties = { name: { type: String } };
  declare name: string;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!shapes) void load().then(() => this.requestUpdate());
  }

  protected override render(): TemplateResult | null {
    const shape = shapeOf(this.name);
    if (shapes && !shape) return null;
    return draw(shape ?? [], this.name);
  }
}

if (!customElements.get("chatkit-icon")) customElements.define("chatkit-icon", LucideIcon);
