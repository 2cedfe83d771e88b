"""From a tool's answer to the item that shows it."""

import logging
from typing import Any, cast

import pytest
from chatkit import types as sdk
from chatkit.widgets import DynamicWidgetRoot

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.tool_result import ToolResult
from fastapi_chatkit.agents.widgets import ShownWidget, WidgetBuilder, changed_item, item_of, new_item
from fastapi_chatkit.identity import RequestContext

CARD = DynamicWidgetRoot.model_validate({"type": "Card", "id": "card", "children": []})
OTHER = DynamicWidgetRoot.model_validate({"type": "Card", "id": "other", "children": []})


@pytest.fixture
def turn() -> Turn:
    thread = sdk.ThreadMetadata(id="thr_1", created_at=cast("Any", "2026-01-01T00:00:00"))
    return Turn("run_1", "message", thread, None, RequestContext("alice", "req-1"), cast("Any", None))


def fails(result: ToolResult, turn: Turn) -> None:
    raise KeyError(result.data["title"])


BUILDERS: dict[str, WidgetBuilder] = {
    "plain": lambda result, turn: CARD,
    "copied": lambda result, turn: ShownWidget(CARD, result.text),
    "nothing": lambda result, turn: None,
    "fails": fails,
}


@pytest.mark.parametrize(("name", "copied"), [("plain", None), ("copied", "The answer.")])
def test_an_answer_becomes_an_item_of_the_thread(turn: Turn, name: str, copied: str | None) -> None:
    item = item_of(BUILDERS, ToolResult(name, {}, "The answer."), turn)
    assert item is not None
    assert (item.thread_id, item.widget, item.copy_text) == ("thr_1", CARD, copied)


def test_what_failed_shows_nothing_and_neither_do_others(turn: Turn) -> None:
    assert item_of(BUILDERS, ToolResult("plain", {}, "No.", failed=True), turn) is None
    assert item_of(BUILDERS, ToolResult("nothing", {}, ""), turn) is None
    assert item_of(BUILDERS, ToolResult("unknown", {}, ""), turn) is None


def test_a_builder_that_fails_is_logged_without_the_data(turn: Turn, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert item_of(BUILDERS, ToolResult("fails", {}, "", {}), turn) is None
    assert caplog.messages == ["the widget of tool fails could not be built"]


def test_a_changed_item_keeps_its_place(turn: Turn) -> None:
    item = new_item(turn, ShownWidget(CARD, "before"))
    changed = changed_item(item, OTHER)
    assert (changed.id, changed.created_at, changed.widget, changed.copy_text) == (
        item.id,
        item.created_at,
        OTHER,
        None,
    )
