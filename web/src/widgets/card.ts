/** A card: a bounded piece of content, with what it asks at its end. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { WidgetNode } from "../protocol/types";
import { readAction } from "./actions";
import { background } from "./colours";
import type { ActionConfig } from "./context";
import { Fields } from "./fields";
import { onSubmit, submitByEnter } from "./form";
import { edges } from "./layout";
import { borders, spacing } from "./lengths";
import { flag, oneOf, record, words } from "./props";
import type { Scope } from "./scope";
import { status } from "./status";
import { type Styles, styled } from "./styled";
import { headline } from "./tree";

interface MainAction {
  label: string;
  action: ActionConfig;
}

function mainAction(value: unknown): MainAction | null {
  const props = record(value);
  const action = props && readAction(props.action);
  return props === null || action === null ? null : { label: words(props, "label"), action };
}

export function drawCard(node: WidgetNode, scope: Scope): TemplateResult {
  const confirm = mainAction(node.confirm);
  const cancel = mainAction(node.cancel);
  const isForm = flag(node, "asForm");
  const inside = isForm ? scope.within(new Fields(scope.path, scope.fields, confirm !== null)) : scope;
  const run = async ({ action }: MainAction): Promise<void> => {
    await inside.fire(action, "container", {
      onDone: () => {
        scope.state.done = true;
      },
    });
  };
  const hasActions = confirm !== null || cancel !== null;
  const isFoldable = flag(node, "collapsed") && (scope.state.done || !hasActions);
  const content = html`
    ${isFoldable ? disclosure(node, scope) : header(node, scope)}
    <div class="w-fold" id=${scope.id("fold")} ?data-folded=${isFoldable && !scope.state.isOpen(scope.path, false)}>
      <div class="w-fold-inside">
        <div class="w-card-body w-box w-col" ${styled(bodyStyles(node))}>${inside.children(node)}</div>
        ${hasActions && !isFoldable ? footer(confirm, cancel, isForm, run, scope) : nothing}
      </div>
    </div>
  `;
  const size = oneOf(node, "size", ["sm", "md", "lg", "full"]) ?? "md";
  const styles: Styles = {
    ...background(node.background, scope.scheme),
    ...borders(node.border, scope.scheme),
  };
  if (!isForm)
    return html`<div class="w-card" part="card" data-size=${size} ${styled(styles)}>${content}</div>`;
  return html`<form
    class="w-card"
    part="card"
    data-size=${size}
    autocomplete="off"
    @submit=${onSubmit(() => confirm && run(confirm))}
    @keydown=${submitByEnter}
    ${styled(styles)}
  >${content}</form>`;
}

function bodyStyles(node: WidgetNode): Styles {
  if (node.padding === undefined) return {};
  const isBare = node.padding === 0 || node.padding === "0";
  return { ...spacing("padding", node.padding), ...edges(node), ...(isBare ? { gap: "0px" } : {}) };
}

function header(node: WidgetNode, scope: Scope): unknown {
  const shown = status(node.status, scope);
  return shown === null ? nothing : html`<div class="w-status" part="card-status">${shown}</div>`;
}

/** What is left of a card that is done with, to open it again. */
function disclosure(node: WidgetNode, scope: Scope): TemplateResult {
  const isOpen = scope.state.isOpen(scope.path, false);
  const shown =
    status(node.status, scope) ??
    html`<span class="w-status-text">${headline(node) || scope.strings.finished}</span>`;
  return html`<button
    type="button"
    class="w-status w-disclosure"
    part="card-status"
    aria-expanded=${isOpen}
    aria-controls=${scope.id("fold")}
    title=${isOpen ? scope.strings.hideDetails : scope.strings.showDetails}
    @click=${() => scope.state.setOpen(scope.path, !isOpen)}
  >${shown}<span class="w-chevron">${icon("chevron-down")}</span></button>`;
}

function footer(
  confirm: MainAction | null,
  cancel: MainAction | null,
  isForm: boolean,
  run: (main: MainAction) => Promise<void>,
  scope: Scope,
): TemplateResult {
  const press = (main: MainAction) => (event: Event) => {
    if (isForm && main === confirm) return; // it submits the form, which validates first
    event.preventDefault();
    void run(main);
  };
  const button = (main: MainAction, colour: string, variant: string): TemplateResult => html`<button
    type=${isForm && main === confirm ? "submit" : "button"}
    class="w-button"
    data-color=${colour}
    data-variant=${variant}
    data-size="lg"
    ?disabled=${!scope.isLive}
    @click=${press(main)}
  ><span class="w-button-label">${main.label}</span></button>`;
  return html`<div class="w-card-footer" part="card-footer">
    ${cancel === null ? nothing : button(cancel, "secondary", "outline")}
    ${confirm === null ? nothing : button(confirm, "primary", "solid")}
  </div>`;
}
