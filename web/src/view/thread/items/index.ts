/** What an item looks like, by its kind. */

import { html, nothing } from "lit";
import { icon } from "../../../icons";
import type { Strings } from "../../../locale";
import type { Item } from "../../../protocol/types";
import { widget } from "../../../widgets";
import type { ItemView } from "../view";
import { assistantMessage } from "./assistant";
import { generatedImage } from "./image";
import { questions } from "./questions";
import { task, workflow } from "./tasks";
import { userMessage } from "./user";

/** Nothing for kinds that are not known: there may be new ones. */
export function drawn(item: Item, view: ItemView): unknown {
  switch (item.type) {
    case "user_message":
      return userMessage(item, view);
    case "assistant_message":
      return assistantMessage(item, view);
    case "widget":
      return html`<div class="thread-widget" part="widget">${widget(item, view.widgets)}</div>`;
    case "generated_image":
      return generatedImage(item, view);
    case "workflow":
      return workflow(item, view);
    case "task":
      return task(item, view);
    case "structured_input":
      return questions(item, view);
    case "client_tool_call":
      return html`<p class="thread-quiet" data-running>${icon("wrench")}<span>${view.strings.usingPage}</span></p>`;
    default:
      return nothing;
  }
}

/** Whether there is anything to see of it. */
export function isVisible(item: Item, isResponding: boolean): boolean {
  switch (item.type) {
    case "user_message":
    case "widget":
    case "generated_image":
    case "structured_input":
    case "task":
      return true;
    case "assistant_message":
      return item.content.some(part => part.text !== "" || part.annotations.length > 0);
    case "workflow":
      return item.workflow.tasks.length > 0 || item.workflow.summary !== undefined;
    case "client_tool_call":
      return item.status === "pending" && isResponding;
    default:
      return false;
  }
}

/** What a screen reader calls it. */
export function nameOf(item: Item, strings: Strings): string {
  switch (item.type) {
    case "user_message":
      return strings.yourMessage;
    case "structured_input":
      return strings.questions;
    case "workflow":
    case "task":
    case "client_tool_call":
      return strings.activity;
    default:
      return strings.answer;
  }
}
