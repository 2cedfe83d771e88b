/** Boxes, and what is between them. */
import { html, type TemplateResult } from "lit";
import type { WidgetNode } from "../protocol/types";
import { borderColour } from "./colours";
import { arrangement, box, size, space, spacing } from "./lengths";
import { flag, oneOf, type Props } from "./props";
import type { Scope } from "./scope";
import { styled } from "./styled";

export type Direction = "row" | "col";

export function directionOf(props: Props): Direction {
  return oneOf(props, "direction", ["row", "col"]) ?? "col";
}

export function drawBox(node: WidgetNode, scope: Scope): TemplateResult {
  return drawn(node, scope, directionOf(node));
}

export function drawRow(node: WidgetNode, scope: Scope): TemplateResult {
  return drawn(node, scope, "row");
}

export function drawCol(node: WidgetNode, scope: Scope): TemplateResult {
  return drawn(node, scope, "col");
}

function drawn(node: WidgetNode, scope: Scope, direction: Direction): TemplateResult {
  return html`<div
    class="w-box w-${direction}"
    data-kind=${node.type}
    ${styled({ ...box(node, scope.scheme), ...edges(node) })}
  >${scope.children(node)}</div>`;
}

/** What lies flush in a box reaches over the box's own padding. */
export function edges(props: Props): Record<string, string | null> {
  const sides = Object.entries(spacing("padding", props.padding));
  if (sides.every(([, width]) => width === null)) return {};
  return Object.fromEntries(
    sides.map(([side, width]) => [side.replace("padding", "--w-edge"), width ?? "0px"]),
  );
}

/** A root without an edge of its own. */
export function drawBasic(node: WidgetNode, around: Scope): TemplateResult {
  const scope = around.themed(node);
  return html`<div
    class="w-box w-${directionOf(node)} w-basic"
    data-scheme=${scope.ownScheme}
    ${styled({ ...arrangement(node), ...spacing("padding", node.padding), ...edges(node) })}
  >${scope.children(node)}</div>`;
}

export function drawSpacer(node: WidgetNode): TemplateResult {
  return html`<div class="w-spacer" ${styled({ "--w-least": size(node.minSize) })}></div>`;
}

export function drawDivider(node: WidgetNode, scope: Scope): TemplateResult {
  return html`<hr
    class="w-divider ${flag(node, "flush") ? "w-flush" : ""}"
    ${styled({
      "--w-line": size(node.size),
      "--w-gap": space(node.spacing),
      "--w-colour": borderColour(node.color, scope.scheme),
    })}
  />`;
}
