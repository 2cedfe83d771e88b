"""What a page shows of a run's events."""

import copy
from typing import Any

import pytest

from tests.chaos.screen import Screen

ADDED = {"type": "thread.item.added", "item": {"id": "msg_1", "type": "assistant_message", "content": []}}
DONE = {"type": "thread.item.done", "item": {"id": "msg_1", "type": "assistant_message", "content": [{"text": "all"}]}}
CARD = {"type": "thread.item.done", "item": {"id": "msg_2", "type": "widget"}}


def update(kind: str, **fields: Any) -> dict[str, Any]:
    part = {"type": f"assistant_message.content_part.{kind}", "content_index": 0, **fields}
    return {"type": "thread.item.updated", "item_id": "msg_1", "update": part}


def shown(*events: dict[str, Any]) -> Screen:
    screen = Screen()
    for event in copy.deepcopy(events):  # the screen keeps what it is given
        screen.apply(event)
    return screen


def test_text_grows_and_what_is_done_stands_for_it() -> None:
    begun = [
        ADDED,
        update("added", content={"text": ""}),
        update("text_delta", delta="a"),
        update("text_delta", delta="b"),
    ]
    assert shown(*begun).text == "ab"
    assert shown(*begun, DONE).items == [DONE["item"]]


def test_items_are_replaced_and_removed_in_place() -> None:
    replaced = {"type": "thread.item.replaced", "item": {"id": "msg_1", "type": "assistant_message", "content": []}}
    assert [item["id"] for item in shown(DONE, CARD, replaced).items] == ["msg_1", "msg_2"]
    assert shown(DONE, CARD, {"type": "thread.item.removed", "item_id": "msg_1"}).items == [CARD["item"]]


def test_a_snapshot_stands_for_all_there_was() -> None:
    assert shown(DONE, {"type": "run.snapshot", "items": [CARD["item"]]}).items == [CARD["item"]]


@pytest.mark.parametrize(
    "event", [update("text_delta", delta="x"), {"type": "thread.item.removed", "item_id": "msg_1"}]
)
def test_what_is_about_nothing_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        shown(event)


def test_text_of_a_part_that_never_came_is_an_error() -> None:
    with pytest.raises(KeyError):
        shown(ADDED, update("text_delta", delta="x"))
