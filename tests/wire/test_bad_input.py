"""Bad input: answered with the error table, never with 500, never echoed, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import raw
from tests.support.problems import check_problem, check_rpc_problem
from tests.support.server import HEADERS, Server, message
from tests.support.wire import stranger, thread_of, user, user_input

CANARY = "canary-5f1d"
SUBMIT = "threads.runs.submitMessage"

Payload = dict[str, Any]
Check = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def goes_on(server: Server) -> Iterator[None]:
    """Whatever a test sends, the next request is answered."""
    yield
    assert server.process.poll() is None
    assert server.op("threads.list", user("witness")) == {"data": [], "has_more": False}


def refused(server: Server, body: bytes, check: Check, *codes: str) -> dict[str, Any]:
    """The problem that a body meets; nothing of it is echoed and no thread is left behind."""
    headers = stranger()
    response = server.post(body, headers)
    problem = check(response, *codes)
    assert CANARY not in response.text
    assert len(response.content) < 5_000
    assert server.op("threads.list", headers)["data"] == []
    return problem


def create(text: str = CANARY, **more: Any) -> Payload:
    return {"type": "threads.create", "params": {"input": user_input(text, **more)}}


def submit(text: str = CANARY, **more: Any) -> Payload:
    sent = {"message": {"content": [{"type": "text", "text": text}]}, **more}
    return {"jsonrpc": "2.0", "id": 1, "method": SUBMIT, "params": {"input": sent}}


DIALECTS: list[Any] = [
    pytest.param(create, check_problem, id="native"),
    pytest.param(submit, check_rpc_problem, id="rpc"),
]
both = pytest.mark.parametrize(("make", "check"), DIALECTS)


def filled(payload: Payload, literal: str) -> bytes:
    """The payload as JSON, with the text ``@@`` (quotes included) replaced by a literal."""
    return json.dumps(payload).replace('"@@"', literal).encode()


# --- bodies that are no JSON --------------------------------------------------------------------------------------

NOT_JSON: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t ",
    "truncated": json.dumps(create()).encode()[:-3],
    "truncated in a text": json.dumps(create()).encode()[:60],
    "text": CANARY.encode(),
    "form": f"type=threads.list&x={CANARY}".encode(),
    "single quotes": f"{{'type': '{CANARY}'}}".encode(),
    "trailing comma": f'{{"type": "{CANARY}",}}'.encode(),
    "two values": json.dumps(create()).encode() * 2,
    "comment": f"/* {CANARY} */ {{}}".encode(),
    "control character in text": f'{{"type": "{CANARY}\n"}}'.encode(),
    "invalid UTF-8": b'{"type": "threads.create", "x": "' + CANARY.encode() + b'\xff\xfe"}',
    "overlong UTF-8": b'{"type": "' + CANARY.encode() + b'\xc0\xaf"}',
    "surrogate as UTF-8": b'{"type": "' + CANARY.encode() + b'\xed\xa0\x80"}',
    "latin-1": json.dumps(create(f"{CANARY} caf\xe9"), ensure_ascii=False).encode("latin-1"),
    "UTF-8 with a byte-order mark": json.dumps(create()).encode("utf-8-sig"),
    "UTF-16": json.dumps(create()).encode("utf-16"),
    "UTF-16 without a mark": json.dumps(create()).encode("utf-16-le"),
    "UTF-32": json.dumps(create()).encode("utf-32"),
    "NUL bytes": b"\0" * 100,
    "NaN": filled(create(x="@@"), "NaN"),
    "Infinity": filled(create(x="@@"), "Infinity"),
    "minus Infinity": filled(create(x="@@"), "-Infinity"),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_no_json(server: Server, body: bytes) -> None:
    refused(server, body, check_problem, "invalid_json")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(submit()).encode()[:-3],
        filled(submit(x="@@"), "NaN"),
        filled(submit(x="@@"), "-Infinity"),
        json.dumps(submit(f"{CANARY} caf\xe9"), ensure_ascii=False).encode("latin-1"),
    ],
    ids=["truncated", "NaN", "minus Infinity", "latin-1"],
)
def test_no_json_in_the_rpc_dialect(server: Server, body: bytes) -> None:
    assert refused(server, body, check_rpc_problem, "invalid_json")["code"] == -32700


# --- JSON that is no operation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        [],
        [create()],
        [submit(), submit()],
        CANARY,
        "",
        0,
        -1.5,
        True,
        None,
        {},
        {"type": CANARY, "params": {}},
        {"type": None, "params": {}},
        {"type": [CANARY], "params": {}},
        {"type": {CANARY: 1}, "params": {}},
        {"type": "threads.create " + CANARY, "params": {}},
        {"type": "THREADS.LIST", "params": {}},
        {"type": "__class__", "params": {}},
        {"type": CANARY * 10_000, "params": {}},
        {"method": "threads.list", "params": {}},
        {"params": {}},
    ],
    ids=lambda payload: json.dumps(payload)[:50],
)
def test_no_operation(server: Server, payload: Any) -> None:
    refused(server, json.dumps(payload).encode(), check_problem, "invalid_request")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"jsonrpc": "2.0"}, -32600),
        ({"jsonrpc": "1.0", "method": "threads.list"}, -32600),
        ({"jsonrpc": 2.0, "method": "threads.list"}, -32600),
        ({"jsonrpc": None, "method": "threads.list"}, -32600),
        ({"jsonrpc": "2.0", "method": None}, -32600),
        ({"jsonrpc": "2.0", "method": [CANARY]}, -32600),
        ({"jsonrpc": "2.0", "type": "threads.list"}, -32600),
        ({"jsonrpc": "2.0", "method": CANARY, "params": {}}, -32601),
        ({"jsonrpc": "2.0", "method": ""}, -32601),
        ({"jsonrpc": "2.0", "method": SUBMIT + CANARY}, -32601),
        ({"jsonrpc": "2.0", "method": "threads.get_by_id", "params": [CANARY]}, -32602),
        ({"jsonrpc": "2.0", "method": "threads.get_by_id", "params": CANARY}, -32602),
        ({"jsonrpc": "2.0", "method": "threads.get_by_id"}, -32602),
        ({"jsonrpc": "2.0", "method": SUBMIT}, -32602),
        ({"jsonrpc": "2.0", "method": SUBMIT, "params": [CANARY]}, -32602),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_no_rpc_call(server: Server, payload: Payload, code: int) -> None:
    assert refused(server, json.dumps(payload).encode(), check_rpc_problem, "invalid_request")["code"] == code


# --- parameters ---------------------------------------------------------------------------------------------------

CONTENT = [{"type": "input_text", "text": CANARY}]
BAD_PARAMS: dict[str, tuple[str, Any]] = {
    "params null": ("threads.create", None),
    "params list": ("threads.create", [CANARY]),
    "params text": ("threads.create", CANARY),
    "input missing": ("threads.create", {}),
    "input null": ("threads.create", {"input": None}),
    "input list": ("threads.create", {"input": [CANARY]}),
    "input text": ("threads.create", {"input": CANARY}),
    "input empty": ("threads.create", {"input": {}}),
    "content null": ("threads.create", {"input": {"content": None, "attachments": []}}),
    "content text": ("threads.create", {"input": {"content": CANARY}}),
    "content of texts": ("threads.create", {"input": {"content": [CANARY]}}),
    "content of null": ("threads.create", {"input": {"content": [None]}}),
    "content of no type": ("threads.create", {"input": {"content": [{"text": CANARY}]}}),
    "content of another type": ("threads.create", {"input": {"content": [{"type": CANARY, "text": CANARY}]}}),
    "content of a type list": ("threads.create", {"input": {"content": [{"type": [CANARY]}]}}),
    "text missing": ("threads.create", {"input": {"content": [{"type": "input_text"}]}}),
    "text null": ("threads.create", {"input": {"content": [{"type": "input_text", "text": None}]}}),
    "text number": ("threads.create", {"input": {"content": [{"type": "input_text", "text": 5}]}}),
    "text object": ("threads.create", {"input": {"content": [{"type": "input_text", "text": {CANARY: 1}}]}}),
    "tag without id": ("threads.create", {"input": {"content": [{"type": "input_tag", "text": CANARY}]}}),
    "tag with wrong data": (
        "threads.create",
        {"input": {"content": [{"type": "input_tag", "id": "1", "text": CANARY, "data": CANARY}]}},
    ),
    "attachments text": ("threads.create", {"input": {"content": CONTENT, "attachments": CANARY}}),
    "attachments of objects": ("threads.create", {"input": {"content": CONTENT, "attachments": [{"id": CANARY}]}}),
    "quoted_text object": ("threads.create", {"input": {"content": CONTENT, "quoted_text": {CANARY: 1}}}),
    "inference_options text": ("threads.create", {"input": {"content": CONTENT, "inference_options": CANARY}}),
    "model number": ("threads.create", {"input": {"content": CONTENT, "inference_options": {"model": 1}}}),
    "tool_choice text": (
        "threads.create",
        {"input": {"content": CONTENT, "inference_options": {"tool_choice": CANARY}}},
    ),
    "thread_id missing": ("threads.get_by_id", {}),
    "thread_id null": ("threads.get_by_id", {"thread_id": None}),
    "thread_id number": ("threads.get_by_id", {"thread_id": 1}),
    "thread_id list": ("threads.get_by_id", {"thread_id": [CANARY]}),
    "thread_id empty": ("threads.get_by_id", {"thread_id": ""}),
    "thread_id long": ("threads.get_by_id", {"thread_id": CANARY * 1000}),
    "title missing": ("threads.update", {"thread_id": "thr_1"}),
    "title null": ("threads.update", {"thread_id": "thr_1", "title": None}),
    "title object": ("threads.update", {"thread_id": "thr_1", "title": {CANARY: 1}}),
    "title long": ("threads.update", {"thread_id": "thr_1", "title": CANARY * 10_000}),
    "limit negative": ("threads.list", {"limit": -1}),
    "limit fraction": ("threads.list", {"limit": 1.5}),
    "limit text": ("threads.list", {"limit": CANARY}),
    "limit object": ("threads.list", {"limit": {CANARY: 1}}),
    "order unknown": ("threads.list", {"order": CANARY}),
    "order in capitals": ("threads.list", {"order": "DESC"}),
    "order number": ("threads.list", {"order": 1}),
    "order with SQL": ("items.list", {"thread_id": "thr_1", "order": "asc; DROP TABLE threads"}),
    "items limit negative": ("items.list", {"thread_id": "thr_1", "limit": -5}),
    "after number": ("threads.list", {"after": 5}),
    "after object": ("threads.list", {"after": {CANARY: 1}}),
    "result missing": ("threads.add_client_tool_output", {"thread_id": "thr_1"}),
    "answers list": (
        "threads.add_structured_input",
        {"thread_id": "t", "item_id": "i", "input": {"answers": [CANARY]}},
    ),
    "answers of texts": (
        "threads.add_structured_input",
        {"thread_id": "t", "item_id": "i", "input": {"answers": {CANARY: CANARY}}},
    ),
    "answer values text": (
        "threads.add_structured_input",
        {"thread_id": "t", "item_id": "i", "input": {"answers": {CANARY: {"values": CANARY}}}},
    ),
    "answer values of numbers": (
        "threads.add_structured_input",
        {"thread_id": "t", "item_id": "i", "input": {"answers": {CANARY: {"values": [1]}}}},
    ),
    "answer status": ("threads.add_structured_input", {"thread_id": "t", "item_id": "i", "input": {"status": CANARY}}),
    "action missing": ("threads.custom_action", {"thread_id": "thr_1"}),
    "action text": ("threads.custom_action", {"thread_id": "thr_1", "action": CANARY}),
    "action without type": ("threads.sync_custom_action", {"thread_id": "thr_1", "action": {"payload": CANARY}}),
    "action type number": ("threads.sync_custom_action", {"thread_id": "thr_1", "action": {"type": 1}}),
    "feedback kind": ("items.feedback", {"thread_id": "thr_1", "item_ids": ["i"], "kind": CANARY}),
    "feedback items": ("items.feedback", {"thread_id": "thr_1", "item_ids": CANARY, "kind": "positive"}),
    "attachment size negative": ("attachments.create", {"name": CANARY, "size": -1, "mime_type": "text/plain"}),
    "attachment size text": ("attachments.create", {"name": "a", "size": CANARY, "mime_type": "text/plain"}),
    "attachment name missing": ("attachments.create", {"size": 1, "mime_type": CANARY}),
    "attachment id list": ("attachments.delete", {"attachment_id": [CANARY]}),
    "audio no base64": ("input.transcribe", {"audio_base64": f"!{CANARY}!", "mime_type": "audio/webm"}),
    "audio number": ("input.transcribe", {"audio_base64": 5, "mime_type": CANARY}),
    "audio not ASCII": ("input.transcribe", {"audio_base64": f"\xe9{CANARY}", "mime_type": "audio/webm"}),
}


@pytest.mark.parametrize(("operation", "params"), BAD_PARAMS.values(), ids=BAD_PARAMS.keys())
def test_wrong_parameters(server: Server, operation: str, params: Any) -> None:
    body = json.dumps({"type": operation, "params": params}).encode()
    native = refused(server, body, check_problem, "invalid_request")
    assert native["errors"], "a wrong parameter is named"
    assert all(error["path"].startswith("params") for error in native["errors"])
    if params is None:
        return  # in JSON-RPC the same as no parameters
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": operation, "params": params}).encode()
    rpc = refused(server, body, check_rpc_problem, "invalid_request")
    assert rpc["code"] == -32602
    assert rpc["data"]["errors"] == native["errors"]


TEXT = [{"type": "text", "text": CANARY}]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "params.input"),
        ({"input": None}, "params.input"),
        ({"input": CANARY}, "params.input"),
        ({"input": {}}, "params.input.message"),
        ({"input": {"message": None}}, "params.input.message"),
        ({"input": {"message": CANARY}}, "params.input.message"),
        ({"input": {"message": {}}}, "params.input.message.content"),
        ({"input": {"message": {"content": CANARY}}}, "params.input.message.content"),
        ({"input": {"message": {"content": [CANARY]}}}, "params.input.message.content.0"),
        ({"input": {"message": {"content": [{"type": CANARY}]}}}, "params.input.message.content.0"),
        ({"input": {"message": {"content": [{"type": "text"}]}}}, "params.input.message.content.0.text"),
        ({"input": {"message": {"content": [{"type": "input_text"}]}}}, "params.input.message.content.0.text"),
        (
            {"input": {"message": {"content": [*TEXT, {"type": "text", "text": 7}]}}},
            "params.input.message.content.1.text",
        ),
        ({"input": {"message": {"content": TEXT}, "metadata": CANARY}}, "params.input.metadata"),
        ({"input": {"message": {"content": TEXT}, "attachments": CANARY}}, "params.input.attachments"),
        ({"input": {"message": {"content": TEXT}}, "threadId": [CANARY]}, "params.thread_id"),
        ({"input": {"message": {"content": TEXT}}, "threadId": 5}, "params.thread_id"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_wrong_parameters_of_submit_message(server: Server, params: Payload, path: str) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": SUBMIT, "params": params}).encode()
    problem = refused(server, body, check_rpc_problem, "invalid_request")
    assert problem["code"] == -32602
    assert [error["path"] for error in problem["data"]["errors"]] == [path]


# --- metadata -----------------------------------------------------------------------------------------------------


def with_metadata(payload: Payload, place: str, metadata: Any) -> bytes:
    """The payload with metadata in one of its three places."""
    payload = json.loads(json.dumps(payload))
    target = payload
    for key in place.split(".")[:-1]:
        target = target[key]
    target["metadata"] = metadata
    return json.dumps(payload).encode()


PLACES = ["metadata", "params.metadata", "params.input.metadata"]


@pytest.mark.parametrize("metadata", [CANARY, [CANARY], 5, True], ids=["text", "list", "number", "bool"])
@pytest.mark.parametrize("place", PLACES)
@both
def test_metadata_that_is_no_object(
    server: Server, make: Callable[[], Payload], check: Check, place: str, metadata: Any
) -> None:
    problem = refused(server, with_metadata(make(), place, metadata), check, "invalid_request")
    assert [error["path"] for error in problem.get("data", problem)["errors"]] == [place]


@pytest.mark.parametrize("place", PLACES)
@both
def test_metadata_of_more_than_16_kib(server: Server, make: Callable[[], Payload], check: Check, place: str) -> None:
    too_large = with_metadata(make(), place, {"x": CANARY + "y" * 16_384})
    refused(server, too_large, check, "invalid_request")
    fits = with_metadata(make(), place, {"x": "y" * 16_000})
    assert server.post(fits, stranger()).status_code == 200


@both
def test_metadata_of_more_than_16_kib_together(server: Server, make: Callable[[], Payload], check: Check) -> None:
    body = with_metadata(make(), "metadata", {"a": CANARY + "y" * 9_000})
    body = with_metadata(json.loads(body), "params.input.metadata", {"b": "y" * 9_000})
    refused(server, body, check, "invalid_request")


# --- JSON at its edges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'], ids=["arrays", "objects", "both"])
@pytest.mark.parametrize("levels", [10_000, 500_000])
def test_deep_nesting_that_never_closes(server: Server, opening: str, levels: int) -> None:
    refused(server, (opening * levels)[:1_900_000].encode(), check_problem, "invalid_json", "invalid_request")


@pytest.mark.parametrize("levels", [300, 900, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["arrays", "objects"])
@both
def test_deep_nesting(
    server: Server, make: Callable[..., Payload], check: Check, opening: str, closing: str, levels: int
) -> None:
    nested = opening * levels + "1" + closing * levels
    refused(server, nested.encode(), check_problem, "invalid_json", "invalid_request")
    for payload in (make(x="@@"), {**make(), "metadata": {"x": "@@"}}):
        refused(server, filled(payload, nested), check, "invalid_json", "invalid_request")


@pytest.mark.parametrize("levels", [1, 40, 60, 70, 120, 200, 250, 253, 254, 255, 256, 257, 300])
def test_nesting_up_to_a_limit(server: Server, levels: int) -> None:
    """What is taken can be read again; what is not is refused whole."""
    nested = '{"a":' * levels + "1" + "}" * levels
    headers = stranger()
    tag = {"type": "input_tag", "id": "1", "text": "x", "data": "@@"}
    with_tag = {"type": "threads.create", "params": {"input": {"content": [tag], "attachments": []}}}
    for payload in (with_tag, create("hello", x="@@"), {**create("hello"), "metadata": {"x": "@@"}}):
        response = server.post(filled(payload, nested), headers)
        if response.status_code != 200:
            check_problem(response, "invalid_json", "invalid_request")
        elif payload is with_tag:
            thread_id = response.headers["x-chatkit-thread-id"]
            stored = server.op("items.list", headers, thread_id=thread_id, order="asc")["data"][0]
            assert stored["content"][0]["data"] == json.loads(nested)
    call = {"type": "threads.add_client_tool_output", "params": {"thread_id": "@id@", "result": "@@"}}
    thread_id = thread_of(server.events("threads.create", headers, input=message("tool")))
    response = server.post(filled(call, nested).replace(b"@id@", thread_id.encode()), headers)
    assert response.status_code in (200, 400, 422)
    assert server.op("items.list", headers, thread_id=thread_id)["data"]


@pytest.mark.parametrize("escape", [r"\u0000", r"\ud800", r"\udc00", r"\ud800\ud800", r"\udc00\ud800"])
@both
def test_text_that_cannot_be_stored(server: Server, make: Callable[..., Payload], check: Check, escape: str) -> None:
    literal = f'"{CANARY}{escape}{CANARY}"'
    for payload in (make("@@"), make(quoted_text="@@"), {**make(), "metadata": {"x": "@@"}}):
        problem = refused(server, filled(payload, literal), check, "invalid_request")
        assert problem.get("data", problem)["errors"]
    for operation, params in (
        ("threads.get_by_id", {"thread_id": "@@"}),
        ("threads.update", {"thread_id": "thr_1", "title": "@@"}),
        ("threads.list", {"after": "@@"}),
        ("@@", {}),
    ):
        refused(server, filled({"type": operation, "params": params}, literal), check_problem, "invalid_request")


@pytest.mark.parametrize("escape", [r"\u0000", r"\ud800"])
@both
def test_keys_are_not_echoed(server: Server, make: Callable[..., Payload], check: Check, escape: str) -> None:
    for payload in (
        {**make(), "metadata": {CANARY: "@@"}},
        make(metadata={CANARY: {"x": "@@"}}),
        make(metadata={CANARY * 1000: ["@@"]}),
        {**make(), CANARY: "@@"},
    ):
        refused(server, filled(payload, f'"{escape}"'), check, "invalid_request")
    refused(server, filled({**make(), "metadata": {"@@": 1}}, f'"{CANARY}{escape}"'), check, "invalid_request")


@pytest.mark.parametrize(
    "number",
    ["9" * 5000, "-" + "9" * 5000, "1e999", "-1e999", "1e400", "9" * 400 + ".0", "1" + "0" * 30, "-" + "9" * 19],
)
@both
def test_numbers_out_of_range(server: Server, make: Callable[..., Payload], check: Check, number: str) -> None:
    for payload in (make(x="@@"), {**make(), "metadata": {"x": "@@"}}):
        problem = refused(server, filled(payload, number), check, "invalid_request")
        assert number[:20] not in json.dumps(problem)
    for params in ({"limit": "@@"}, {"order": "@@"}, {"after": "@@"}):
        refused(server, filled({"type": "threads.list", "params": params}, number), check_problem, "invalid_request")


@pytest.mark.parametrize(
    "number", ["1e-999", "0.1", "-0", "-0.0", "9223372036854775807", "-9223372036854775808", "1E5"]
)
def test_numbers_in_range(server: Server, number: str) -> None:
    for payload in (create("hello", x="@@"), {**create("hello"), "metadata": {"x": "@@"}}):
        assert server.post(filled(payload, number), stranger()).status_code == 200


@both
def test_duplicate_keys(server: Server, make: Callable[..., Payload], check: Check) -> None:
    body = json.dumps(make())
    for key in ("params", "input", "text"):
        doubled = body.replace(f'"{key}":', f'"{key}": null, "{key}":', 1).encode()
        refused(server, doubled, check, "invalid_json", "invalid_request")


def test_a_rpc_id_twice(server: Server) -> None:
    body = json.dumps(submit()).replace('"id": 1', '"id": 1, "id": 2').encode()
    refused(server, body, check_rpc_problem, "invalid_json", "invalid_request")


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\x7f", "\u2028", "\ufffe\uffff", "\U0010ffff", "e\u0301", "\u202e", "\ufeff"]
)
def test_odd_text_is_kept_as_it_is(server: Server, text: str) -> None:
    headers = stranger()
    for escaped in (True, False):
        body = json.dumps(create(text), ensure_ascii=escaped).encode()
        thread_id = server.post(body, headers).headers["x-chatkit-thread-id"]
        items = server.op("items.list", headers, thread_id=thread_id, order="asc")["data"]
        assert items[0]["content"] == [{"type": "input_text", "text": text}]


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [101, 10**6, 2**31, 2**63 - 1])
def test_a_huge_limit_is_capped(server: Server, limit: int) -> None:
    headers = stranger()
    thread_id = thread_of(server.events("threads.create", headers, input=message("many 120")))
    for page in (
        server.op("items.list", headers, thread_id=thread_id, limit=limit),
        server.post(rpc("items.list", {"threadId": thread_id, "limit": limit}), headers).json()["result"],
    ):
        assert 20 < len(page["data"]) <= 100
        assert page["has_more"] is True
        assert page["after"] == page["data"][-1]["id"]
    assert len(server.op("threads.list", headers, limit=limit)["data"]) == 1


@pytest.mark.parametrize("limit", [{"limit": 0}, {"limit": None}, {}], ids=str)
def test_no_limit_is_20(server: Server, limit: Payload) -> None:
    headers = stranger()
    thread_id = thread_of(server.events("threads.create", headers, input=message("many 30")))
    page = server.op("items.list", headers, thread_id=thread_id, **limit)
    assert (len(page["data"]), page["has_more"]) == (20, True)
    page = server.post(rpc("items.list", {"threadId": thread_id, **limit}), headers).json()["result"]
    assert (len(page["data"]), page["has_more"]) == (20, True)


@pytest.mark.parametrize("after", [CANARY, "thr_1", "'; DROP TABLE threads; --", "%", "0", "\u2028" + CANARY])
def test_an_unknown_cursor(server: Server, after: str) -> None:
    headers = stranger()
    thread_id = thread_of(server.events("threads.create", headers, input=message("say 1")))
    for operation, params, code in (
        ("threads.list", {}, "thread_not_found"),
        ("items.list", {"thread_id": thread_id}, "item_not_found"),
    ):
        native = server.post({"type": operation, "params": {**params, "after": after}}, headers)
        check_problem(native, code)
        answer = server.post(rpc(operation, {**params, "after": after}), headers)
        check_rpc_problem(answer, code)
        assert CANARY not in native.text + answer.text


def rpc(method: str, params: Payload) -> Payload:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


# --- size ---------------------------------------------------------------------------------------------------------

HUGE = 50 * 1024 * 1024


def test_50_mb(server: Server) -> None:
    headers = stranger()
    body = json.dumps(create(CANARY + "x" * HUGE)).encode()
    response = raw.request(server, body, list(headers.items()))
    check_problem(response, "too_large")
    assert CANARY not in response.text
    assert server.op("threads.list", headers)["data"] == []


def test_50_mb_in_chunks(server: Server) -> None:
    piece = b" " * 65_536
    response = raw.request(server, (piece for _ in range(HUGE // len(piece))))
    check_problem(response, "too_large")


def test_50_mb_declared_and_never_sent(server: Server) -> None:
    check_problem(raw.request(server, b"", declared=HUGE), "too_large")


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999999999", "0x10", "\xb2"])
def test_a_content_length_that_is_no_length(server: Server, length: str) -> None:
    headers = [*raw.HEADERS, ("Content-Length", length), ("X-Ignored", "1")]
    response = raw.request(server, iter(()), headers)
    assert 400 <= response.status_code < 500


def test_a_body_that_breaks_off(server: Server) -> None:
    headers = stranger()
    body = json.dumps(create()).encode()
    for sent in (b"", body[:40], body):
        raw.abandon(server, sent, len(body) + 10, list(headers.items()))
    assert server.op("threads.list", headers)["data"] == []


@both
def test_many_parts(server: Server, make: Callable[..., Payload], check: Check) -> None:
    payload = make()
    container = payload["params"]["input"]
    container = container.get("message", container)
    container["content"] = container["content"] * 20_000
    body = json.dumps(payload).encode()
    assert len(body) < 2 * 1024 * 1024
    refused(server, body, check, "invalid_request")


# --- headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Accept", "Accept-Language", "Cookie", "Idempotency-Key", "X-ChatKit-Resume", "User-Agent", "X-Other"],
)
def test_64_kb_in_another_header(server: Server, name: str) -> None:
    response = server.post(create("say 1"), {**stranger(), name: CANARY + "x" * 65_536})
    assert response.status_code in (200, 422)
    assert CANARY not in str(response.headers)
    assert CANARY not in response.text


@pytest.mark.parametrize("accept", ["", "*", "a/b/c", ";;;,,,", "text/event-stream;q=x", "\xff"])
def test_odd_accept_headers(server: Server, accept: str) -> None:
    for payload in (create("say 1"), submit("say 1")):
        body = json.dumps(payload).encode()
        response = raw.request(server, body, [*raw.HEADERS, ("Accept", accept)])
        assert response.status_code == 200


@pytest.mark.parametrize("language", ["", "*", "de-DE,de;q=0.9", "../../etc/passwd", "x" * 300, "\xe9", "<script>"])
def test_odd_languages(server: Server, language: str) -> None:
    body = json.dumps(create("context")).encode()
    response = raw.request(server, body, [*raw.HEADERS, ("Accept-Language", language)])
    assert response.status_code == 200
    assert "passwd" not in response.text
    assert "<script>" not in response.text


def test_odd_users(server: Server) -> None:
    """A name is an opaque text: what looks like SQL or a path owns threads of its own."""
    for name in ("'; DROP TABLE threads; --", "../../root", "%", "a" * 255):
        headers = {**HEADERS, "X-User-ID": name}
        thread_id = thread_of(server.events("threads.create", headers, input=message("say 1")))
        assert [thread["id"] for thread in server.op("threads.list", headers)["data"]] == [thread_id]


# --- anything at all ----------------------------------------------------------------------------------------------

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

VALID: list[Payload] = [
    create("say 1"),
    submit("say 1"),
    {"type": "threads.list", "params": {"limit": 1, "order": "asc", "after": "thr_1"}, "metadata": {"a": 1}},
    {"type": "items.list", "params": {"thread_id": "thr_1", "limit": 1, "order": "asc"}},
    {"type": "threads.update", "params": {"thread_id": "thr_1", "title": "t"}},
    {
        "type": "threads.custom_action",
        "params": {"thread_id": "t", "item_id": "i", "action": {"type": "a", "payload": 1}},
    },
    {
        "type": "threads.add_structured_input",
        "params": {"thread_id": "t", "item_id": "i", "input": {"answers": {"q": {"values": ["a"], "skipped": False}}}},
    },
    {"type": "items.feedback", "params": {"thread_id": "t", "item_ids": ["i"], "kind": "positive"}},
    {"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "text/plain"}},
    {"type": "input.transcribe", "params": {"audio_base64": "AAAA", "mime_type": "audio/webm"}},
    rpc("threads.get_by_id", {"threadId": "thr_1"}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a JSON value, itself included."""
    found = [path]
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    """The value with the one at ``path`` replaced, or deleted where the replacement is ``...``."""
    if not path:
        return replacement
    copy = json.loads(json.dumps(value))
    target = copy
    for key in path[:-1]:
        target = target[key]
    if replacement is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = replacement
    return copy


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid request with one or two values replaced, removed or added."""
    value: Any = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(places(value)))
        if path and draw(st.booleans()):
            value = changed(value, path, ... if draw(st.booleans()) else draw(JSON_VALUES))
        elif isinstance(value, dict):
            value = {**value, draw(st.sampled_from(["metadata", "id", "type", "params", "x"])): draw(JSON_VALUES)}
    return value


def never_fails(server: Server, body: bytes, headers: dict[str, str]) -> None:
    response = server.post(body, headers)
    assert response.status_code in (200, 400, 404, 409, 413, 422), (body, response.text)
    assert response.headers["x-request-id"]
    if response.status_code != 200:
        payload = response.json()
        (check_rpc_problem if "jsonrpc" in payload else check_problem)(
            response, "invalid_json", "invalid_request", "thread_not_found", "item_not_found", "attachment_not_found"
        )


fuzz = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@fuzz
@given(value=JSON_VALUES)
def test_any_json(server: Server, value: Any) -> None:
    never_fails(server, json.dumps(value).encode(), user("fuzz"))


@fuzz
@given(value=mutated())
def test_any_mutation(server: Server, value: Any) -> None:
    never_fails(server, json.dumps(value).encode(), user("fuzz"))


@fuzz
@given(body=st.binary(max_size=200))
def test_any_bytes(server: Server, body: bytes) -> None:
    never_fails(server, body, user("fuzz"))
