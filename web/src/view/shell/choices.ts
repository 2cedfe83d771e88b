/** What can be chosen beside the text: a tool, a model. */
import type { ModelOption, ToolOption } from "@openai/chatkit";
import { html, nothing, type TemplateResult } from "lit";
import { Chunk } from "../../chunk";
import { icon } from "../../icons";
import type { Strings } from "../../locale";
import type { MenuItem } from "./menu";

/** Menus, where there is something to choose. */
export const menuChunk = new Chunk(() => import("./menu"));

export function toolOf(tools: readonly ToolOption[] | undefined, id: string | null): ToolOption | null {
  return tools?.find(tool => tool.id === id) ?? null;
}

/** What was chosen, else the page's choice, else the first. */
export function modelOf(models: readonly ModelOption[] | undefined, id: string | null): ModelOption | null {
  const open = models?.filter(model => !model.disabled) ?? [];
  return open.find(model => model.id === id) ?? open.find(model => model.default) ?? open[0] ?? null;
}

export function toolChoice(
  tools: readonly ToolOption[],
  chosen: ToolOption | null,
  strings: Strings,
  onChoose: (toolId: string | null) => void,
): TemplateResult {
  const listed = tools.filter(tool => !tool.pinned);
  const pinned = tools.filter(tool => tool.pinned);
  const items = listed.map(
    ({ id, label, icon }): MenuItem => ({ id, label, icon, checked: id === chosen?.id }),
  );
  const toggle = (id: string): void => onChoose(id === chosen?.id ? null : id);
  return html`
    ${
      listed.length
        ? html`<chatkit-menu choice .label=${strings.chooseTool} .items=${items} .part_=${"tools-button"}
            .face=${icon("settings-slider")} .onSelect=${(item: MenuItem) => toggle(item.id)}></chatkit-menu>`
        : nothing
    }
    ${pinned.map(tool => pinnedTool(tool, tool === chosen, toggle))}
    ${chosen && !chosen.pinned ? chosenTool(chosen, strings, onChoose) : nothing}
  `;
}

function pinnedTool(tool: ToolOption, isChosen: boolean, toggle: (id: string) => void): TemplateResult {
  return html`
    <button type="button" class="shell-chip" part="tool" aria-pressed=${isChosen} aria-label=${tool.label}
      title=${tool.label} @click=${() => toggle(tool.id)}
    >${icon(tool.icon)}<span class="shell-chip-label">${tool.shortLabel ?? tool.label}</span></button>
  `;
}

function chosenTool(
  tool: ToolOption,
  strings: Strings,
  onChoose: (toolId: string | null) => void,
): TemplateResult {
  return html`
    <button type="button" class="shell-chip" part="tool" data-chosen aria-label=${strings.removeTool(tool.label)}
      title=${strings.removeTool(tool.label)} @click=${() => onChoose(null)}
    >${icon(tool.icon)}<span class="shell-chip-label">${tool.shortLabel ?? tool.label}</span>${icon("close")}</button>
  `;
}

export function modelChoice(
  models: readonly ModelOption[],
  chosen: ModelOption | null,
  strings: Strings,
  onChoose: (modelId: string) => void,
): TemplateResult {
  const items = models.map(
    ({ id, label, description, disabled }): MenuItem => ({
      id,
      label,
      description,
      disabled,
      checked: id === chosen?.id,
    }),
  );
  const face = html`<span class="composer-model-label">${chosen?.label}</span>${icon("chevron-down")}`;
  return html`<chatkit-menu class="composer-model" choice .label=${strings.chooseModel(chosen?.label ?? "")}
    .items=${items} .kind=${"shell-text-button"} .part_=${"model-button"} .face=${face}
    .onSelect=${(item: MenuItem) => onChoose(item.id)}></chatkit-menu>`;
}
