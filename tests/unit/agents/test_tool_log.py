"""Records of tool calls survive the store, and other hidden content is not taken for them."""

from datetime import date
from typing import Any, cast

import pytest
from chatkit import types as sdk
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.tool_log import CUT_OFF, MAX_KEPT, ToolRecord, hidden_item, records_in
from fastapi_chatkit.agents.tool_result import ToolResult
from fastapi_chatkit.events import dumps
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.rows import item_model, model_row

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), some),
    max_leaves=5,
)
TEXT = st.text(st.characters(codec="utf-8"))
RECORDS = st.builds(ToolRecord, TEXT, st.dictionaries(TEXT, JSON, max_size=3), TEXT, TEXT)


def turn() -> Turn:
    thread = sdk.ThreadMetadata(id="thr_1", created_at=cast("Any", "2026-01-01T00:00:00"))
    return Turn("run_1", "message", thread, None, RequestContext("alice", "req-1"), cast("Any", None))


@given(st.lists(RECORDS, max_size=3))
def test_what_is_kept_is_found_again(records: list[ToolRecord]) -> None:
    stored = item_model(model_row(hidden_item(turn(), records)))
    assert isinstance(stored, sdk.HiddenContextItem)
    assert stored.thread_id == "thr_1"
    found = records_in(stored.content)
    assert found == records


def test_the_content_is_plain_data() -> None:
    record = ToolRecord.of(ToolResult("add", {"title": "Milk"}, "Added."))
    assert hidden_item(turn(), [record]).content == {
        "type": "tool_calls",
        "calls": [{"call_id": record.call_id, "name": "add", "arguments": {"title": "Milk"}, "output": "Added."}],
    }
    assert record.call_id.startswith("tc_")


def test_a_long_answer_is_cut_off_once() -> None:
    record = ToolRecord("read", {"path": "x"}, "y" * (MAX_KEPT + 1))
    assert len(record.output) == MAX_KEPT
    assert record.output.endswith("y\n[Cut off here: there were 20001 characters.]")
    assert records_in(hidden_item(turn(), [record]).content) == [record]
    assert ToolRecord("read", {}, "y" * MAX_KEPT).output == "y" * MAX_KEPT


@pytest.mark.parametrize("long", ["x" * MAX_KEPT, '"' * MAX_KEPT, "\0" * MAX_KEPT, ["x"] * MAX_KEPT])
def test_long_arguments_are_cut_off_once(long: Any) -> None:
    record = ToolRecord("write", {"text": long}, "Done.")
    assert record.arguments[CUT_OFF].startswith('{"text":')
    assert MAX_KEPT / 8 < len(dumps(record.arguments)) <= MAX_KEPT
    assert records_in(hidden_item(turn(), [record]).content) == [record]


def test_what_cannot_be_stored_is_repaired() -> None:
    given = {"a\ud800": ["\ud800", 2**70, (1, 2), date(2026, 1, 2)], "\U0001f600": 1}
    record = ToolRecord("na\ud83d\ude00me", given, "x\ud800y")
    assert (record.name, record.output) == ("na\U0001f600me", "x\ufffdy")
    assert record.arguments == {"a\ufffd": ["\ufffd", str(2**70), [1, 2], "2026-01-02"], "\U0001f600": 1}
    stored = item_model(model_row(hidden_item(turn(), [record])))
    assert isinstance(stored, sdk.HiddenContextItem)
    assert records_in(stored.content) == [record]


CALL = {"call_id": "tc_1", "name": "add", "arguments": {}, "output": "x"}


@pytest.mark.parametrize(
    "content",
    [
        None,
        "tool_calls",
        {},
        {"type": "tool_calls"},
        {"type": "tool_calls", "calls": {}},
        {"type": "other", "calls": [CALL]},
        {"type": "tool_calls", "calls": [CALL, 5]},
        *({"type": "tool_calls", "calls": [{**CALL, key: 5}]} for key in CALL),
        *({"type": "tool_calls", "calls": [{k: v for k, v in CALL.items() if k != key}]} for key in CALL),
        {"type": "tool_calls", "calls": [{**CALL, "arguments": {1: 2}}]},
        {"type": [], "calls": [CALL]},
    ],
)
def test_other_content_is_not_taken_for_records(content: Any) -> None:
    assert records_in(content) is None


@given(JSON)
def test_nothing_makes_it_fail(content: Any) -> None:
    assert records_in(content) is None or content["type"] == "tool_calls"
