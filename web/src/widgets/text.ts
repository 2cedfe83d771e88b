/** Words: plain, as a headline, as a caption, as a label, as markdown, and such as can be edited where they stand. */
import { html, nothing, type TemplateResult } from "lit";
import { markdown } from "../markdown";
import type { WidgetNode } from "../protocol/types";
import { textColour } from "./colours";
import { drawEditable } from "./controls/editable";
import { grow } from "./grow";
import { size } from "./lengths";
import { count, flag, oneOf, type Props, record, string, words } from "./props";
import type { Scope } from "./scope";
import { type Styles, styled } from "./styled";

const WEIGHTS = { normal: "400", medium: "500", semibold: "600", bold: "700" } as const;
type Weight = keyof typeof WEIGHTS;

/** Sizes in relation to the base size. */
type Sizes = Readonly<Record<string, number>>;

const TEXT: Sizes = { xs: 0.75, sm: 0.875, md: 1, lg: 1.125, xl: 1.25 };
const CAPTION: Sizes = { sm: 0.75, md: 0.8125, lg: 0.875 };
const TITLE: Sizes = { sm: 1, md: 1.125, lg: 1.25, xl: 1.5, "2xl": 1.75, "3xl": 2, "4xl": 2.25, "5xl": 3 };

function sized(props: Props, sizes: Sizes, otherwise: string): string {
  const name = string(props, "size");
  const factor =
    (name !== null && Object.hasOwn(sizes, name) ? sizes[name] : undefined) ?? sizes[otherwise] ?? 1;
  return `calc(var(--ck-size) * ${factor})`;
}

function typography(props: Props, scope: Scope): Styles {
  const weight = oneOf(props, "weight", Object.keys(WEIGHTS) as Weight[]);
  const lines = flag(props, "truncate") ? 1 : count(props, "maxLines", 1);
  return {
    color: textColour(props.color, scope.scheme),
    "font-weight": weight && WEIGHTS[weight],
    "text-align": oneOf(props, "textAlign", ["start", "center", "end"]),
    "--w-lines": lines === null ? null : `${lines}`,
  };
}

/** How what is too long is cut off. */
function cut(props: Props): string {
  if (flag(props, "truncate")) return "w-truncate";
  return count(props, "maxLines", 1) === null ? "" : "w-clamp";
}

export function drawText(node: WidgetNode, scope: Scope): TemplateResult {
  const lines = count(node, "minLines", 1, 100);
  const styles = {
    ...typography(node, scope),
    "font-size": sized(node, TEXT, "md"),
    "font-style": flag(node, "italic") ? "italic" : null,
    "text-decoration": flag(node, "lineThrough") ? "line-through" : null,
    width: size(node.width),
    "min-height": lines === null ? null : `calc(${lines} * 1lh)`,
  };
  const editable = record(node.editable);
  if (editable !== null) return drawEditable(node, editable, scope, styles);
  const isStreaming = flag(node, "streaming");
  return html`<p
    class="w-text ${cut(node)}"
    title=${flag(node, "truncate") ? words(node, "value") : nothing}
    ${styled(styles)}
  >${grow(words(node, "value"), isStreaming)}</p>`;
}

export function drawTitle(node: WidgetNode, scope: Scope): TemplateResult {
  const styles = { ...typography(node, scope), "font-size": sized(node, TITLE, "md") };
  return html`<h3 class="w-title ${cut(node)}" ${styled(styles)}>${words(node, "value")}</h3>`;
}

export function drawCaption(node: WidgetNode, scope: Scope): TemplateResult {
  const styles = { ...typography(node, scope), "font-size": sized(node, CAPTION, "md") };
  return html`<p class="w-caption ${cut(node)}" ${styled(styles)}>${words(node, "value")}</p>`;
}

export function drawLabel(node: WidgetNode, scope: Scope): TemplateResult {
  const styles = { ...typography(node, scope), "font-size": sized(node, TEXT, "sm") };
  const field = scope.fieldId(string(node, "fieldName") ?? "");
  return html`<label class="w-label" id="${field}-label" for=${field} ${styled(styles)}>${words(node, "value")}</label>`;
}

export function drawMarkdown(node: WidgetNode, scope: Scope): TemplateResult {
  const { strings, allowedImageDomains } = scope.context;
  const drawn = markdown(words(node, "value"), {
    strings,
    streaming: flag(node, "streaming"),
    allowedImageDomains,
    onDeepLink: (name, data) => scope.context.onDeepLink(name, data),
  });
  return html`<div class="w-markdown">${drawn}</div>`;
}
