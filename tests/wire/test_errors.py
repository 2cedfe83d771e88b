"""Every error of the table: status, code, body, headers, and the order in which faults are found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support import raw
from tests.support.problems import check_problem, check_rpc_problem
from tests.support.server import HEADERS, Server, message, serve, serve_app, text_of
from tests.support.wire import SOURCE, done, said, stranger, thread_of, user, user_input

LIST: dict[str, Any] = {"type": "threads.list", "params": {}}
LIST_BODY = b'{"type":"threads.list","params":{}}'
UNKNOWN = "thr_0123456789abcdef"


# --- not initialized ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server_without_database(empty_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve_app(tmp_path_factory.mktemp("off"), SOURCE, CHATKIT_DATABASE_URL="") as server:
        yield server


@pytest.fixture(scope="module")
def server_with_broken_store(empty_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    cwd = tmp_path_factory.mktemp("broken")
    (cwd / "a-folder.db").mkdir()
    with serve_app(cwd, SOURCE, CHATKIT_DATABASE_URL="sqlite:///a-folder.db") as server:
        yield server


@pytest.mark.parametrize("name", ["server_without_database", "server_with_broken_store"])
def test_chat_that_is_off_answers_503_and_the_app_works(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    response = server.post(LIST)
    check_problem(response, "not_initialized")
    assert "a-folder" not in response.text
    assert response.headers["x-request-id"] == response.json()["request_id"]
    assert server.client.get(f"{server.url}/calls").status_code == 200
    assert server.client.get(f"{server.url}/openapi.json").status_code == 200


def test_503_comes_before_every_other_fault(server_without_database: Server) -> None:
    check_problem(raw.request(server_without_database, b"{", []), "not_initialized")
    check_problem(raw.request(server_without_database, b"", declared=50_000_000), "not_initialized")


# --- identity -----------------------------------------------------------------------------------------------------

ALICE = ("X-User-ID", "alice")
TOKEN = ("Authorization", "Bearer token-of-alice")
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    "headers",
    [
        [TOKEN, JSON],
        [("X-User-ID", ""), TOKEN, JSON],
        [("X-User-ID", "   "), TOKEN, JSON],
        [ALICE, ALICE, TOKEN, JSON],
        [ALICE, ("x-user-id", "bob"), TOKEN, JSON],
        [("X-User-ID", "x" * 65_536), TOKEN, JSON],
    ],
    ids=["absent", "empty", "blank", "twice", "two users", "64 KB"],
)
def test_missing_user(server: Server, headers: raw.Headers) -> None:
    response = raw.request(server, LIST_BODY, headers)
    check_problem(response, "missing_user")
    assert "xxxx" not in response.text
    assert "bob" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer   ")],
        [("Authorization", "token-canary")],
        [("Authorization", "Basic token-canary")],
        [("Authorization", "Bearertoken-canary")],
        [TOKEN, TOKEN],
        [TOKEN, ("authorization", "Bearer token-canary")],
        [("Authorization", "Bearer " + "x" * 65_536)],
    ],
    ids=["absent", "empty", "scheme alone", "blank", "no scheme", "basic", "one word", "twice", "two tokens", "64 KB"],
)
def test_missing_token(server: Server, headers: raw.Headers) -> None:
    response = raw.request(server, LIST_BODY, [ALICE, JSON, *headers])
    check_problem(response, "missing_token")
    assert response.all("www-authenticate")[0].startswith("Bearer")
    assert "canary" not in response.text
    assert "xxxx" not in response.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_bearer_scheme_in_any_case(server: Server, scheme: str) -> None:
    response = server.post(LIST, {**HEADERS, "Authorization": f"{scheme} token-of-alice"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-For", ""),
        ("x-forwarded-host", "chat.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Anything", "1"),
        ("Forwarded", "for=203.0.113.7"),
        ("forwarded", "for=127.0.0.1"),
    ],
    ids=lambda header: ": ".join(header),
)
def test_local_only_refuses_callers_through_a_proxy(server: Server, header: tuple[str, str]) -> None:
    body = check_problem(raw.request(server, LIST_BODY, [*raw.HEADERS, header]), "local_only")
    assert "AUTH" in body["detail"]
    assert "203.0.113.7" not in body["detail"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8000", "localhost.evil.example", "203.0.113.7"]
)
def test_local_only_refuses_another_sites_name(server: Server, host: str) -> None:
    """DNS rebinding: a page of another site whose domain points at 127.0.0.1."""
    response = raw.request(server, LIST_BODY, host=host)
    check_problem(response, "local_only")
    assert "evil" not in response.text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:1", "LOCALHOST", "[::1]:8000", "127.1.2.3"])
def test_local_only_takes_this_machines_names(server: Server, host: str) -> None:
    assert raw.request(server, LIST_BODY, host=host).status_code == 200


def test_auth_trust_takes_callers_through_a_gateway(tmp_path: Path) -> None:
    with serve_app(tmp_path, SOURCE, CHATKIT_AUTH="trust") as server:
        headers = [*raw.HEADERS, ("X-Forwarded-For", "203.0.113.7"), ("Forwarded", "for=203.0.113.7")]
        assert raw.request(server, LIST_BODY, headers, host="chat.example").status_code == 200
        check_problem(raw.request(server, LIST_BODY, headers[1:], host="chat.example"), "missing_user")
        check_problem(raw.request(server, LIST_BODY, [ALICE, JSON], host="chat.example"), "missing_token")


# --- the request's form -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-rpc",
        "text/plain; application/json",
        "x" * 65_536,
    ],
    ids=lambda value: str(value)[:40],
)
def test_another_media_type(server: Server, media_type: str | None) -> None:
    headers = [ALICE, TOKEN] if media_type is None else [ALICE, TOKEN, ("Content-Type", media_type)]
    response = raw.request(server, LIST_BODY, headers)
    check_problem(response, "unsupported_media_type")
    assert "xxxx" not in response.text


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;"])
def test_json_in_other_spellings(server: Server, media_type: str) -> None:
    assert server.post(LIST, {**HEADERS, "Content-Type": media_type}).status_code == 200


def test_too_large(server: Server) -> None:
    body = b'{"type":"threads.list","params":{},"x":"' + b"y" * 2_500_000 + b'"}'
    for response in (raw.request(server, body), raw.request(server, [body])):
        check_problem(response, "too_large")
        assert "yyyy" not in response.text


def test_invalid_json(server: Server) -> None:
    check_problem(server.post(b'{"type":'), "invalid_json")


def test_invalid_request_names_the_fields(server: Server) -> None:
    body = check_problem(server.post({"type": "threads.update", "params": {"thread_id": 7}}), "invalid_request")
    assert {error["path"] for error in body["errors"]} == {"params.thread_id", "params.title"}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        {"type": "threads.nothing", "params": {}},
        {"type": 7, "params": {}},
        {"type": "threads.list"},
        {"type": "threads.list", "params": None},
        {"type": "threads.get_by_id", "params": {}},
        {"type": "threads.list", "params": {}, "metadata": "text"},
        {"jsonrpc": "2.0", "id": {}, "method": "threads.list"},
        {"jsonrpc": "2.0", "id": 1, "method": "threads.nothing"},
        {"jsonrpc": "1.0", "id": 1, "method": "threads.list"},
    ],
    ids=str,
)
def test_every_422_lists_its_errors(server: Server, payload: Any) -> None:
    response = server.post(payload)
    assert response.status_code == 422
    body = response.json()
    errors = body.get("error", {}).get("data", body).get("errors")
    assert errors, body
    assert all(set(error) == {"path", "message"} for error in errors)


# --- what is not there --------------------------------------------------------------------------------------------

THREAD_OPERATIONS: dict[str, dict[str, Any]] = {
    "threads.add_user_message": {"input": message("hello")},
    "threads.add_client_tool_output": {"result": 1},
    "threads.add_structured_input": {"item_id": "msg_1", "input": {"status": "skipped"}},
    "threads.retry_after_item": {"item_id": "msg_1"},
    "threads.custom_action": {"item_id": "msg_1", "action": {"type": "set"}},
    "threads.sync_custom_action": {"item_id": "msg_1", "action": {"type": "set"}},
    "threads.get_by_id": {},
    "threads.update": {"title": "new"},
    "threads.delete": {},
    "items.list": {},
    "items.feedback": {"item_ids": ["msg_1"], "kind": "positive"},
}
ITEM_OPERATIONS = {
    "threads.add_structured_input": {"input": {"status": "skipped"}},
    "threads.retry_after_item": {},
    "threads.custom_action": {"action": {"type": "set"}},
    "threads.sync_custom_action": {"action": {"type": "set"}},
}


def calls_in_both_dialects(operation: str, params: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    return [
        ({"type": operation, "params": params}, check_problem),
        ({"jsonrpc": "2.0", "id": 1, "method": operation, "params": params}, check_rpc_problem),
    ]


@pytest.mark.parametrize("operation", THREAD_OPERATIONS)
def test_thread_not_found(server: Server, operation: str) -> None:
    for payload, check in calls_in_both_dialects(operation, {"thread_id": UNKNOWN, **THREAD_OPERATIONS[operation]}):
        response = server.post(payload)
        check(response, "thread_not_found")
        assert UNKNOWN not in response.text


@pytest.mark.parametrize("operation", ITEM_OPERATIONS)
def test_item_not_found(server: Server, operation: str) -> None:
    thread_id = thread_of(server.send("say 1"))
    before = server.op("items.list", thread_id=thread_id)
    params = {"thread_id": thread_id, "item_id": "msg_canary", **ITEM_OPERATIONS[operation]}
    for payload, check in calls_in_both_dialects(operation, params):
        response = server.post(payload)
        check(response, "item_not_found")
        assert "canary" not in response.text
    assert server.op("items.list", thread_id=thread_id) == before


def test_item_not_found_for_feedback_and_cursors(server: Server) -> None:
    thread_id = thread_of(server.send("say 1"))
    for operation, params in (
        ("items.feedback", {"item_ids": ["msg_canary"], "kind": "negative"}),
        ("items.list", {"after": "msg_canary"}),
    ):
        response = server.post({"type": operation, "params": {"thread_id": thread_id, **params}})
        check_problem(response, "item_not_found")
        assert "canary" not in response.text


def test_attachment_not_found(server: Server) -> None:
    headers = stranger()
    response = server.post({"type": "attachments.delete", "params": {"attachment_id": "atc_canary"}}, headers)
    check_problem(response, "attachment_not_found")
    params = {"input": user_input("hello", ["atc_canary"])}
    response = server.post({"type": "threads.create", "params": params}, headers)
    check_problem(response, "attachment_not_found")
    assert "canary" not in response.text
    assert server.op("threads.list", headers)["data"] == []


# --- what is in another state -------------------------------------------------------------------------------------


def test_item_state_of_a_tool_output(server: Server) -> None:
    thread_id = thread_of(server.send("say 1"))
    payload = {"type": "threads.add_client_tool_output", "params": {"thread_id": thread_id, "result": 1}}
    check_problem(server.post(payload), "item_state")
    asked = server.send("tool", thread_id)
    assert asked[-1]["item"]["status"] == "pending"
    assert server.post(payload).status_code == 200
    check_problem(server.post(payload), "item_state")


def test_item_state_of_a_structured_input(server: Server) -> None:
    events = server.send("ask")
    thread_id, item = thread_of(events), done(events, "structured_input")
    of_message = {"thread_id": thread_id, "item_id": done(events, "user_message")["id"], "input": {"status": "skipped"}}
    check_problem(server.post({"type": "threads.add_structured_input", "params": of_message}), "item_state")
    payload = {"type": "threads.add_structured_input", "params": {**of_message, "item_id": item["id"]}}
    assert server.post(payload).status_code == 200
    check_problem(server.post(payload), "item_state")


@pytest.mark.parametrize("operation", ["threads.custom_action", "threads.sync_custom_action"])
def test_item_state_of_an_actions_sender(server: Server, operation: str) -> None:
    events = server.send("say 1")
    item_id = done(events, "assistant_message")["id"]
    params = {"thread_id": thread_of(events), "item_id": item_id, "action": {"type": "set"}}
    check_problem(server.post({"type": operation, "params": params}), "item_state")


def test_item_state_of_a_retry(server: Server) -> None:
    events = server.send("say 1")
    params = {"thread_id": thread_of(events), "item_id": done(events, "assistant_message")["id"]}
    check_problem(server.post({"type": "threads.retry_after_item", "params": params}), "item_state")
    assert len(server.op("items.list", thread_id=params["thread_id"])["data"]) == 2


@pytest.mark.parametrize("status", ["locked", "closed"])
def test_thread_locked(server: Server, status: str) -> None:
    events = server.send(f"lock {status}")
    thread_id, item_id = thread_of(events), done(events, "user_message")["id"]
    before = server.op("items.list", thread_id=thread_id)
    message_params = {"thread_id": thread_id, "input": message("hello?")}
    for payload, check in calls_in_both_dialects("threads.add_user_message", message_params):
        check(server.post(payload), "thread_locked")
    retry = {"type": "threads.retry_after_item", "params": {"thread_id": thread_id, "item_id": item_id}}
    check_problem(server.post(retry), "thread_locked")
    submit = {"threadId": thread_id, "input": {"message": {"content": [{"type": "text", "text": "hello?"}]}}}
    payload = {"jsonrpc": "2.0", "id": 1, "method": "threads.runs.submitMessage", "params": submit}
    for accept in ("application/json", "text/event-stream"):
        check_rpc_problem(server.post(payload, {**HEADERS, "Accept": accept}), "thread_locked")
    assert server.op("items.list", thread_id=thread_id) == before


def test_not_found_comes_before_locked(server: Server) -> None:
    thread_id = thread_of(server.send("lock"))
    params: dict[str, Any] = {"thread_id": thread_id, "item_id": "msg_unknown"}
    check_problem(server.post({"type": "threads.retry_after_item", "params": params}), "item_not_found")
    params = {"thread_id": thread_id, "input": user_input("hello", ["atc_unknown"])}
    check_problem(server.post({"type": "threads.add_user_message", "params": params}), "attachment_not_found")


# --- what is shutting down ----------------------------------------------------------------------------------------


def test_draining_answers_503_with_retry_after(tmp_path: Path) -> None:
    with serve(tmp_path, CHATKIT_DRAIN_SECONDS="10") as server, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.send, "count to 60")
        while not server.op("threads.list")["data"]:
            time.sleep(0.02)
        server.process.terminate()
        deadline = time.monotonic() + 5
        while (response := server.post({"type": "threads.create", "params": {"input": message("hi")}})).is_success:
            assert time.monotonic() < deadline
        check_problem(response, "draining")
        assert int(response.headers["retry-after"]) >= 1
        assert "60" in text_of(answer.result())
        server.process.wait(15)


# --- a failure inside the agent -----------------------------------------------------------------------------------


def test_a_failing_agent_keeps_its_text_and_its_secrets(server: Server) -> None:
    headers = stranger()
    events = said(server, headers, "boom")
    assert events[-1]["type"] == "error"
    assert events[-1]["allow_retry"] is True
    assert "secret" not in str(events)
    items = server.op("items.list", headers, thread_id=thread_of(events))["data"]
    assert [item["type"] for item in items] == ["assistant_message", "user_message"]
    assert items[0]["content"][0]["text"] == "some text "


def test_an_agents_own_message_reaches_the_user(server: Server) -> None:
    error = said(server, stranger(), "custom")[-1]
    expected = {"type": "error", "code": "custom", "message": "The weather service is closed.", "allow_retry": False}
    assert error == expected


# --- the order of checks ------------------------------------------------------------------------------------------

FAULTS = [
    "missing_user",
    "missing_token",
    "local_only",
    "unsupported_media_type",
    "too_large",
    "invalid_json",
    "invalid_request",
    "thread_not_found",
]


@pytest.mark.parametrize("dialect", ["native", "rpc"])
@pytest.mark.parametrize("first", range(len(FAULTS)), ids=lambda index: FAULTS[index])
def test_the_first_of_several_faults_is_answered(server: Server, first: int, dialect: str) -> None:
    """A request with every fault from ``first`` on."""
    present = set(FAULTS[first:])
    kind = {"type": "threads.update"} if dialect == "native" else {"jsonrpc": "2.0", "method": "threads.update"}
    wrong = "" if "invalid_request" in present else ',"title":"new"'
    name, value = next(reversed(kind.items()))
    version = '"jsonrpc":"2.0",' if dialect == "rpc" else ""
    body = f'{{{version}"{name}":"{value}","params":{{"thread_id":"{UNKNOWN}"{wrong}}}'
    body += "" if "invalid_json" in present else "}"
    if "too_large" in present:
        body += " " * 3_000_000
    headers: list[tuple[str, str]] = []
    if "missing_user" not in present:
        headers.append(ALICE)
    if "missing_token" not in present:
        headers.append(TOKEN)
    if "local_only" in present:
        headers.append(("X-Forwarded-For", "203.0.113.7"))
    headers.append(("Content-Type", "text/plain") if "unsupported_media_type" in present else JSON)
    response = raw.request(server, body.encode(), headers)
    if "error" in response.json():
        check_rpc_problem(response, FAULTS[first])
    else:
        assert dialect == "native" or first <= FAULTS.index("too_large")
        check_problem(response, FAULTS[first])


def test_a_large_body_is_refused_unread(server: Server) -> None:
    started = time.monotonic()
    check_problem(raw.request(server, b"", declared=50_000_000), "too_large")
    assert time.monotonic() - started < 5


# --- the request's id ---------------------------------------------------------------------------------------------

PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@pytest.mark.parametrize("given", ["a", "x" * 128, PRINTABLE, "two words"], ids=["one", "128", "printable", "space"])
def test_the_request_id_is_echoed(server: Server, given: str) -> None:
    headers = {**HEADERS, "X-Request-ID": given}
    assert server.post(LIST, headers).headers["x-request-id"] == given
    stream = server.post({"type": "threads.create", "params": {"input": message("context")}}, headers)
    assert stream.headers["x-request-id"] == given
    problem = server.post(b"{", headers)
    assert problem.headers["x-request-id"] == problem.json()["request_id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 129, "x" * 65_536, "caf\xe9", "a\tb"])
def test_another_request_id_is_made_up(server: Server, given: str | None) -> None:
    headers = [*raw.HEADERS, *([("X-Request-ID", given)] if given is not None else [])]
    seen: set[str] = set()
    for body in (LIST_BODY, LIST_BODY, b"{"):
        response = raw.request(server, body, headers)
        (made_up,) = response.all("x-request-id")
        assert made_up != given
        assert 1 <= len(made_up) <= 128
        assert made_up.isascii()
        seen.add(made_up)
    assert len(seen) == 3


def test_every_problem_carries_the_request_id(server: Server) -> None:
    for headers in ([JSON], [ALICE, JSON], [ALICE, TOKEN], [*raw.HEADERS, ("Forwarded", "for=1")]):
        response = raw.request(server, b"{", [*headers, ("X-Request-ID", "my-request")])
        assert response.all("x-request-id") == ["my-request"]
        assert response.json()["request_id"] == "my-request"


def test_the_log_has_the_request_id(tmp_path: Path) -> None:
    with serve(tmp_path, CHATKIT_LOG_FORMAT="json") as server:
        server.post(LIST, user("alice", **{"X-Request-ID": "find-me-in-the-log"}))
        server.post(b"{", user("alice", **{"X-Request-ID": "find-me-too"}))
        server.stop()  # a request's line is written after its response was sent
        assert '"find-me-in-the-log"' in server.log
        assert '"find-me-too"' in server.log
        assert "token-of-alice" not in server.log
