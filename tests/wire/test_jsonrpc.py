"""The JSON-RPC dialect: the original pattern's request, as events and as one reply, and every native method by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import raw
from tests.support.problems import check_rpc_problem
from tests.support.server import Server, message
from tests.support.wire import check_item, check_thread, done, said, stranger, thread_of, user, user_input

Headers = dict[str, str]
Frame = tuple[str, dict[str, Any]]
SUBMIT = "threads.runs.submitMessage"


@pytest.fixture
def alice() -> Headers:
    """A user with nothing yet."""
    return stranger()


def submit(text: str, thread_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A call of ``submitMessage``; ``more`` stands beside the message."""
    params: dict[str, Any] = {"input": {"message": {"content": [{"type": "text", "text": text}]}, **more}}
    if thread_id is not None:
        params["threadId"] = thread_id
    return call(SUBMIT, params)


def call(method: str, params: Any = None, call_id: Any = 1) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": call_id, "method": method}
    return body if params is None else {**body, "params": params}


def streaming(headers: Headers) -> Headers:
    return {**headers, "Accept": "text/event-stream"}


def result_of(server: Server, body: Any, headers: Headers) -> Any:
    """The result of a call that succeeds and is answered as JSON."""
    response = server.post(body, headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]
    answer = response.json()
    assert set(answer) == {"jsonrpc", "id", "result"}
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", body["id"])
    return answer["result"]


def frames_of(server: Server, body: Any, headers: Headers) -> list[Frame]:
    """The named frames of a call that streams; each is exactly an event line and a data line."""
    response = server.post(body, streaming(headers))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    *blocks, rest = response.text.split("\n\n")
    assert rest == ""
    frames: list[Frame] = []
    for block in blocks:
        if block.startswith(":"):
            continue
        first, second = block.split("\n")
        assert first.startswith("event: "), block
        assert second.startswith("data: "), block
        frames.append((first.removeprefix("event: "), json.loads(second.removeprefix("data: "))))
    return frames


def names_of(frames: list[Frame]) -> list[str]:
    """The frames' names, deltas once for all in a row."""
    names: list[str] = []
    for name, _ in frames:
        if name != "thread.item.delta" or names[-1:] != [name]:
            names.append(name)
    return names


def reply_text(items: list[dict[str, Any]]) -> str:
    """The text of the one assistant message among some items."""
    (answer,) = [item for item in items if item["type"] == "assistant_message"]
    return answer["content"][0]["text"]


# --- submitMessage as JSON ----------------------------------------------------------------------------------------


def test_submit_message_awaits_the_run(server: Server, alice: Headers) -> None:
    result = result_of(server, submit("say 3"), alice)
    assert set(result) == {"threadId", "items"}
    asked, answered = result["items"]
    for item in result["items"]:
        check_item(item)
        assert item["thread_id"] == result["threadId"]
    assert (asked["type"], asked["content"]) == ("user_message", [{"type": "input_text", "text": "say 3"}])
    assert reply_text([answered]) == "word0 word1 word2 "
    stored = server.op("items.list", alice, thread_id=result["threadId"], order="asc")["data"]
    assert stored == result["items"]


def test_submit_message_in_a_thread_adds_to_it(server: Server, alice: Headers) -> None:
    first = result_of(server, submit("say 1"), alice)
    second = result_of(server, submit("widget", first["threadId"]), alice)
    assert second["threadId"] == first["threadId"]
    kinds = [item["type"] for item in second["items"]]
    assert kinds == ["user_message", "assistant_message", "widget", "assistant_message"]
    stored = server.op("items.list", alice, thread_id=first["threadId"], order="asc")["data"]
    assert stored == first["items"] + second["items"]
    assert len(server.op("threads.list", alice)["data"]) == 1


def test_the_result_has_the_items_as_they_are_in_the_end(server: Server, alice: Headers) -> None:
    result = result_of(server, submit("take_back"), alice)
    assert [item["type"] for item in result["items"]] == ["user_message", "task"]
    assert result["items"][1]["task"]["title"] == "second"
    assert "hidden" not in json.dumps(result_of(server, submit("hide"), alice)).replace('"hide"', "")


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "application/json", "text/html,*/*;q=0.8", "application/*", "text/*", "text/event-streams", ""],
)
def test_any_other_accept_awaits(server: Server, alice: Headers, accept: str | None) -> None:
    headers = [*alice.items(), *([("Accept", accept)] if accept is not None else [])]
    response = raw.request(server, json.dumps(submit("say 1")).encode(), headers)
    assert response.status_code == 200
    assert response.all("content-type") == ["application/json"]
    assert reply_text(response.json()["result"]["items"]) == "word0 "


@pytest.mark.parametrize(
    "accept",
    [
        "text/event-stream",
        "TEXT/Event-Stream",
        "text/event-stream; charset=utf-8",
        "application/json, text/event-stream",
        "text/event-stream, */*",
    ],
)
def test_accept_of_event_streams_streams(server: Server, alice: Headers, accept: str) -> None:
    response = server.post(submit("say 1"), {**alice, "Accept": accept})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "event: result\n" in response.text


# --- submitMessage as events --------------------------------------------------------------------------------------


def test_the_headers_of_a_stream(server: Server, alice: Headers) -> None:
    headers = server.post(submit("say 1"), streaming(alice)).headers
    for name, value in (("cache-control", "no-cache"), ("connection", "keep-alive"), ("x-accel-buffering", "no")):
        assert headers.get_list(name) == [value]
    assert headers["x-request-id"]
    assert headers["x-chatkit-run-id"]
    assert headers["x-chatkit-thread-id"].startswith("thr_")


def test_the_frames_of_a_stream(server: Server, alice: Headers) -> None:
    frames = frames_of(server, submit("say 5"), alice)
    assert names_of(frames) == [
        "thread.created",
        "thread.item.done",
        "stream_options",
        "thread.item.added",
        "thread.item.updated",
        "thread.item.delta",
        "thread.item.updated",
        "thread.item.done",
        "result",
    ]
    created, asked, options = (data for _, data in frames[:3])
    assert set(created) == {"thread"}
    check_thread(created["thread"])
    assert set(asked) == {"item"}
    assert options == {"stream_options": {"allow_cancel": True}}
    assert set(frames[3][1]) == {"item"}
    assert all(set(data) == {"item_id", "update"} for name, data in frames if name == "thread.item.updated")
    answered = frames[-2][1]["item"]
    deltas = [data for name, data in frames if name == "thread.item.delta"]
    for data in deltas:
        assert set(data) == {"type", "text", "item_id", "content_index"}
        assert (data["type"], data["item_id"], data["content_index"]) == ("text", answered["id"], 0)
    assert "".join(data["text"] for data in deltas) == reply_text([answered]) == "word0 word1 word2 word3 word4 "
    result = {"threadId": created["thread"]["id"], "items": [asked["item"], answered]}
    assert frames[-1] == ("result", {"jsonrpc": "2.0", "id": 1, "result": result})


def test_other_events_keep_their_names_and_fields(server: Server, alice: Headers) -> None:
    frames = frames_of(server, submit("asides"), alice)[3:6]
    assert frames == [
        ("progress_update", {"icon": "search", "text": "looking"}),
        ("notice", {"level": "warning", "message": "**Careful**", "title": "Note"}),
        ("client_effect", {"name": "highlight", "data": {"row": 1}}),
    ]
    frames = frames_of(server, submit("take_back"), alice)
    assert [name for name, _ in frames[-3:]] == ["thread.item.replaced", "thread.item.removed", "result"]
    assert set(frames[-2][1]) == {"item_id"}
    frames = frames_of(server, submit("title New"), alice)
    (updated,) = [data for name, data in frames if name == "thread.updated"]
    assert updated["thread"]["title"] == "New"


def test_both_forms_have_one_result(server: Server, alice: Headers) -> None:
    awaited = result_of(server, submit("widget"), alice)
    name, last = frames_of(server, submit("widget"), alice)[-1]
    assert name == "result"
    assert [item["type"] for item in awaited["items"]] == [item["type"] for item in last["result"]["items"]]


# --- what may stand in a message ----------------------------------------------------------------------------------


def test_both_spellings_of_text_and_tags(server: Server, alice: Headers) -> None:
    content = [
        {"type": "text", "text": "a", "x_new": 1},
        {"type": "input_text", "text": "b"},
        {"type": "input_tag", "id": "t", "text": "Ada", "data": {"camelCase": 1}},
    ]
    body = call(SUBMIT, {"input": {"message": {"content": content}}})
    stored = result_of(server, body, alice)["items"][0]["content"]
    assert stored[:2] == [
        {"type": "input_text", "text": "a", "x_new": 1},
        {"type": "input_text", "text": "b"},
    ]
    assert (stored[2]["id"], stored[2]["data"]) == ("t", {"camelCase": 1})


@pytest.mark.parametrize("spelling", ["thread_id", "threadId"])
def test_the_threads_id_in_both_spellings(server: Server, alice: Headers, spelling: str) -> None:
    thread_id = thread_of(said(server, alice, "say 1"))
    params = {**submit("say 1")["params"], spelling: thread_id}
    assert result_of(server, call(SUBMIT, params), alice)["threadId"] == thread_id


def test_a_null_thread_id_is_a_new_thread(server: Server, alice: Headers) -> None:
    params = {**submit("say 1")["params"], "threadId": None}
    assert result_of(server, call(SUBMIT, params), alice)["threadId"].startswith("thr_")


@pytest.mark.parametrize("place", ["params", "input"])
@pytest.mark.parametrize("camel", [False, True], ids=["snake_case", "camelCase"])
def test_options_beside_or_inside_the_input(server: Server, alice: Headers, place: str, camel: bool) -> None:
    attachment = server.op("attachments.create", alice, name="a.txt", size=1, mime_type="text/plain")["id"]
    options: dict[str, Any] = {
        "attachments": [attachment],
        "quotedText" if camel else "quoted_text": "You said",
        "inferenceOptions" if camel else "inference_options": {
            "model": "big",
            "toolChoice" if camel else "tool_choice": {"id": "search"},
        },
    }
    body = submit("say 1")
    (body["params"] if place == "params" else body["params"]["input"]).update(options)
    item = result_of(server, body, alice)["items"][0]
    assert item["quoted_text"] == "You said"
    assert item["inference_options"] == {"model": "big", "tool_choice": {"id": "search"}}
    assert [shown["id"] for shown in item["attachments"]] == [attachment]
    assert "metadata" not in item["attachments"][0]


def test_submit_message_refuses_what_is_not_there(server: Server, alice: Headers) -> None:
    for headers in (alice, streaming(alice)):
        response = server.post(submit("hello", "thr_unknown"), headers)
        check_rpc_problem(response, "thread_not_found")
        response = server.post(submit("hello", attachments=["atc_unknown"]), headers)
        check_rpc_problem(response, "attachment_not_found")
    assert server.op("threads.list", alice)["data"] == []


def test_another_users_thread_is_as_unknown(server: Server, alice: Headers) -> None:
    thread_id = thread_of(said(server, alice, "say 1"))
    answers = [server.post(submit("hi", name), stranger()) for name in (thread_id, "thr_unknown")]
    errors = [check_rpc_problem(answer, "thread_not_found") for answer in answers]
    for error in errors:
        del error["data"]["request_id"]
    assert errors[0] == errors[1]


# --- native methods -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("camel", [False, True], ids=["snake_case", "camelCase"])
def test_every_query_is_a_method(server: Server, alice: Headers, camel: bool) -> None:
    def named(**params: Any) -> dict[str, Any]:
        return {camel_case(key): value for key, value in params.items()} if camel else params

    events = said(server, alice, "widget")
    thread_id, widget, asked = thread_of(events), done(events, "widget"), done(events[:2], "user_message")
    action = {"type": "set", "payload": {"value": "5"}}

    def ask(method: str, **params: Any) -> Any:
        return result_of(server, call(method, named(**params)), alice)

    assert ask("threads.list")["data"][0]["id"] == thread_id
    assert result_of(server, call("threads.list"), alice)["data"][0]["id"] == thread_id
    assert ask("threads.update", thread_id=thread_id, title="Mine")["title"] == "Mine"
    assert ask("threads.get_by_id", thread_id=thread_id)["items"]["data"][0] == asked
    assert len(ask("items.list", thread_id=thread_id, limit=2, order="asc")["data"]) == 2
    assert ask("items.feedback", thread_id=thread_id, item_ids=[widget["id"]], kind="positive") == {}
    changed = ask("threads.sync_custom_action", thread_id=thread_id, item_id=widget["id"], action=action)
    assert changed["updated_item"]["widget"]["children"][0]["value"] == "5"
    assert "text" in ask("input.transcribe", audio_base64="AAAA", mime_type="audio/webm")
    attachment = ask("attachments.create", name="a.txt", size=1, mime_type="text/plain")
    assert ask("attachments.delete", attachment_id=attachment["id"]) == {}
    assert ask("threads.delete", thread_id=thread_id) == {}
    assert server.op("threads.list", alice)["data"] == []


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_every_streaming_operation_is_a_method(server: Server, alice: Headers) -> None:
    def items(method: str, **params: Any) -> tuple[str, list[dict[str, Any]]]:
        result = result_of(server, call(method, params), alice)
        assert set(result) == {"threadId", "items"}
        return result["threadId"], result["items"]

    thread_id, (asked, call_item) = items("threads.create", input=user_input("tool"))
    assert call_item["status"] == "pending"
    _, added = items("threads.add_client_tool_output", threadId=thread_id, result={"camelCase": 1})
    assert json.loads(reply_text(added).partition(": ")[2])["output"] == {"camelCase": 1}
    _, (_, question) = items("threads.add_user_message", threadId=thread_id, input=user_input("ask"))
    answers = {"answers": {"one": {"values": ["red"]}}}
    _, added = items("threads.add_structured_input", threadId=thread_id, itemId=question["id"], input=answers)
    assert '"red"' in reply_text(added)
    _, shown = items("threads.add_user_message", thread_id=thread_id, input=user_input("widget"))
    action = {"type": "look", "payload": {"camelCase": 1}}
    _, added = items("threads.custom_action", threadId=thread_id, itemId=shown[2]["id"], action=action)
    assert json.loads(reply_text(added))["payload"] == {"camelCase": 1}
    _, again = items("threads.retry_after_item", threadId=thread_id, itemId=asked["id"])
    assert [item["type"] for item in again] == ["client_tool_call"]
    stored = server.op("items.list", alice, thread_id=thread_id, order="asc")["data"]
    assert stored == [asked, *again]


def test_a_native_method_streams_named_frames(server: Server, alice: Headers) -> None:
    frames = frames_of(server, call("threads.create", {"input": message("say 1")}), alice)
    assert names_of(frames)[0] == "thread.created"
    assert frames[-1][0] == "result"
    assert len(frames[-1][1]["result"]["items"]) == 2


# --- failures -----------------------------------------------------------------------------------------------------


def test_a_run_that_fails_is_an_error(server: Server, alice: Headers) -> None:
    response = server.post(submit("boom"), alice)
    assert response.status_code == 500
    answer = response.json()
    assert set(answer) == {"jsonrpc", "id", "error"}
    assert answer["error"]["code"] == -32603
    assert answer["error"]["message"] == answer["error"]["data"]["detail"] == "Error: internal error"
    assert answer["error"]["data"]["code"] == "internal"
    assert answer["error"]["data"]["request_id"] == response.headers["x-request-id"]
    assert "secret" not in response.text
    (thread,) = server.op("threads.list", alice)["data"]
    assert len(server.op("items.list", alice, thread_id=thread["id"])["data"]) == 2


def test_a_stream_that_fails_ends_with_the_error(server: Server, alice: Headers) -> None:
    frames = frames_of(server, submit("boom"), alice)
    assert [name for name, _ in frames[-2:]] == ["error", "result"]
    assert frames[-2][1]["allow_retry"] is True
    assert frames[-1][1]["error"]["code"] == -32603
    assert frames[-1][1]["id"] == 1
    assert "result" not in frames[-1][1]
    assert "secret" not in json.dumps(frames)


def test_an_agents_own_message_is_the_errors_message(server: Server, alice: Headers) -> None:
    error = server.post(submit("custom"), alice).json()["error"]
    assert error["message"] == error["data"]["detail"] == "The weather service is closed."


@pytest.mark.parametrize(
    ("method", "params", "code", "status"),
    [
        ("threads.nothing", {}, -32601, 422),
        ("threads.get_by_id", {}, -32602, 422),
        ("threads.get_by_id", {"thread_id": 5}, -32602, 422),
        ("threads.get_by_id", [], -32602, 422),
        (SUBMIT, {}, -32602, 422),
    ],
    ids=str,
)
def test_codes_of_the_specification(
    server: Server, alice: Headers, method: str, params: Any, code: int, status: int
) -> None:
    for headers in (alice, streaming(alice)):
        response = server.post(call(method, params, "my-id"), headers)
        assert response.status_code == status
        assert check_rpc_problem(response, "invalid_request")["code"] == code
        assert response.json()["id"] == "my-id"
        assert response.headers["content-type"] == "application/json"


# --- ids ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call_id", ["a", "", '\N{GREEK SMALL LETTER ALPHA}"\\', 0, 7, -1, 2**53, 1.5, None], ids=repr)
def test_the_id_comes_back(server: Server, alice: Headers, call_id: Any) -> None:
    assert server.post(call("threads.list", {}, call_id), alice).json()["id"] == call_id
    assert server.post(call("threads.nothing", {}, call_id), alice).json()["id"] == call_id
    body = {**submit("say 1"), "id": call_id}
    assert server.post(body, alice).json()["id"] == call_id
    assert frames_of(server, body, alice)[-1][1]["id"] == call_id


def test_a_call_without_an_id_is_answered(server: Server, alice: Headers) -> None:
    body = submit("say 1")
    del body["id"]
    answer = server.post(body, alice).json()
    assert answer["result"]["items"]
    assert answer.get("id") is None
    assert frames_of(server, body, alice)[-1][1].get("id") is None


@pytest.mark.parametrize("call_id", [[], [1], {}, {"a": 1}, True, False], ids=repr)
def test_an_id_of_another_type_is_refused(server: Server, alice: Headers, call_id: Any) -> None:
    response = server.post({**submit("say 1"), "id": call_id}, alice)
    assert check_rpc_problem(response, "invalid_request")["code"] == -32600
    assert response.json()["id"] is None
    assert server.op("threads.list", alice)["data"] == []


# --- metadata, in both dialects -----------------------------------------------------------------------------------


def metadata_seen(server: Server, headers: Headers, body: dict[str, Any]) -> dict[str, Any]:
    """The metadata that the agent was given, by a message ``context`` in either dialect."""
    response = server.post(body, headers)
    thread_id = response.json()["result"]["threadId"] if "jsonrpc" in body else response.headers["x-chatkit-thread-id"]
    items = server.op("items.list", headers, thread_id=thread_id, limit=1)["data"]
    known = json.loads(reply_text(items))
    assert known["readable"] is True
    assert known["token_length"] == len(headers["Authorization"].removeprefix("Bearer "))
    assert known["prints"] is False
    return known["metadata"]


def context_calls() -> list[dict[str, Any]]:
    return [{"type": "threads.create", "params": {"input": user_input("context")}}, submit("context")]


@pytest.mark.parametrize("body", context_calls(), ids=["native", "rpc"])
def test_metadata_is_merged_from_three_places(server: Server, body: dict[str, Any]) -> None:
    headers = user("erin")
    body = json.loads(json.dumps(body))
    assert metadata_seen(server, headers, body) == {}
    body["metadata"] = {"a": 1, "b": 1, "c": 1, "deep": {"x": 1}}
    assert metadata_seen(server, headers, body) == body["metadata"]
    body["params"]["metadata"] = {"b": 2, "c": 2, "deep": {"y": 2}}
    assert metadata_seen(server, headers, body) == {"a": 1, "b": 2, "c": 2, "deep": {"y": 2}}
    body["params"]["input"]["metadata"] = {"c": 3, "user_name": "Erin", "project_id": None}
    merged = {"a": 1, "b": 2, "c": 3, "deep": {"y": 2}, "user_name": "Erin", "project_id": None}
    assert metadata_seen(server, headers, body) == merged


@pytest.mark.parametrize("body", context_calls(), ids=["native", "rpc"])
def test_a_clients_own_token_is_dropped(server: Server, body: dict[str, Any]) -> None:
    body = json.loads(json.dumps(body))
    for place in (body, body["params"], body["params"]["input"]):
        place["metadata"] = {"access_token": "forged", "kept": 1}
        assert metadata_seen(server, user("erin"), body) == {"kept": 1}


def test_metadata_is_not_stored_with_the_message(server: Server, alice: Headers) -> None:
    result = result_of(server, submit("say 1", metadata={"user_name": "canary"}), alice)
    assert "canary" not in json.dumps(result)
    assert "canary" not in server.post({"type": "threads.list", "params": {}}, alice).text
