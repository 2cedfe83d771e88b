/** Badges, icons and images. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { WidgetNode } from "../protocol/types";
import { background, textColour } from "./colours";
import { imageUrl, linkUrl } from "./images";
import { block } from "./lengths";
import { flag, oneOf, string, words } from "./props";
import type { Scope } from "./scope";
import { styled } from "./styled";

const BADGES = ["secondary", "success", "danger", "warning", "info", "discovery"] as const;

export function drawBadge(node: WidgetNode): TemplateResult {
  return html`<span
    class="w-badge"
    data-color=${oneOf(node, "color", BADGES) ?? "secondary"}
    data-variant=${oneOf(node, "variant", ["solid", "soft", "outline"]) ?? "soft"}
    data-size=${oneOf(node, "size", ["sm", "md", "lg"]) ?? "sm"}
    ?data-pill=${flag(node, "pill")}
  >${words(node, "label")}</span>`;
}

const ICONS: Readonly<Record<string, string>> = {
  xs: "12px",
  sm: "14px",
  md: "16px",
  lg: "20px",
  xl: "24px",
  "2xl": "28px",
  "3xl": "32px",
};

/** How large an icon of this size is; null: there is no such size. */
export function iconSize(name: unknown): string | null {
  return typeof name === "string" && Object.hasOwn(ICONS, name) ? (ICONS[name] ?? null) : null;
}

export function drawIcon(node: WidgetNode, scope: Scope): TemplateResult {
  const styles = {
    color: textColour(node.color, scope.scheme),
    "font-size": iconSize(node.size) ?? "16px",
  };
  return html`<span class="w-icon" ${styled(styles)}>${icon(string(node, "name") ?? "")}</span>`;
}

const FITS = ["cover", "contain", "fill", "scale-down", "none"] as const;
const POSITIONS = [
  "top left",
  "top",
  "top right",
  "left",
  "center",
  "right",
  "bottom left",
  "bottom",
  "bottom right",
] as const;

export function drawImage(node: WidgetNode, scope: Scope): TemplateResult {
  const src = string(node, "src") ?? "";
  const alt = string(node, "alt") ?? "";
  const url = imageUrl(src, scope.context.allowedImageDomains);
  const styles = {
    ...block(node),
    ...background(node.background, scope.scheme),
    "--w-fit": oneOf(node, "fit", FITS),
    "--w-position": oneOf(node, "position", POSITIONS),
  };
  const classes = `w-image ${flag(node, "frame") ? "w-framed" : ""} ${flag(node, "flush") ? "w-flush" : ""}`;
  const isBroken = url !== null && scope.state.broken.has(url);
  if (url === null || isBroken) {
    const shown = instead(isBroken ? "" : src, alt, scope);
    return html`<span class=${classes} data-state="missing" ${styled(styles)}>${shown}</span>`;
  }
  return html`<span class=${classes} data-state="loading" ${styled(styles)}
    ><img
      src=${url}
      alt=${alt}
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      draggable="false"
      @load=${onLoad}
      @error=${() => {
        scope.state.broken.add(url);
        scope.state.onChange();
      }}
  /></span>`;
}

function onLoad(event: Event): void {
  const frame = (event.currentTarget as HTMLElement).parentElement;
  if (frame !== null) frame.dataset.state = "loaded";
}

/** What is there of an image that may not be loaded: where it is, for whoever wants to see it. */
function instead(src: string, alt: string, scope: Scope): TemplateResult {
  const link = linkUrl(src);
  const label = alt === "" ? scope.strings.imageLabel : alt;
  if (link === null) return html`${icon("square-image")}<span>${alt === "" ? nothing : alt}</span>`;
  return html`${icon("square-image")}<a href=${link} target="_blank" rel="noopener noreferrer">${label}</a>`;
}
