/** The line above a card or a list that says where it is from, or what has become of it. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../icons";
import { imageUrl } from "./images";
import { flag, record, string, words } from "./props";
import type { Scope } from "./scope";

/** Null: there is none. */
export function status(value: unknown, scope: Scope): TemplateResult | null {
  const props = record(value);
  if (props === null) return null;
  const favicon = imageUrl(string(props, "favicon") ?? "", scope.context.allowedImageDomains);
  const sign =
    favicon === null
      ? icon(string(props, "icon") ?? "")
      : html`<img
          class="w-favicon ${flag(props, "frame") ? "w-framed" : ""}"
          src=${favicon}
          alt=""
          referrerpolicy="no-referrer"
        />`;
  const text = words(props, "text");
  if (text === "" && sign === nothing) return null;
  return html`${sign}<span class="w-status-text">${text}</span>`;
}
