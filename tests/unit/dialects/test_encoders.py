"""Log rows to bytes, in both dialects: from the rows alone, so that every reader gets the same bytes."""

import json
from typing import Any

import orjson
import pytest

from fastapi_chatkit.dialects.jsonrpc import JSONRPCDialect
from fastapi_chatkit.dialects.native import NativeDialect
from fastapi_chatkit.errors import ItemNotFound, Overloaded
from fastapi_chatkit.events import CONTROL_TYPES, LoggedEvent, Offset, text_delta_json

ITEM = {"id": "msg_1", "type": "assistant_message", "content": [{"text": "line\nbreak   ü"}]}
OTHER = {"id": "msg_2", "type": "widget", "widget": {}}


def log(*events: dict[str, Any] | bytes) -> list[LoggedEvent]:
    rows = [event if isinstance(event, bytes) else orjson.dumps(event) for event in events]
    return [LoggedEvent(Offset(1, n), json.loads(row)["type"], row) for n, row in enumerate(rows, start=1)]


STARTED = {"type": "run.started", "run_id": "run_1", "thread_id": "thr_1", "attempt": 1}
ENDED = {"type": "run.ended", "run_id": "run_1", "status": "completed", "stop_reason": None}
RUN = log(
    STARTED,
    {"type": "stream_options", "stream_options": {"allow_cancel": True}},
    {"type": "thread.item.added", "item": ITEM},
    text_delta_json("msg_1", 0, 'quote " and\nline'),
    {"type": "thread.item.done", "item": ITEM},
    {"type": "thread.item.done", "item": OTHER},
    {"type": "thread.item.replaced", "item": {**OTHER, "widget": {"n": 1}}},
    {"type": "progress_update", "text": "x"},
    ENDED,
)


def native(resumable: bool = False):
    return NativeDialect().call({}).encoder("thr_1", "req_1", resumable=resumable)


def jsonrpc(call_id: Any = 7, resumable: bool = False):
    call = JSONRPCDialect().call({"jsonrpc": "2.0", "id": call_id, "method": "x"})
    return call.encoder("thr_1", "req_1", resumable=resumable)


def frames(data: bytes) -> list[dict[str, str]]:
    """Each frame's fields."""
    assert data.endswith(b"\n\n")
    return [dict(line.split(": ", 1) for line in f.split("\n")) for f in data.decode().split("\n\n")[:-1]]


# --- native -----------------------------------------------------------------------------------------------------------


def test_native_frames_are_the_rows_alone() -> None:
    shown = [event.data for event in RUN if event.type not in CONTROL_TYPES]
    assert native().frames(RUN) == b"".join(b"data: " + data + b"\n\n" for data in shown)


def test_resumable_native_frames_have_offsets_and_the_run() -> None:
    found = frames(native(resumable=True).frames(RUN))
    assert [frame["id"] for frame in found] == [f"1-{n}" for n in range(1, 10)]
    assert [frame.get("event") for frame in found] == ["run.started", *[None] * 7, "run.ended"]
    assert [frame["data"].encode() for frame in found] == [event.data for event in RUN]


@pytest.mark.parametrize("make", [native, jsonrpc])
@pytest.mark.parametrize("resumable", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_batches_do_not_change_the_bytes(make: Any, resumable: bool, size: int) -> None:
    whole = make(resumable=resumable).frames(RUN)
    encoder = make(resumable=resumable)
    parts = [encoder.frames(RUN[start : start + size]) for start in range(0, len(RUN), size)]
    assert b"".join(parts) == whole


def test_nothing_is_no_bytes() -> None:
    assert native().frames([]) == jsonrpc().frames([]) == b""
    assert native().frames(RUN[:1]) == b""


# --- JSON-RPC ---------------------------------------------------------------------------------------------------------


def test_jsonrpc_frames_are_named_and_end_with_the_result() -> None:
    found = frames(jsonrpc().frames(RUN))
    assert [frame["event"] for frame in found] == [
        "stream_options",
        "thread.item.added",
        "thread.item.delta",
        "thread.item.done",
        "thread.item.done",
        "thread.item.replaced",
        "progress_update",
        "result",
    ]
    data = [json.loads(frame["data"]) for frame in found]
    assert data[2] == {"type": "text", "text": 'quote " and\nline', "item_id": "msg_1", "content_index": 0}
    assert data[3] == {"item": ITEM}
    assert data[6] == {"text": "x"}
    items = [ITEM, {**OTHER, "widget": {"n": 1}}]
    assert data[7] == {"jsonrpc": "2.0", "id": 7, "result": {"threadId": "thr_1", "items": items}}
    assert not any("id" in frame for frame in found)


def test_resumable_jsonrpc_frames_have_offsets_and_the_run() -> None:
    found = frames(jsonrpc(resumable=True).frames(RUN))
    assert [frame["event"] for frame in found][:1] == ["run.started"]
    assert [frame["event"] for frame in found][-2:] == ["run.ended", "result"]
    assert [frame["id"] for frame in found[:-1]] == [f"1-{n}" for n in range(1, 10)]


@pytest.mark.parametrize("call_id", [None, 0, -1, "text", "", 1.5, "ü\u2028"])
def test_the_id_comes_back(call_id: Any) -> None:
    result = json.loads(frames(jsonrpc(call_id).frames(RUN))[-1]["data"])
    assert result["id"] == call_id


def test_a_removed_item_is_not_in_the_result() -> None:
    rows = log({"type": "thread.item.done", "item": ITEM}, {"type": "thread.item.removed", "item_id": "msg_1"}, ENDED)
    assert json.loads(frames(jsonrpc().frames(rows))[-1]["data"])["result"]["items"] == []


def test_an_error_becomes_the_response() -> None:
    error = {"type": "error", "code": "custom", "message": "Shown", "allow_retry": True}
    rows = log({"type": "thread.item.done", "item": ITEM}, error, {**ENDED, "status": "failed", "stop_reason": "error"})
    found = frames(jsonrpc().frames(rows))
    assert [frame["event"] for frame in found] == ["thread.item.done", "error", "result"]
    response = json.loads(found[-1]["data"])
    assert "result" not in response
    assert response["error"]["message"] == "Shown"
    assert response["error"]["data"]["request_id"] == "req_1"
    assert -32768 <= response["error"]["code"] <= -32000


def test_an_awaited_run_has_the_same_outcome_as_a_streamed_one() -> None:
    body = {"jsonrpc": "2.0", "id": 7, "method": "threads.create"}
    params = {"input": {"content": [{"type": "input_text", "text": "x"}]}}
    command = JSONRPCDialect().call({**body, "params": params}).command("application/json")
    assert command.awaited is not None
    error, answer = command.awaited("thr_1", RUN, "req_1")
    assert error is None
    assert json.loads(answer) == json.loads(frames(jsonrpc().frames(RUN))[-1]["data"])
    failed = log({"type": "error", "code": "stream.error", "allow_retry": True}, {**ENDED, "status": "failed"})
    error, answer = command.awaited("thr_1", failed, "req_1")
    assert error is not None
    assert error.status == 500
    assert json.loads(answer)["error"]["data"]["code"] == "internal"
    overloaded = log(
        {"type": "error", "code": "custom", "message": "x", "allow_retry": True},
        {**ENDED, "status": "failed", "stop_reason": "overloaded"},
    )
    error, _ = command.awaited("thr_1", overloaded, "req_1")
    assert error is not None
    assert (error.status, error.retry_after) == (503, 2)
    went_on = log({"type": "error", "code": "custom", "message": "x", "allow_retry": False}, ENDED)
    assert command.awaited("thr_1", went_on, "req_1")[0] is None, "an error event of an agent that completed"


# --- which dialect ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "expected"),
    [({"jsonrpc": "2.0"}, True), ({"jsonrpc": None}, True), ({"type": "x"}, False), ([], False), ("jsonrpc", False)],
)
def test_a_request_is_in_one_dialect(payload: Any, expected: bool) -> None:
    assert JSONRPCDialect().accepts(payload) is expected
    assert NativeDialect().accepts(payload)


@pytest.mark.parametrize("error", [ItemNotFound(), Overloaded()])
def test_a_problem_is_the_same_body_in_both(error: Any) -> None:
    plain = json.loads(NativeDialect().call({}).problem(error, "req_1"))
    assert plain == {"detail": error.detail, "code": error.code, "request_id": "req_1"}
    wrapped = json.loads(JSONRPCDialect().call({"jsonrpc": "2.0", "id": 1, "method": "x"}).problem(error, "req_1"))
    assert wrapped["error"]["data"] == plain
    assert wrapped["error"]["message"] == error.detail
    assert wrapped["id"] == 1
