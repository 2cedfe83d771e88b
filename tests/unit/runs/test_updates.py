"""Updates applied to an item's JSON, against the SDK's own way of applying them to its models."""

import copy
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from chatkit import types as sdk
from chatkit.server import ChatKitServer
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.events import item_dict, public_dict
from fastapi_chatkit.runs.pending import PendingItem
from fastapi_chatkit.runs.updates import apply_update
from tests.support.memory_store import MemoryStore

MOMENT = datetime(2026, 1, 31, 12)
COMMON: dict[str, Any] = {"thread_id": "thr_1", "created_at": MOMENT}


class Model(ChatKitServer[Any]):
    """The SDK's server, for the way in which it keeps pending items up to date."""

    def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
        raise NotImplementedError

    def after(self, item: Any, updates: list[Any]) -> Any:
        pending: dict[str, Any] = {item.id: item.model_copy(deep=True)}
        for update in copy.deepcopy(updates):  # the SDK writes into the updates themselves
            self._update_pending_items(pending, sdk.ThreadItemUpdatedEvent(item_id=item.id, update=update))
        return pending[item.id]


MODEL = Model(MemoryStore())
TEXT = st.text(alphabet="ab ü😀\n", max_size=4)
INDEX = st.integers(0, 2)


def annotation(number: int) -> sdk.Annotation:
    return sdk.Annotation(source=sdk.URLSource(url=f"https://example.com/{number}", title=str(number)))


ASSISTANT_UPDATES = st.lists(
    st.one_of(
        st.builds(
            lambda index, text: sdk.AssistantMessageContentPartAdded(
                content_index=index, content=sdk.AssistantMessageContent(text=text)
            ),
            INDEX,
            TEXT,
        ),
        st.builds(
            lambda index, text: sdk.AssistantMessageContentPartTextDelta(content_index=index, delta=text), INDEX, TEXT
        ),
        st.builds(
            lambda index, place, number: sdk.AssistantMessageContentPartAnnotationAdded(
                content_index=index, annotation_index=place, annotation=annotation(number)
            ),
            INDEX,
            st.integers(0, 4),
            st.integers(0, 9),
        ),
        st.builds(
            lambda index, text, numbers: sdk.AssistantMessageContentPartDone(
                content_index=index,
                content=sdk.AssistantMessageContent(text=text, annotations=[annotation(n) for n in numbers]),
            ),
            INDEX,
            TEXT,
            st.lists(st.integers(0, 9), min_size=1, max_size=2),  # without any, ours keeps those that were sent
        ),
    ),
    max_size=20,
)


@given(ASSISTANT_UPDATES)
def test_assistant_messages_grow_as_the_sdks_do(updates: list[Any]) -> None:
    item = sdk.AssistantMessageItem(id="msg_1", content=[], **COMMON)
    expected = item_dict(MODEL.after(item, updates))
    for deltas_apart in (False, True):
        pending = PendingItem(item_dict(item))
        for update in updates:
            if deltas_apart and isinstance(update, sdk.AssistantMessageContentPartTextDelta):
                pending.add_text(update.content_index, update.delta)
            else:
                pending.update(public_dict(update))
        assert pending.item == expected
        assert pending.item == expected, "reading it changes nothing"


def test_a_finished_part_keeps_the_annotations_that_were_sent_one_by_one() -> None:
    item = item_dict(sdk.AssistantMessageItem(id="msg_1", content=[], **COMMON))
    added = sdk.AssistantMessageContentPartAnnotationAdded(
        content_index=0, annotation_index=0, annotation=annotation(1)
    )
    done = sdk.AssistantMessageContentPartDone(content_index=0, content=sdk.AssistantMessageContent(text="whole"))
    for update in (added, done):
        apply_update(item, public_dict(update))
    assert item["content"][0]["text"] == "whole"
    assert [a["source"]["title"] for a in item["content"][0]["annotations"]] == ["1"]


TASKS = st.lists(st.tuples(st.booleans(), st.integers(0, 6), TEXT), max_size=15)


@given(TASKS)
def test_workflows_grow_as_the_sdks_do(steps: list[tuple[bool, int, str]]) -> None:
    item = sdk.WorkflowItem(id="wf_1", workflow=sdk.Workflow(type="custom", tasks=[]), **COMMON)
    updates: list[Any] = []
    count = 0
    for add, index, title in steps:
        task = sdk.CustomTask(title=title)
        if add or count == 0:
            updates.append(sdk.WorkflowTaskAdded(task_index=count, task=task))
            count += 1
        else:
            updates.append(sdk.WorkflowTaskUpdated(task_index=index % count, task=task))
    wire = item_dict(item)
    for update in updates:
        apply_update(wire, public_dict(update))
    assert wire == item_dict(MODEL.after(item, updates))


def widget_item() -> dict[str, Any]:
    card = {
        "type": "Card",
        "id": "card",
        "children": [
            {"type": "Text", "id": "text", "value": "a", "streaming": True, "future": 1},
            {"type": "Row", "children": [{"type": "Markdown", "id": "deep", "value": "b"}]},
            {"type": "Transition", "children": {"type": "Text", "id": "single", "value": "c"}},
        ],
    }
    return {"id": "w", "type": "widget", "widget": card}


@pytest.mark.parametrize(("component", "path"), [("text", (0,)), ("deep", (1, 0)), ("single", (2,))])
def test_text_of_a_widget_grows_at_any_depth(component: str, path: tuple[int, ...]) -> None:
    item = widget_item()
    before = copy.deepcopy(item)
    for delta, done in (("x", False), ("y", True)):
        update = sdk.WidgetStreamingTextValueDelta(component_id=component, delta=delta, done=done)
        apply_update(item, public_dict(update))
    node: Any = item["widget"]
    for index in path:
        children = node["children"]
        node = children[index]
    node = node["children"] if node["type"] == "Transition" else node
    assert node["value"].endswith("xy")
    assert node["streaming"] is False
    assert item["widget"]["children"][0]["future"] == 1
    assert item != before


def test_a_component_and_a_root_are_replaced() -> None:
    item = widget_item()
    update = {"type": "widget.component.updated", "component_id": "deep", "component": {"type": "Text", "value": "new"}}
    apply_update(item, update)
    assert item["widget"]["children"][1]["children"] == [{"type": "Text", "value": "new"}]
    apply_update(item, {"type": "widget.root.updated", "widget": {"type": "Card", "children": []}})
    assert item["widget"] == {"type": "Card", "children": []}


def test_an_image_and_its_progress() -> None:
    item = item_dict(sdk.GeneratedImageItem(id="i", **COMMON))
    image = sdk.GeneratedImage(id="g", url="https://example.com/i.png")
    apply_update(item, public_dict(sdk.GeneratedImageUpdated(image=image, progress=0.5)))
    assert item["image"] == {"id": "g", "url": "https://example.com/i.png"}


UPDATES: list[dict[str, Any]] = [
    public_dict(sdk.AssistantMessageContentPartTextDelta(content_index=0, delta="x")),
    public_dict(sdk.WidgetStreamingTextValueDelta(component_id="nobody", delta="x", done=True)),
    {"type": "widget.component.updated", "component_id": "nobody", "component": {"type": "Text", "value": "x"}},
    public_dict(sdk.WorkflowTaskUpdated(task_index=7, task=sdk.CustomTask(title="x"))),
    {"type": "of.the.future", "content_index": 0},
]


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update["type"])
@pytest.mark.parametrize(
    "item",
    [
        widget_item(),
        item_dict(sdk.AssistantMessageItem(id="m", content=[], **COMMON)),
        item_dict(sdk.WorkflowItem(id="f", workflow=sdk.Workflow(type="custom", tasks=[]), **COMMON)),
        item_dict(sdk.EndOfTurnItem(id="e", **COMMON)),
        {"id": "u", "type": "from_the_future"},
    ],
    ids=lambda item: item["type"],
)
def test_an_update_that_does_not_fit_raises_nothing(item: dict[str, Any], update: dict[str, Any]) -> None:
    pending = PendingItem(copy.deepcopy(item))
    pending.update(update)
    assert pending.item["id"] == item["id"]
    assert isinstance(pending.has_content(), bool)


def test_what_a_user_would_miss() -> None:
    def has(item: Any) -> bool:
        return PendingItem(item_dict(item)).has_content()

    def said(*texts: str) -> sdk.AssistantMessageItem:
        return sdk.AssistantMessageItem(
            id="m", content=[sdk.AssistantMessageContent(text=text) for text in texts], **COMMON
        )

    assert not has(said())
    assert not has(said("", " \n"))
    assert has(said("", "x"))
    workflow = sdk.Workflow(type="custom", tasks=[])
    assert not has(sdk.WorkflowItem(id="w", workflow=workflow, **COMMON))
