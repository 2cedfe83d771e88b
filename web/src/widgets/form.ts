/** Forms: what is inside of one goes along with every action from inside of it. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../protocol/types";
import { readAction } from "./actions";
import { Fields } from "./fields";
import { directionOf, edges } from "./layout";
import { box } from "./lengths";
import type { Scope } from "./scope";
import { styled } from "./styled";

export function drawForm(node: WidgetNode, scope: Scope): TemplateResult {
  const fields = new Fields(
    scope.path,
    scope.fields,
    readAction(node.onSubmitAction) === null ? null : scope.path,
  );
  const inside = scope.within(fields);
  return html`<form
    class="w-box w-form w-${directionOf(node)}"
    autocomplete="off"
    @submit=${onSubmit(() => inside.fire(node.onSubmitAction, "container"))}
    @keydown=${submitByEnter}
    ${styled({ ...box(node, scope.scheme), ...edges(node) })}
  >${inside.children(node)}</form>`;
}

/** The browser has validated the form: nothing is submitted by it. */
export function onSubmit(submit: () => void): (event: Event) => void {
  return event => {
    event.preventDefault();
    if (event.target === event.currentTarget) submit();
  };
}

/** Enter submits a form that has no submit button, too: browsers do so for a single field alone. */
export function submitByEnter(event: KeyboardEvent): void {
  const { target } = event;
  if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
  if (!(target instanceof HTMLInputElement) || target.form === null || target.form !== event.currentTarget)
    return;
  if (target.form.querySelector("button[type=submit]") !== null) return;
  event.preventDefault();
  target.form.requestSubmit();
}
