/** A page with widgets in it. */
import { render } from "lit";
import { vi } from "vitest";
import { en } from "../../src/locale/en";
import type { WidgetItem, WidgetNode } from "../../src/protocol/types";
import { type ActionConfig, loadWidgets, preview, type WidgetContext, widget } from "../../src/widgets";
import type { ChatKitWidget } from "../../src/widgets/widget-element";

let made = 0;

export interface Shown {
  /** The element of the widget. */
  element: ChatKitWidget;
  context: WidgetContext;
  /** Actions as they came to the view. */
  acted: ActionConfig[];
  warnings: string[];
  find<T extends HTMLElement = HTMLElement>(selector: string): T;
  all<T extends HTMLElement = HTMLElement>(selector: string): T[];
  /** The server has changed the widget. */
  update(root: WidgetNode): Promise<void>;
  /** The widget leaves the page, and comes back. */
  leave(): void;
  comeBack(): Promise<void>;
}

interface Options {
  act?: (action: ActionConfig) => Promise<void>;
  context?: Partial<WidgetContext>;
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  await new Promise(resolve => setTimeout(resolve));
}

export async function show(root: WidgetNode, options: Options = {}): Promise<Shown> {
  const place = document.createElement("div");
  document.body.append(place);
  const acted: ActionConfig[] = [];
  const warnings: string[] = [];
  const context: WidgetContext = {
    strings: en,
    colorScheme: "light",
    locale: "en-GB",
    allowedImageDomains: undefined,
    act: async action => {
      acted.push(action);
      await options.act?.(action);
    },
    onDeepLink: vi.fn(),
    warn: message => warnings.push(message),
    ...options.context,
  };
  made += 1;
  const item: WidgetItem = {
    type: "widget",
    id: `item-${made}`,
    thread_id: "t",
    created_at: "",
    widget: root,
  };
  const draw = (shown: WidgetItem): void => {
    render(widget(shown, context), place);
  };
  draw(item);
  await loadWidgets();
  await settled();
  const shown: Shown = {
    element: place.querySelector("chatkit-widget") as ChatKitWidget,
    context,
    acted,
    warnings,
    find: selector => {
      const found = place.querySelector(selector);
      if (found === null) throw new Error(`There is no ${selector} in ${place.innerHTML}`);
      return found as never;
    },
    all: selector => [...place.querySelectorAll(selector)] as never,
    update: async changed => {
      draw({ ...item, widget: changed });
      await settled();
    },
    leave: () => {
      render(null, place);
    },
    comeBack: async () => {
      draw(item);
      await settled();
      shown.element = place.querySelector("chatkit-widget") as ChatKitWidget;
    },
  };
  return shown;
}

/** A preview, which is no item of a thread. */
export async function showPreview(root: WidgetNode, context: WidgetContext): Promise<HTMLElement> {
  const place = document.createElement("div");
  document.body.append(place);
  render(preview(root, context), place);
  await settled();
  return place;
}

export function type(field: HTMLElement, value: string): void {
  (field as HTMLInputElement).value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

/** Something that goes on until it is told to end. */
export function gate(): { promise: Promise<void>; open: () => void; fail: () => void } {
  let open: () => void = () => undefined;
  let fail: () => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = () => reject(new Error("no"));
  });
  return { promise, open, fail };
}

export function card(...children: WidgetNode[]): WidgetNode {
  return { type: "Card", children };
}
