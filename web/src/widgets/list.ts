/** Lists: some of their items first, and the others when they are asked for. */
import { html, nothing, type TemplateResult } from "lit";
import type { WidgetNode } from "../protocol/types";
import { readAction } from "./actions";
import { spinner } from "./controls/spinner";
import { arrangement } from "./lengths";
import { count } from "./props";
import type { Scope } from "./scope";
import { status } from "./status";
import { styled } from "./styled";
import { childrenOf } from "./tree";

/** How many `auto` shows. */
const AUTO = 6;

export function drawListView(node: WidgetNode, around: Scope): TemplateResult {
  const scope = around.themed(node);
  const items = childrenOf(node);
  const limit = node.limit === "auto" ? AUTO : count(node, "limit", 1);
  const more =
    scope.state.isOpen(scope.path, false) || limit === null ? 0 : Math.max(0, items.length - limit);
  const shown = items.slice(0, items.length - more);
  const line = status(node.status, scope);
  return html`<div class="w-card w-list" part="list" data-scheme=${scope.ownScheme}>
    ${line === null ? nothing : html`<div class="w-status">${line}</div>`}
    <ul class="w-list-items" role="list">${scope.all(shown)}</ul>
    ${more === 0 ? nothing : showMore(items, shown.length, scope)}
  </div>`;
}

function showMore(items: readonly WidgetNode[], from: number, scope: Scope): TemplateResult {
  const open = (event: Event): void => {
    const list = (event.currentTarget as HTMLElement).previousElementSibling;
    scope.state.setOpen(scope.path, true);
    setTimeout(() => focusIn(list?.children[from]));
  };
  return html`<button type="button" class="w-show-more" @click=${open}>
    ${scope.strings.showMore(items.length - from)}
  </button>`;
}

/** The button is gone then: whoever came by keyboard goes on at the first of what has come. */
function focusIn(item: Element | undefined): void {
  if (!(item instanceof HTMLElement)) return;
  item.tabIndex = -1;
  (item.querySelector<HTMLElement>("button:enabled, a, input, textarea") ?? item).focus();
}

export function drawListItem(node: WidgetNode, scope: Scope): TemplateResult {
  const isButton = readAction(node.onClickAction) !== null && scope.isLive;
  const content = html`<div
    class="w-box w-row w-list-content"
    id=${scope.id("content")}
    ${styled(arrangement(node))}
  >${scope.children(node)}</div>`;
  if (!isButton) return html`<li class="w-list-item">${content}</li>`;
  return html`<li class="w-list-item w-pressable" ?data-busy=${scope.isBusy}>
    <button
      type="button"
      class="w-overlay"
      aria-labelledby=${scope.id("content")}
      aria-busy=${scope.isBusy ? "true" : nothing}
      aria-disabled=${scope.isBusy ? "true" : nothing}
      @click=${() => scope.fire(node.onClickAction, "self")}
    ></button>
    ${content}${scope.isBusy ? spinner() : nothing}
  </li>`;
}
