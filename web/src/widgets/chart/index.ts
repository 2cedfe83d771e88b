/** Charts: their place at once, the drawing when its code is here. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../../protocol/types";
import { block } from "../lengths";
import type { Scope } from "../scope";
import { styled } from "../styled";
import type { ChartView } from "./chart-element";

type Loading = "not yet" | "now" | "done" | "failed";

let loading: Loading = "not yet";
let module: Promise<unknown> | undefined;

async function load(whenFailed: () => void): Promise<void> {
  try {
    module ??= import("./chart-element");
    loading = "now";
    await module;
    loading = "done";
  } catch {
    module = undefined;
    loading = "failed";
    whenFailed();
  }
}

export function drawChart(node: WidgetNode, scope: Scope): TemplateResult {
  const draw = (): void => scope.state.onChange();
  if (loading === "failed") return failed(scope, draw);
  if (loading !== "done") void load(draw);
  const { scheme, strings } = scope;
  const view: ChartView = {
    props: node,
    scheme,
    strings,
    locale: scope.context.locale,
    id: scope.id("chart"),
  };
  const styles = block(node);
  const hasRatio = styles.height === null && styles["aspect-ratio"] !== null;
  return html`<chatkit-chart
    class="w-chart"
    part="chart"
    .view=${view}
    ${styled({ ...styles, ...(hasRatio ? { height: "auto" } : {}) })}
  ></chatkit-chart>`;
}

function failed(scope: Scope, draw: () => void): TemplateResult {
  const again = (): void => {
    loading = "not yet";
    draw();
  };
  return html`<p class="w-note">
    ${scope.strings.chartFailed} <button type="button" class="w-link" @click=${again}>${scope.strings.tryAgain}</button>
  </p>`;
}
