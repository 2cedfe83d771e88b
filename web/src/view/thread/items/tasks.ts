/** What the assistant does on the way to an answer: one task, or several in a workflow. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../../../icons";
import { markdown } from "../../../markdown";
import type { Task, TaskItem, WorkflowItem } from "../../../protocol/types";
import type { ItemView } from "../view";
import { duration, words } from "../words";
import { sourceChip } from "./sources";

const MOST_SOURCES = 100;

export function workflow({ workflow }: WorkflowItem, view: ItemView): TemplateResult {
  const isRunning = view.isGrowing && workflow.summary === undefined;
  const isOpen = view.notes.isOpen ?? workflow.expanded === true;
  const { tasks } = workflow;
  return html`<div class="thread-workflow" part="workflow" ?data-running=${isRunning}>
    ${header(title(workflow, isRunning, view), summaryIcon(workflow), isRunning, isOpen && tasks.length > 0, view)}
    ${isOpen && tasks.length > 0 ? html`<ol class="thread-tasks">${tasks.map(task => html`<li>${step(task, view)}</li>`)}</ol>` : nothing}
  </div>`;
}

/** A task that stands alone. */
export function task({ task }: TaskItem, view: ItemView): TemplateResult {
  const isRunning = task.status_indicator === "loading";
  const details = detailsOf(task, view);
  const name = titleOf(task, view) || view.strings.working;
  const isOpen = details !== nothing && view.notes.isOpen === true;
  return html`<div class="thread-workflow" part="task" ?data-running=${isRunning}>
    ${
      details === nothing
        ? html`<p class="thread-quiet" ?data-running=${isRunning}>${mark(task)}<span>${name}</span></p>`
        : header(name, iconOf(task), isRunning, isOpen, view)
    }
    ${isOpen ? html`<div class="thread-task-alone">${details}</div>` : nothing}
  </div>`;
}

function header(
  name: string,
  symbol: string,
  isRunning: boolean,
  isOpen: boolean,
  view: ItemView,
): TemplateResult {
  return html`<button
    type="button"
    class="thread-disclosure"
    ?data-running=${isRunning}
    aria-expanded=${isOpen}
    @click=${() => view.note({ isOpen: !isOpen })}
  >
    ${symbol ? icon(symbol) : nothing}<span><bdi>${name}</bdi></span>${icon("chevron-down")}
  </button>`;
}

function title(workflow: WorkflowItem["workflow"], isRunning: boolean, view: ItemView): string {
  const { strings, language } = view;
  const { summary, tasks } = workflow;
  const isReasoning = workflow.type === "reasoning";
  if (summary && "title" in summary && words(summary.title)) return words(summary.title);
  const current = tasks.findLast(one => one.status_indicator === "loading") ?? tasks.at(-1);
  const name = current === undefined ? "" : titleOf(current, view);
  if (isReasoning) {
    if (summary && "duration" in summary)
      return strings.thoughtFor(duration(Number(summary.duration), language));
    return isRunning ? name || strings.thinking : strings.thought;
  }
  if (isRunning) return name || strings.working;
  return tasks.length === 1 && name ? name : strings.steps(tasks.length);
}

function summaryIcon({ type, summary }: WorkflowItem["workflow"]): string {
  if (summary && "icon" in summary && words(summary.icon)) return words(summary.icon);
  return type === "reasoning" ? "lightbulb" : "list-checks";
}

/** A task of a workflow. */
function step(task: Task, view: ItemView): TemplateResult {
  const name = titleOf(task, view);
  return html`<div class="thread-task" ?data-running=${task.status_indicator === "loading"}>
    <span class="thread-task-mark">${mark(task)}</span>
    <div class="thread-task-body">
      ${name ? html`<p class="thread-task-title"><bdi>${name}</bdi></p>` : nothing}${detailsOf(task, view)}
    </div>
  </div>`;
}

function mark(task: Task): TemplateResult {
  switch (task.status_indicator) {
    case "loading":
      return html`<span class="thread-ring"></span>`;
    case "complete":
      return html`${icon("check")}`;
    default:
      return iconOf(task) ? html`${icon(iconOf(task))}` : html`<span class="thread-dot"></span>`;
  }
}

function iconOf(task: Task): string {
  switch (task.type) {
    case "custom":
      return words(task.icon);
    case "web_search":
      return "globe";
    case "file":
      return "file-text";
    case "image":
      return "image";
    default:
      return "";
  }
}

function titleOf(task: Task, { strings }: ItemView): string {
  if (words(task.title)) return words(task.title);
  if (task.type !== "web_search") return "";
  const query = words(task.title_query);
  return query ? strings.searching(query) : strings.searchingTheWeb;
}

function detailsOf(task: Task, view: ItemView): TemplateResult | typeof nothing {
  switch (task.type) {
    case "custom":
    case "thought":
      return prose(words(task.content), view);
    case "web_search": {
      const queries = task.queries ?? [];
      const sources = task.sources ?? [];
      if (queries.length + sources.length === 0) return nothing;
      return html`<div class="thread-chips">
        ${queries.map(query => html`<span class="thread-chip" data-query>${icon("search")}<span dir="auto">${words(query)}</span></span>`)}
        ${sources.slice(0, MOST_SOURCES).map(source => sourceChip(source, view))}
      </div>`;
    }
    case "file":
      if (!task.sources?.length) return nothing;
      return html`<div class="thread-chips">
        ${task.sources.slice(0, MOST_SOURCES).map(source => sourceChip(source, view))}
      </div>`;
    default:
      return nothing;
  }
}

function prose(text: string, view: ItemView): TemplateResult | typeof nothing {
  if (text === "") return nothing;
  const { strings, imageDomains, isGrowing, widgets } = view;
  return html`<div class="thread-task-prose">
    ${markdown(text, { strings, streaming: isGrowing, allowedImageDomains: imageDomains, onDeepLink: widgets.onDeepLink })}
  </div>`;
}
