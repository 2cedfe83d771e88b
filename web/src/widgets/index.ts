/**
 * Widgets: what a server describes as JSON, drawn. Here is their place in a thread alone; what draws them is a chunk of
 * its own, which is fetched when there is nothing else to do, or with the first widget.
 */
import { css, html, type TemplateResult } from "lit";
import type { WidgetItem, WidgetNode } from "../protocol/types";
import type { PreviewContext, WidgetContext } from "./context";

export type { ActionConfig, Loading, PreviewContext, WidgetContext } from "./context";

/** After a failure, for how long it is not tried again. */
const PAUSE_MS = 3000;
const IDLE_MS = 2000;

let loading: Promise<unknown> | undefined;
/** Whether a widget waits for it. */
let isNeeded = false;

/** Fetches what draws widgets. Rejects where it cannot be fetched; it is tried again as long as a widget waits for it. */
export function loadWidgets(): Promise<unknown> {
  loading ??= import("./widget-element").catch((error: unknown) => {
    setTimeout(() => {
      loading = undefined;
      if (isNeeded) void loadWidgets().catch(() => undefined);
    }, PAUSE_MS);
    throw error;
  });
  return loading;
}

/** The same when there is nothing else to do: a server may be gone when the first widget is there. */
export function preloadWidgets(): void {
  const load = (): void => void loadWidgets().catch(() => undefined);
  if (typeof requestIdleCallback === "function") requestIdleCallback(load, { timeout: IDLE_MS });
  else setTimeout(load, IDLE_MS);
}

/** A widget of a thread. */
export function widget(item: WidgetItem, context: WidgetContext): TemplateResult {
  return drawn(item, null, context);
}

/** A widget that is no item: an entity's preview. It comes from the page's own code, and does no actions. */
export function preview(root: WidgetNode, context: PreviewContext): TemplateResult {
  return drawn(null, root, context);
}

function drawn(item: WidgetItem | null, root: WidgetNode | null, context: PreviewContext): TemplateResult {
  if (!isNeeded) void need(context);
  return html`<chatkit-widget .item=${item} .root=${root} .context=${context}></chatkit-widget>`;
}

async function need(context: PreviewContext): Promise<void> {
  isNeeded = true;
  try {
    await loadWidgets();
  } catch (error) {
    context.warn("Widgets cannot be drawn yet: their code could not be loaded", { error: String(error) });
  }
}

export const widgetStyles = css`
  chatkit-widget {
    display: block;
    min-inline-size: 0;
  }

  chatkit-widget:not(:defined) {
    block-size: 7rem;
    max-inline-size: 480px;
    border-radius: min(var(--ck-radius-lg), 18px);
    background: var(--ck-surface-muted);
  }
`;
