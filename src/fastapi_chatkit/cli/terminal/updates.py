"""The ten kinds of ``thread.item.updated``, applied to an item in place."""

from collections.abc import Iterator
from typing import cast

from .fields import Fields, Json
from .items import Answer, Image, Item, Part, Widget, Workflow, read_part, read_source, read_task

_MAX_PARTS = 1000
_MAX_DEPTH = 100


def update_item(item: Item, update: Fields) -> bool:
    """Change ``item`` as ``update`` says; False when the two do not fit together."""
    match item:
        case Answer():
            return _update_answer(item, update)
        case Widget():
            return _update_widget(item, update)
        case Workflow():
            return _update_workflow(item, update)
        case Image():
            item.url = update.child("image").text("url") or item.url
            return True
        case _:
            return False


def _update_answer(answer: Answer, update: Fields) -> bool:
    index = update.integer("content_index")
    if not 0 <= index < _MAX_PARTS:
        return False
    while len(answer.parts) <= index:
        answer.parts.append(Part([]))
    part = answer.parts[index]
    match update.text("type").rpartition(".")[2]:
        case "added" | "done":
            finished = read_part(update.child("content"))
            # The SDK ends a part with no annotations at all, although it sent them one by one.
            answer.parts[index] = Part(finished.chunks, finished.sources or part.sources)
        case "text_delta":
            part.chunks.append(update.text("delta"))
        case "annotation_added":
            part.sources.append(read_source(update.child("annotation").child("source")))
        case _:
            return False
    return True


def _update_workflow(workflow: Workflow, update: Fields) -> bool:
    index = update.integer("task_index")
    if not 0 <= index <= len(workflow.tasks) or not update.child("task"):
        return False
    workflow.tasks[index : index + 1] = [read_task(update.child("task"))]
    return True


def _update_widget(widget: Widget, update: Fields) -> bool:
    match update.text("type"):
        case "widget.root.updated":
            widget.root = update.child("widget").raw
            return True
        case "widget.component.updated":
            found = _component(widget, update)
            if found is not None:
                found.clear()
                found.update(update.child("component").raw)
            return found is not None
        case "widget.streaming_text.value_delta":
            found = _component(widget, update)
            if found is not None:
                found["value"] = Fields(found).text("value") + update.text("delta")
            return found is not None
        case _:
            return False


def _component(widget: Widget, update: Fields) -> dict[str, Json] | None:
    wanted = update.text("component_id")
    return next((one for one in _components(widget.root, _MAX_DEPTH) if wanted and one.get("id") == wanted), None)


def _components(node: dict[str, Json], depth: int) -> Iterator[dict[str, Json]]:
    """A component and all below it; ``children`` is a list, or a single one in a ``Transition``."""
    yield node
    children = node.get("children")
    for child in children if isinstance(children, list) else [children]:
        if isinstance(child, dict) and depth:
            yield from _components(cast("dict[str, Json]", child), depth - 1)
