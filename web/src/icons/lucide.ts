/** Icons that are chunks: ChatKit's other names, and all of Lucide (`lucide:*`). Until one is there, its place is kept. */
import { LitElement, type TemplateResult } from "lit";
import type { IconNode } from "lucide";
import { draw } from "./draw";

type Shapes = (name: string) => IconNode | undefined;

/** Loads a chunk once, and again where that failed. */
class Chunk {
  shapes: Shapes | undefined;
  private loading: Promise<void> | undefined;

  constructor(private readonly fetch: () => Promise<Shapes>) {}

  load(): Promise<void> {
    this.loading ??= this.fetch().then(
      shapes => {
        this.shapes = shapes;
      },
      () => {
        this.loading = undefined;
      },
    );
    return this.loading;
  }
}

const chatkit = new Chunk(async () => (await import("./chatkit")).shapeOf);
const lucide = new Chunk(async () => {
  const all: Record<string, IconNode> = (await import("lucide/dist/umd/lucide.min.js")).default.icons;
  return name => (Object.hasOwn(all, exported(name)) ? all[exported(name)] : undefined);
});

/** `arrow-down-0-1` is `ArrowDown01`. */
function exported(name: string): string {
  return name
    .split("-")
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

const PREFIX = "lucide:";

export class ChunkIcon extends LitElement {
  static override properties = { name: { type: String } };
  declare name: string;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(): void {
    if (!this.chunk.shapes) void this.chunk.load().then(() => this.requestUpdate());
  }

  private get chunk(): Chunk {
    return this.name.startsWith(PREFIX) ? lucide : chatkit;
  }

  protected override render(): TemplateResult | null {
    const { shapes } = this.chunk;
    const name = this.name.replace(PREFIX, "");
    const shape = shapes?.(name);
    return shapes && !shape ? null : draw(shape ?? [], name);
  }
}

if (!customElements.get("chatkit-icon")) customElements.define("chatkit-icon", ChunkIcon);
