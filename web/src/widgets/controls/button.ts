/** Buttons. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../icons";
import type { WidgetNode } from "../../protocol/types";
import { readAction } from "../actions";
import { iconSize } from "../content";
import { flag, oneOf, type Props, string, words } from "../props";
import type { Scope } from "../scope";
import { styled } from "../styled";
import { sizeOf } from "./sizes";
import { spinner } from "./spinner";

const COLOURS = [
  "primary",
  "secondary",
  "info",
  "discovery",
  "success",
  "caution",
  "warning",
  "danger",
] as const;
const VARIANTS = ["solid", "soft", "outline", "ghost"] as const;

interface Look {
  colour: string;
  variant: string;
}

/** `style` is a preset of both; what is left open follows from the other. */
function lookOf(props: Props): Look {
  const style = oneOf(props, "style", ["primary", "secondary"]);
  const variant = oneOf(props, "variant", VARIANTS);
  const colour = oneOf(props, "color", COLOURS) ?? style;
  if (colour !== null) return { colour, variant: variant ?? (colour === "secondary" ? "outline" : "solid") };
  return { colour: variant === "solid" ? "primary" : "secondary", variant: variant ?? "outline" };
}

export function drawButton(node: WidgetNode, scope: Scope): TemplateResult {
  const { fields } = scope;
  const isSubmit = flag(node, "submit") && fields !== null;
  const isBusy =
    scope.isBusy || (isSubmit && fields.submits !== null && scope.state.busy.has(fields.submits));
  const hasAction = readAction(node.onClickAction) !== null;
  const { colour, variant } = lookOf(node);
  const label = words(node, "label");
  const isDisabled = flag(node, "disabled") || (!scope.isLive && (hasAction || isSubmit));

  const press = (event: Event): void => {
    if (!isBusy && isSubmit && fields.submits !== null) return; // the form does what it does
    event.preventDefault();
    if (isBusy) return;
    const { form } = event.currentTarget as HTMLButtonElement;
    if (!isSubmit || form === null || form.reportValidity()) void scope.fire(node.onClickAction, "self");
  };

  return html`<button
    type=${isSubmit ? "submit" : "button"}
    class="w-button"
    part="widget-button"
    data-color=${colour}
    data-variant=${variant}
    data-size=${sizeOf(node)}
    ?data-pill=${flag(node, "pill")}
    ?data-square=${node.pill === false}
    ?data-uniform=${flag(node, "uniform") || label === ""}
    ?data-block=${flag(node, "block")}
    ?disabled=${isDisabled}
    aria-label=${label === "" ? nameOf(node) : nothing}
    aria-busy=${isBusy ? "true" : nothing}
    aria-disabled=${isBusy ? "true" : nothing}
    @click=${press}
    ${styled({ "--w-icon": iconSize(node.iconSize) })}
  >${isBusy ? spinner() : nothing}${sign(node.iconStart)}${
    label === "" ? nothing : html`<span class="w-button-label">${label}</span>`
  }${sign(node.iconEnd)}</button>`;
}

function sign(name: unknown): unknown {
  const drawn = typeof name === "string" ? icon(name) : nothing;
  return drawn === nothing ? nothing : html`<span class="w-button-icon">${drawn}</span>`;
}

/** What a button without words is called: as its icon. */
function nameOf(props: Props): string {
  const name = string(props, "iconStart") ?? string(props, "iconEnd") ?? "";
  return name.replace(/^[a-z]+:/, "").replaceAll("-", " ");
}
