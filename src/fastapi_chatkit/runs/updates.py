"""How an item grows: the SDK's updates applied to an item's JSON, as every client applies them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..items import Item

Json = dict[str, Any]

MAX_PARTS = 1000
"""How many content parts a message may have; a wild index must not fill the memory with empty ones."""


def apply_update(item: Item, update: Json) -> None:  # noqa: C901 - one case per kind of update
    """Change ``item`` in place; an update that does not fit the item is ignored."""
    match update["type"], item["type"]:
        case "assistant_message.content_part.added", "assistant_message":
            part_at(item, update["content_index"]).update(update["content"])
        case "assistant_message.content_part.text_delta", "assistant_message":
            part_at(item, update["content_index"])["text"] += update["delta"]
        case "assistant_message.content_part.annotation_added", "assistant_message":
            annotations = part_at(item, update["content_index"])["annotations"]
            annotations.insert(update["annotation_index"], update["annotation"])
        case "assistant_message.content_part.done", "assistant_message":
            _finish_part(part_at(item, update["content_index"]), update["content"])
        case "widget.streaming_text.value_delta", "widget":
            for component in _components(item["widget"], update["component_id"]):
                component["value"] = component.get("value", "") + update["delta"]
                if update["done"]:
                    component["streaming"] = False
        case "widget.component.updated", "widget":
            for component in _components(item["widget"], update["component_id"]):
                component.clear()
                component.update(update["component"])
        case "widget.root.updated", "widget":
            item["widget"] = update["widget"]
        case (("workflow.task.added" | "workflow.task.updated"), "workflow"):
            _put_task(item["workflow"]["tasks"], update["task_index"], update["task"])
        case "generated_image.updated", "generated_image":
            item["image"] = update["image"]
        case _:
            pass


def new_part() -> Json:
    """An empty text part of an assistant message."""
    return {"annotations": [], "text": "", "type": "output_text"}


def part_at(item: Item, index: int) -> Json:
    """The content part at ``index``; parts up to it are made where they are missing."""
    if not 0 <= index < MAX_PARTS:
        raise ValueError(f"content_index is {index}, and must be 0 to {MAX_PARTS - 1}")
    content: list[Json] = item["content"]
    while len(content) <= index:
        content.append(new_part())
    return content[index]


def _finish_part(part: Json, content: Json) -> None:
    """The SDK finishes a part with no annotations, after having sent them one by one: those stay."""
    annotations = content.get("annotations") or part["annotations"]
    part.update(content)
    part["annotations"] = annotations


def _components(component: Json, wanted: str) -> Iterator[Json]:
    """The components with the id ``wanted``, at any depth."""
    stack = [component]
    while stack:
        node = stack.pop()
        if node.get("id") == wanted:
            yield node
        children: Any = node.get("children")
        listed = cast("list[Any]", children if isinstance(children, list) else [children])
        stack.extend(cast("Json", child) for child in listed if isinstance(child, dict))


def close_workflow(item: Item) -> None:
    """No task of a workflow that was cut short goes on loading."""
    for task in item["workflow"]["tasks"]:
        if task.get("status_indicator") == "loading":
            task["status_indicator"] = "none"


def _put_task(tasks: list[Json], index: int, task: Json) -> None:
    if 0 <= index < len(tasks):
        tasks[index] = task
    else:
        tasks.append(task)
