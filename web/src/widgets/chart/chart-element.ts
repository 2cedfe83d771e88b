/** `<chatkit-chart>`: a chart as SVG, and as a table for who cannot see it. A chunk of its own. */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { adopt } from "../../adopt";
import type { Strings } from "../../locale";
import type { Scheme } from "../../theme/palette";
import { localeOf } from "../controls/calendar";
import type { Props } from "../props";
import { legend, table, tip } from "./beside";
import { drawn } from "./draw";
import { type Frame, frameOf } from "./frame";
import { type Chart, readChart } from "./model";
import { chartStyles } from "./styles";

export interface ChartView {
  props: Props;
  scheme: Scheme;
  strings: Strings;
  locale: string;
  id: string;
}

export class ChatKitChart extends LitElement {
  static override properties = {
    view: { attribute: false, hasChanged: isAnother },
    width: { state: true },
    height: { state: true },
    active: { state: true },
  };

  declare view: ChartView;
  /** Of the plot, in px; 0 until it was measured. */
  declare width: number;
  declare height: number;
  /** The category that is pointed at; -1: none is. */
  declare active: number;
  private chart: Chart | null = null;
  private frame: Frame | null = null;
  private watched: Element | null = null;
  private readonly observer =
    typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => this.measure());

  constructor() {
    super();
    this.width = 0;
    this.height = 0;
    this.active = -1;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, chartStyles);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
    this.watched = null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("view")) this.chart = readChart(this.view.props, this.view.scheme);
  }

  protected override updated(): void {
    const plot = this.querySelector(".w-plot");
    if (plot === null || plot === this.watched) return;
    this.watched = plot;
    this.observer?.observe(plot);
    queueMicrotask(() => this.measure());
  }

  private measure(): void {
    const { clientWidth = 0, clientHeight = 0 } = this.watched ?? {};
    this.width = clientWidth || 320;
    this.height = clientHeight || 200;
  }

  private get numbers(): Intl.NumberFormat {
    return new Intl.NumberFormat(localeOf(this.view.locale), { maximumFractionDigits: 4 });
  }
  private get short(): Intl.NumberFormat {
    return new Intl.NumberFormat(localeOf(this.view.locale), {
      notation: "compact",
      maximumFractionDigits: 2,
    });
  }

  protected override render(): unknown {
    const { chart, view } = this;
    if (chart === null) return nothing;
    const { numbers } = this;
    const format = (value: number): string => numbers.format(value);
    const label = view.strings.chartLabel(chart.series.map(series => series.label).join(", "));
    return html`<figure class="w-figure">
      <div
        class="w-plot"
        role="img"
        aria-label=${label}
        tabindex=${chart.hasTooltip ? "0" : nothing}
        @pointermove=${(event: PointerEvent) => this.point(event)}
        @pointerleave=${() => this.pointAt(-1)}
        @blur=${() => this.pointAt(-1)}
        @keydown=${(event: KeyboardEvent) => this.onKey(event)}
      >${this.plot(chart)}</div>
      ${chart.hasLegend ? legend(chart) : nothing}
    </figure>${table(chart, label, format)}`;
  }

  private plot(chart: Chart): unknown {
    if (this.width === 0) return nothing;
    const isRtl = getComputedStyle(this).direction === "rtl";
    const { short } = this;
    this.frame = frameOf(chart, this.width, this.height, isRtl, value => short.format(value));
    return html`${drawn(chart, this.frame, this.active, this.view.id)}${tip(chart, this.frame, this.active, value => this.numbers.format(value))}`;
  }

  // --- what is pointed at --------------------------------------------------------------------------------------------

  private pointAt(category: number): void {
    this.active = this.chart?.hasTooltip === true ? category : -1;
  }

  private point(event: PointerEvent): void {
    const { frame } = this;
    if (frame === null) return;
    const at = event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
    const distances = frame.middles.map(middle => Math.abs(middle - at));
    this.pointAt(distances.indexOf(Math.min(...distances)));
  }

  private onKey(event: KeyboardEvent): void {
    const last = (this.chart?.categories.length ?? 0) - 1;
    const forward = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const to: Record<string, number> = {
      ArrowRight: this.active + forward,
      ArrowLeft: this.active < 0 ? last : this.active - forward,
      Home: 0,
      End: last,
      Escape: -1,
    };
    const next = to[event.key];
    if (next === undefined || (event.key === "Escape" && this.active < 0)) return;
    event.preventDefault();
    event.stopPropagation();
    this.pointAt(event.key === "Escape" ? -1 : Math.min(Math.max(next, 0), last));
  }
}

function isAnother(now: ChartView, before: ChartView | undefined): boolean {
  return (
    now.props !== before?.props ||
    now.scheme !== before.scheme ||
    now.locale !== before.locale ||
    now.strings !== before.strings
  );
}

if (customElements.get("chatkit-chart") === undefined) customElements.define("chatkit-chart", ChatKitChart);
