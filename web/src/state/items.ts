/** What updates make of one item. */

import type {
  AssistantContent,
  AssistantMessageItem,
  Item,
  ItemUpdate,
  Task,
  WidgetNode,
  WorkflowItem,
} from "../protocol/types";

/** The item after an update; the same one where the update is not for its kind. */
export function updated(item: Item, update: ItemUpdate): Item {
  switch (item.type) {
    case "assistant_message":
      return { ...item, content: updatedContent(item.content, update) };
    case "widget":
      return { ...item, widget: updatedWidget(item.widget, update) };
    case "workflow":
      return updatedWorkflow(item, update);
    case "generated_image":
      if (update.type !== "generated_image.updated") return item;
      return { ...item, image: update.image, progress: update.progress ?? 1 };
    default:
      return item;
  }
}

// --- messages --------------------------------------------------------------------------------------------------------

const MAX_PARTS = 1000;

function emptyPart(): AssistantContent {
  return { type: "output_text", text: "", annotations: [] };
}

function updatedContent(
  content: readonly AssistantContent[],
  update: ItemUpdate,
): AssistantMessageItem["content"] {
  switch (update.type) {
    case "assistant_message.content_part.added":
      return withPart(content, update.content_index, () => update.content);
    case "assistant_message.content_part.text_delta":
      return withPart(content, update.content_index, part => ({ ...part, text: part.text + update.delta }));
    case "assistant_message.content_part.annotation_added":
      return withPart(content, update.content_index, part => {
        const annotations = [...part.annotations];
        annotations[Math.min(update.annotation_index, annotations.length)] = update.annotation;
        return { ...part, annotations };
      });
    case "assistant_message.content_part.done":
      // The SDK ends a part without the annotations that it had.
      return withPart(content, update.content_index, part => ({
        ...update.content,
        annotations: update.content.annotations.length ? update.content.annotations : part.annotations,
      }));
    default:
      return [...content];
  }
}

function withPart(
  content: readonly AssistantContent[],
  index: number,
  change: (part: AssistantContent) => AssistantContent,
): AssistantContent[] {
  const parts = [...content];
  if (!Number.isInteger(index) || index < 0 || index >= MAX_PARTS) return parts;
  while (parts.length <= index) parts.push(emptyPart());
  parts[index] = change(parts[index] ?? emptyPart());
  return parts;
}

// --- widgets ---------------------------------------------------------------------------------------------------------

function updatedWidget(widget: WidgetNode, update: ItemUpdate): WidgetNode {
  switch (update.type) {
    case "widget.root.updated":
      return update.widget;
    case "widget.component.updated":
      return withComponent(widget, update.component_id, () => update.component);
    case "widget.streaming_text.value_delta":
      return withComponent(widget, update.component_id, node => ({
        ...node,
        value: `${typeof node.value === "string" ? node.value : ""}${update.delta}`,
        streaming: !update.done,
      }));
    default:
      return widget;
  }
}

/** The tree with one component changed, wherever it is; the same tree where there is none of this id. */
function withComponent(node: WidgetNode, id: string, change: (node: WidgetNode) => WidgetNode): WidgetNode {
  if (node.id === id) return change(node);
  const { children } = node;
  if (Array.isArray(children)) {
    const changed = children.map(child => withComponent(child, id, change));
    return changed.some((child, index) => child !== children[index]) ? { ...node, children: changed } : node;
  }
  if (children === undefined || children === null || typeof children !== "object") return node;
  const changed = withComponent(children, id, change);
  return changed === children ? node : { ...node, children: changed };
}

// --- workflows -------------------------------------------------------------------------------------------------------

function updatedWorkflow(item: WorkflowItem, update: ItemUpdate): WorkflowItem {
  if (update.type !== "workflow.task.added" && update.type !== "workflow.task.updated") return item;
  const tasks = [...item.workflow.tasks];
  tasks[Math.min(update.task_index, tasks.length)] = update.task;
  return { ...item, workflow: { ...item.workflow, tasks } };
}

function rested(task: Task): Task {
  return task.status_indicator === "loading" ? { ...task, status_indicator: "none" } : task;
}

/** An item whose run is over though it was never said to be done. */
export function closed(item: Item): Item {
  switch (item.type) {
    case "workflow":
      return { ...item, workflow: { ...item.workflow, tasks: item.workflow.tasks.map(rested) } };
    case "task":
      return { ...item, task: rested(item.task) };
    default:
      return item;
  }
}

/** Whether there is nothing to see of an item that was begun. */
export function isEmpty(item: Item): boolean {
  switch (item.type) {
    case "assistant_message":
      return item.content.every(part => part.text === "");
    case "workflow":
      return item.workflow.tasks.length === 0;
    case "generated_image":
      return item.image === undefined;
    default:
      return false;
  }
}
