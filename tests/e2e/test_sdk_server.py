"""Servers written against the official SDK, unchanged: over their own store and over ours."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chatkit.types import ThreadStreamEvent
from pydantic import TypeAdapter

from fastapi_chatkit.testing import Answer, OpenAIWireServer, Text, ToolCall, ToolCalls
from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.server import HEADERS, Server, message, parse_native, text_of

SOURCE = "from tests.support.sdk_app import app\n"
EVENT: TypeAdapter[Any] = TypeAdapter(ThreadStreamEvent)


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIWireServer]:
    with OpenAIWireServer() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "memory"])
def server(
    request: pytest.FixtureRequest, forks: Forks, model: OpenAIWireServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    cwd: Path = tmp_path_factory.mktemp(request.param)
    with forks.serve_app(cwd, SOURCE, STORE=request.param, MODEL_URL=model.base_url) as server:
        yield server


@pytest.fixture(autouse=True)
def new_script(model: OpenAIWireServer) -> None:
    model.load([])


def say(server: Server, text: str, thread_id: str | None = None) -> list[dict[str, Any]]:
    events = server.send(text, thread_id)
    for event in events:
        EVENT.validate_python(event)
    return events


def thread_of(events: list[dict[str, Any]]) -> str:
    return events[0]["thread"]["id"]


def stored(server: Server, thread_id: str) -> list[dict[str, Any]]:
    """All items, hidden ones included."""
    return server.client.get(f"{server.url}/stored/{thread_id}").json()


def shown(server: Server, thread_id: str) -> list[dict[str, Any]]:
    return server.op("items.list", thread_id=thread_id, order="asc", limit=100)["data"]


def texts(items: list[dict[str, Any]]) -> list[str]:
    return [item["content"][0]["text"] for item in items if item["type"] == "assistant_message"]


def types(items: list[dict[str, Any]]) -> list[str]:
    return [item["type"] for item in items]


def calls(server: Server) -> list[dict[str, Any]]:
    return server.client.get(f"{server.url}/calls").json()


def eventually(answer: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 5
    while not (found := answer()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


# --- the hooks --------------------------------------------------------------------------------------------------------


def test_respond_in_the_sdks_order(server: Server) -> None:
    events = say(server, "plain")
    assert types(events) == ["thread.created", "thread.item.done", "stream_options", "thread.item.done"]
    assert events[2]["stream_options"] == {"allow_cancel": False}
    thread_id = thread_of(events)
    assert shown(server, thread_id) == [events[1]["item"], events[3]["item"]]
    again = say(server, "plain", thread_id)
    assert types(again) == ["thread.item.done", "stream_options", "thread.item.done"]
    assert texts(shown(server, thread_id)) == ["plainly", "plainly"]
    listed = server.op("threads.list", limit=100)["data"]
    assert thread_id in [thread["id"] for thread in listed]


@pytest.mark.parametrize(("text", "title"), [("title", "Named by the server"), ("late-title", "Named at the end")])
def test_a_changed_thread_is_saved_and_announced(server: Server, text: str, title: str) -> None:
    events = say(server, text)
    assert [event["thread"]["title"] for event in events if event["type"] == "thread.updated"] == [title]
    assert server.op("threads.get_by_id", thread_id=thread_of(events))["title"] == title


def test_hidden_items_are_stored_and_never_shown(server: Server) -> None:
    events = say(server, "hidden")
    assert "hidden words" not in json.dumps(events)
    assert types(shown(server, thread_of(events))) == ["user_message"]
    assert types(stored(server, thread_of(events))) == ["user_message", "hidden_context_item"]


def test_a_streamed_widget_ends_as_its_last_state(server: Server) -> None:
    events = say(server, "widget")
    updates = [event["update"] for event in events if event["type"] == "thread.item.updated"]
    kinds = ["widget.streaming_text.value_delta", "widget.root.updated"]  # the SDK's way to end the streaming
    assert [update["type"] for update in updates] == kinds
    assert updates[0]["delta"] == "b"
    widgets = [item for item in shown(server, thread_of(events)) if item["type"] == "widget"]
    assert [item["widget"]["children"][0]["value"] for item in widgets] == ["abc"]


def test_a_custom_error_is_shown(server: Server) -> None:
    assert say(server, "fail")[-1] == {"type": "error", "code": "custom", "message": "Shown", "allow_retry": False}


def test_actions(server: Server) -> None:
    thread_id = thread_of(say(server, "widget"))
    widget = shown(server, thread_id)[1]
    action = {"type": "press", "payload": {"n": 1}}
    events = server.events("threads.custom_action", thread_id=thread_id, item_id=widget["id"], action=action)
    assert types(events) == ["stream_options", "thread.item.replaced", "thread.item.done"]
    assert calls(server)[-1] == {"action": "press", "payload": {"n": 1}, "sender": widget["id"]}
    after = shown(server, thread_id)
    assert types(after) == ["user_message", "widget", "assistant_message"]
    assert after[1]["widget"]["children"][0]["value"] == "pressed"
    synced = server.op("threads.sync_custom_action", thread_id=thread_id, item_id=widget["id"], action=action)
    assert synced["updated_item"]["widget"]["children"][0]["value"] == "synced"
    assert shown(server, thread_id)[1] == synced["updated_item"]


def test_feedback_and_dictation(server: Server) -> None:
    events = say(server, "plain")
    item_id = events[-1]["item"]["id"]
    assert server.op("items.feedback", thread_id=thread_of(events), item_ids=[item_id], kind="positive") == {}
    assert calls(server)[-1] == {"feedback": "positive", "items": [item_id], "user": "alice"}
    audio = base64.b64encode(b"spoken").decode()
    answer = server.op("input.transcribe", audio_base64=audio, mime_type="audio/webm;codecs=opus")
    assert answer == {"text": "audio/webm: spoken"}


def test_attachments(server: Server) -> None:
    made = server.op("attachments.create", name="a.txt", size=3, mime_type="text/plain")
    assert "private" not in json.dumps(made)
    content = {**message("plain"), "attachments": [made["id"]]}
    events = server.events("threads.create", input=content)
    assert events[1]["item"]["attachments"][0]["id"] == made["id"]
    assert "private" not in json.dumps(events)
    assert server.op("attachments.delete", attachment_id=made["id"]) == {}
    assert calls(server)[-1] == {"attachment deleted": made["id"]}
    before = len(server.op("threads.list", limit=100)["data"])
    unknown = server.post({"type": "threads.create", "params": {"input": content}})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "attachment_not_found")
    assert len(server.op("threads.list", limit=100)["data"]) == before, "an orphan thread"


def test_hooks_that_are_not_overridden_are_refused(server: Server) -> None:
    endpoint = f"{server.url}/bare"
    created = server.client.post(endpoint, content=json.dumps(create("x")), headers=HEADERS)
    thread_id = parse_native(created.content)[0]["thread"]["id"]
    for name, params in (
        ("threads.custom_action", {"thread_id": thread_id, "action": {"type": "x"}}),
        ("threads.sync_custom_action", {"thread_id": thread_id, "action": {"type": "x"}}),
        ("input.transcribe", {"audio_base64": "QQ==", "mime_type": "audio/webm"}),
        ("attachments.create", {"name": "a", "size": 1, "mime_type": "text/plain"}),
    ):
        response = server.client.post(endpoint, content=json.dumps({"type": name, "params": params}), headers=HEADERS)
        assert (response.status_code, response.json()["code"]) == (422, "invalid_request"), name


def test_retry_deletes_what_came_after_and_answers_again(server: Server) -> None:
    thread_id = thread_of(say(server, "plain"))
    say(server, "plain", thread_id)
    before = shown(server, thread_id)
    events = server.events("threads.retry_after_item", thread_id=thread_id, item_id=before[0]["id"])
    assert types(events) == ["stream_options", "thread.item.done"]
    after = shown(server, thread_id)
    assert types(after) == ["user_message", "assistant_message"]
    assert after[0] == before[0]


def test_errors_that_are_known_before_the_stream(server: Server) -> None:
    thread_id = thread_of(say(server, "plain"))
    for name, params, expected in (
        ("threads.add_user_message", {"thread_id": "thr_x", "input": message("x")}, (404, "thread_not_found")),
        ("threads.retry_after_item", {"thread_id": thread_id, "item_id": "msg_x"}, (404, "item_not_found")),
        ("threads.add_client_tool_output", {"thread_id": thread_id, "result": 1}, (409, "item_state")),
    ):
        response = server.post({"type": name, "params": params})
        assert (response.status_code, response.json()["code"]) == expected, name


# --- being cancelled --------------------------------------------------------------------------------------------------


def drop_midway(server: Server, path: str) -> tuple[str, str]:
    """Leave in the middle of an answer; the thread, and the text that was received."""
    with DroppingClient(server.url + path, create("slow")) as client:
        client.read_until(b"word3 ")
        return thread_of(client.events), text_of(client.events)


def test_the_default_keeps_the_text_and_a_note(server: Server) -> None:
    thread_id, received = drop_midway(server, "/chatkit")
    kept = eventually(lambda: len(items := stored(server, thread_id)) == 3 and items)
    assert types(kept) == ["user_message", "assistant_message", "sdk_hidden_context"]
    assert texts(kept)[0].startswith(received)
    assert types(shown(server, thread_id)) == ["user_message", "assistant_message"]


def test_an_overridden_handler_decides_what_is_kept(server: Server) -> None:
    thread_id, received = drop_midway(server, "/overriding")
    kept = eventually(lambda: len(items := stored(server, thread_id)) == 2 and items)
    assert types(kept) == ["user_message", "assistant_message"]
    assert texts(kept) == ["kept by the server"]
    assert calls(server)[-1]["cancelled"][0].startswith(received)
    time.sleep(0.1)
    assert len(stored(server, thread_id)) == 2


# --- with the Agents SDK over Chat Completions, which gives every message one constant id -----------------------------


def test_two_turns_keep_two_messages(server: Server, model: OpenAIWireServer) -> None:
    model.load(["The first answer.", "The second answer."])
    first = say(server, "one")
    thread_id = thread_of(first)
    second = say(server, "two", thread_id)
    assert text_of(first) == "The first answer."
    assert text_of(second) == "The second answer."
    items = shown(server, thread_id)
    assert types(items) == ["user_message", "assistant_message"] * 2
    assert texts(items) == ["The first answer.", "The second answer."]
    ids = [item["id"] for item in items]
    assert len(set(ids)) == 4
    updated = {event["item_id"] for event in second if event["type"] == "thread.item.updated"}
    assert updated == {ids[3]}
    roles = [entry["role"] for entry in model.requests[1].items]
    assert roles == ["user", "assistant", "user"]


def test_two_threads_may_hold_the_same_constant_id(server: Server, model: OpenAIWireServer) -> None:
    model.load(["one", "two"])
    threads = [thread_of(say(server, "hello")) for _ in range(2)]
    assert [texts(shown(server, thread_id)) for thread_id in threads] == [["one"], ["two"]]


def test_two_messages_in_one_turn_are_two_messages(server: Server, model: OpenAIWireServer) -> None:
    model.load([Answer(Text("I will show it."), ToolCall("show")), "There it is."])
    events = say(server, "show it")
    items = shown(server, thread_of(events))
    assert sorted(types(items)) == ["assistant_message", "assistant_message", "user_message", "widget"]
    assert texts(items) == ["I will show it.", "There it is."]
    widget = next(item for item in items if item["type"] == "widget")
    assert widget["widget"]["children"][0]["value"] == "abc"
    assert len({item["id"] for item in items}) == 4


def test_a_client_tool_round_trip_twice(server: Server, model: OpenAIWireServer) -> None:
    model.load([ToolCalls(ToolCall("pick_color")), "Red it is.", ToolCalls(ToolCall("pick_color")), "Blue it is."])
    thread_id = None
    for text, color in (("a color", "red"), ("another", "blue")):
        events = say(server, text, thread_id)
        thread_id = thread_id or thread_of(events)
        call = events[-1]["item"]
        assert (call["type"], call["status"], call["name"]) == ("client_tool_call", "pending", "pick_color")
        assert call["arguments"] == {"of": "the page"}
        answer = server.events("threads.add_client_tool_output", thread_id=thread_id, result={"color": color})
        assert types(answer)[0] == "stream_options"
        assert text_of(answer) == f"{color.title()} it is."
    assert thread_id is not None
    items = shown(server, thread_id)
    assert types(items) == ["user_message", "client_tool_call", "assistant_message"] * 2
    assert [item["output"] for item in items if item["type"] == "client_tool_call"] == [
        {"color": "red"},
        {"color": "blue"},
    ]
    assert len({item["id"] for item in items}) == 6
    outputs = list(model.requests[-1].tool_outputs.values())
    assert len(outputs) == 2
    assert "blue" in outputs[-1]


def test_a_workflow_goes_on_after_a_client_tool(server: Server, model: OpenAIWireServer) -> None:
    model.load([ToolCalls(ToolCall("pick_color")), "Done."])
    thread_id = thread_of(say(server, "workflow please"))
    before = shown(server, thread_id)
    assert types(before) == ["user_message", "workflow", "client_tool_call"]
    answer = server.events("threads.add_client_tool_output", thread_id=thread_id, result="red")
    assert "error" not in types(answer)
    after = shown(server, thread_id)
    assert types(after) == ["user_message", "workflow", "client_tool_call", "assistant_message"], "no duplicate"
    assert after[1]["id"] == before[1]["id"]
    assert after[1]["workflow"]["summary"]["duration"] >= 0
    assert after[1]["created_at"] == before[1]["created_at"]
    done = [e["item"]["id"] for e in answer if e["type"] == "thread.item.done" and e["item"]["type"] == "workflow"]
    assert done == [after[1]["id"]]


def test_a_guardrail_removes_what_this_turn_said_and_nothing_else(server: Server, model: OpenAIWireServer) -> None:
    model.load(["A decent answer.", "A forbidden answer."])
    thread_id = thread_of(say(server, "hello"))
    events = say(server, "again", thread_id)
    assert events[-1]["type"] == "error"
    added = {event["item"]["id"] for event in events if event["type"] == "thread.item.added"}
    removed = {event["item_id"] for event in events if event["type"] == "thread.item.removed"}
    assert added
    assert added <= removed
    assert texts(stored(server, thread_id)) == ["A decent answer."]


def test_a_guardrail_removes_every_message_of_the_turn(server: Server, model: OpenAIWireServer) -> None:
    model.load([Answer(Text("A prelude."), ToolCall("show")), "A forbidden answer."])
    events = say(server, "show it")
    assert events[-1]["type"] == "error"
    assert types(stored(server, thread_of(events))) == ["user_message"]


def test_a_model_that_fails_ends_the_stream_with_an_error(server: Server, model: OpenAIWireServer) -> None:
    events = say(server, "hello")  # the script is empty: the model answers with an error
    assert events[-1]["type"] == "error"
    assert "Traceback" in server.log
    model.load(["Back again."])
    assert text_of(say(server, "hello", thread_of(events))) == "Back again."
