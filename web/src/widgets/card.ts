/** A card: a bounded piece of content, with what it asks at its end. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { WidgetNode } from "../protocol/types";
import { readAction } from "./actions";
import { background } from "./colours";
import type { ActionConfig } from "./context";
import { spinner } from "./controls/spinner";
import { Fields } from "./fields";
import { onSubmit, submitByEnter } from "./form";
import { edges } from "./layout";
import { borders, spacing } from "./lengths";
import { flag, oneOf, record, words } from "./props";
import type { Scope } from "./scope";
import { status } from "./status";
import { type Styles, styled } from "./styled";
import { headline } from "./tree";

/** Confirm or cancel. */
interface MainAction {
  kind: "confirm" | "cancel";
  label: string;
  action: ActionConfig;
  /** The scope of its button. */
  scope: Scope;
}

function mainAction(node: WidgetNode, kind: MainAction["kind"], scope: Scope): MainAction | null {
  const props = record(node[kind]);
  const action = props && readAction(props.action);
  return action === null ? null : { kind, action, label: words(props ?? {}, "label"), scope: scope.at(kind) };
}

async function run({ action, scope }: MainAction): Promise<void> {
  await scope.fire(action, "container", {
    onDone: () => {
      scope.state.done = true;
    },
  });
}

export function drawCard(node: WidgetNode, around: Scope): TemplateResult {
  const scope = around.themed(node);
  const isForm = flag(node, "asForm");
  const submits = readAction(record(node.confirm)?.action) === null ? null : scope.at("confirm").path;
  const inside = isForm ? scope.within(new Fields(scope.path, scope.fields, submits)) : scope;
  const confirm = mainAction(node, "confirm", inside);
  const cancel = mainAction(node, "cancel", inside);
  const isFoldable = flag(node, "collapsed") && (scope.state.done || (confirm ?? cancel) === null);
  const isFolded = isFoldable && !scope.state.isOpen(scope.path, false);
  const content = html`
    ${isFoldable ? disclosure(node, scope) : header(node, scope)}
    <div class="w-fold" id=${scope.id("fold")} ?data-folded=${isFolded}>
      <div class="w-fold-inside">
        <div class="w-card-body w-box w-col" ${styled(bodyStyles(node))}>${inside.children(node)}</div>
        ${isFoldable ? nothing : footer(confirm, cancel, isForm)}
      </div>
    </div>
  `;
  const size = oneOf(node, "size", ["sm", "md", "lg", "full"]) ?? "md";
  const styles = styled({
    ...background(node.background, scope.scheme),
    ...borders(node.border, scope.scheme),
  });
  if (!isForm) {
    return html`<div class="w-card" part="card" data-size=${size} data-scheme=${scope.ownScheme} ${styles}>${content}</div>`;
  }
  return html`<form
    class="w-card"
    part="card"
    data-size=${size}
    data-scheme=${scope.ownScheme}
    autocomplete="off"
    @submit=${onSubmit(() => void (confirm && run(confirm)))}
    @keydown=${submitByEnter}
    ${styles}
  >${content}</form>`;
}

function bodyStyles(node: WidgetNode): Styles {
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

function footer(confirm: MainAction | null, cancel: MainAction | null, isForm: boolean): unknown {
  if (confirm === null && cancel === null) return nothing;
  return html`<div class="w-card-footer" part="card-footer">
    ${cancel === null ? nothing : mainButton(cancel, false)}
    ${confirm === null ? nothing : mainButton(confirm, isForm)}
  </div>`;
}

/** A button that submits validates first; what it does is the form's. */
function mainButton(main: MainAction, submits: boolean): TemplateResult {
  const { kind, label, scope } = main;
  const press = (event: Event): void => {
    if (submits && !scope.isBusy) return;
    event.preventDefault();
    if (!scope.isBusy) void run(main);
  };
  return html`<button
    type=${submits ? "submit" : "button"}
    class="w-button"
    part="widget-button"
    data-color=${kind === "confirm" ? "primary" : "secondary"}
    data-variant=${kind === "confirm" ? "solid" : "outline"}
    data-size="lg"
    ?disabled=${!scope.isLive}
    aria-busy=${scope.isBusy ? "true" : nothing}
    aria-disabled=${scope.isBusy ? "true" : nothing}
    @click=${press}
  >${scope.isBusy ? spinner() : nothing}<span class="w-button-label">${label}</span></button>`;
}
