"""Records of tool calls survive the store, and other hidden content is not taken for them."""

from typing import Any, cast

import pytest
from chatkit import types as sdk
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.tool_log import ToolRecord, hidden_item, records_in
from fastapi_chatkit.agents.tool_result import ToolResult
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
