"""The native dialect: all 16 operations as chatkit.js and the official SDK speak them."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from chatkit import types as sdk

from tests.support.problems import check_problem
from tests.support.server import Server, message, parse_native, text_of
from tests.support.wire import (
    check_item,
    check_thread,
    checked,
    done,
    said,
    stranger,
    thread_of,
    types_of,
    user,
    user_input,
)

Headers = dict[str, str]

BEGINNING = ["thread.created", "thread.item.done", "stream_options"]
SPEECH = [
    "thread.item.added",
    "assistant_message.content_part.added",
    "assistant_message.content_part.text_delta",
    "assistant_message.content_part.done",
    "thread.item.done",
]


@pytest.fixture
def alice() -> Headers:
    """A user with nothing yet."""
    return stranger()


def items_of(server: Server, headers: Headers, thread_id: str) -> list[dict[str, Any]]:
    """Up to 100 items, oldest first, each checked."""
    page = server.op("items.list", headers, thread_id=thread_id, order="asc", limit=100)
    for item in page["data"]:
        check_item(item)
    return page["data"]


def history_of(server: Server, headers: Headers, thread_id: str) -> list[dict[str, Any]]:
    """What an agent sees of the thread, hidden items included."""
    return json.loads(text_of(said(server, headers, "history", thread_id)))


# --- the stream ---------------------------------------------------------------------------------------------------


def test_the_headers_of_a_stream(server: Server, alice: Headers) -> None:
    response = server.post({"type": "threads.create", "params": {"input": message("say 1")}}, alice)
    headers = response.headers
    assert response.status_code == 200
    assert headers["content-type"].lower().replace(" ", "") in ("text/event-stream", "text/event-stream;charset=utf-8")
    assert headers["x-chatkit-thread-id"] == thread_of(parse_native(response.content))
    assert headers["x-chatkit-run-id"]
    assert headers["x-request-id"]
    for name, value in (("cache-control", "no-cache"), ("connection", "keep-alive"), ("x-accel-buffering", "no")):
        assert headers.get_list(name) == [value]
    assert "content-length" not in headers


def test_the_headers_of_a_reply(server: Server, alice: Headers) -> None:
    response = server.post({"type": "threads.list", "params": {}}, alice)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]


def test_create_begins_a_thread(server: Server, alice: Headers) -> None:
    events = said(server, alice, "say 5")
    assert types_of(events) == BEGINNING + SPEECH
    thread_id = thread_of(events)
    asked, answered = done(events[:2], "user_message"), done(events, "assistant_message")
    assert asked["content"] == [{"type": "input_text", "text": "say 5"}]
    assert asked["thread_id"] == answered["thread_id"] == thread_id
    assert events[2]["stream_options"] == {"allow_cancel": True}
    assert text_of(events) == answered["content"][0]["text"] == "word0 word1 word2 word3 word4 "
    assert events[-1]["item"] == answered
    assert {e["item_id"] for e in events if e["type"] == "thread.item.updated"} == {answered["id"]}
    assert items_of(server, alice, thread_id) == [asked, answered]


def test_add_user_message_goes_on(server: Server, alice: Headers) -> None:
    thread_id = thread_of(said(server, alice, "say 1"))
    events = said(server, alice, "say 2", thread_id)
    assert types_of(events) == BEGINNING[1:] + SPEECH
    assert [item["type"] for item in items_of(server, alice, thread_id)] == ["user_message", "assistant_message"] * 2


def test_the_first_event_does_not_wait_for_the_last(server: Server, alice: Headers) -> None:
    body = json.dumps({"type": "threads.create", "params": {"input": message("slow 20")}})
    with server.client.stream("POST", server.endpoint, content=body, headers=alice) as response:
        chunks = response.iter_raw()
        assert b"thread.created" in next(chunks)
        first = time.monotonic()
        rest = list(chunks)
    assert len(rest) > 5
    assert time.monotonic() - first > 0.5


def test_widgets_part_the_text(server: Server, alice: Headers) -> None:
    events = said(server, alice, "widget")
    assert types_of(events) == [*BEGINNING, *SPEECH, "thread.item.done", *SPEECH]
    kinds = [item["type"] for item in items_of(server, alice, thread_of(events))]
    assert kinds == ["user_message", "assistant_message", "widget", "assistant_message"]
    shown = done(events, "widget")["widget"]
    assert shown["type"] == "Card"
    assert shown["children"] == [{"type": "Text", "id": "text", "value": "0"}]


def test_asides_are_sent_and_not_stored(server: Server, alice: Headers) -> None:
    events = said(server, alice, "asides")
    progress, notice, effect = events[3:6]
    assert progress == {"type": "progress_update", "icon": "search", "text": "looking"}
    assert notice == {"type": "notice", "level": "warning", "message": "**Careful**", "title": "Note"}
    assert effect == {"type": "client_effect", "name": "highlight", "data": {"row": 1}}
    assert len(items_of(server, alice, thread_of(events))) == 2


def test_workflows_grow(server: Server, alice: Headers) -> None:
    events = said(server, alice, "workflow")
    assert types_of(events) == [*BEGINNING, "thread.item.added", "workflow.task.added", "thread.item.done"]
    (stored,) = items_of(server, alice, thread_of(events))[1:]
    assert stored == events[-1]["item"]
    assert stored["workflow"]["summary"] == {"title": "looked"}


def test_items_are_replaced_in_place_and_removed(server: Server, alice: Headers) -> None:
    events = said(server, alice, "take_back")
    expected = ["thread.item.done", "thread.item.done", "thread.item.replaced", "thread.item.removed"]
    assert types_of(events)[3:] == expected
    (stored,) = items_of(server, alice, thread_of(events))[1:]
    assert stored["task"]["title"] == "second"
    assert stored["id"] == events[3]["item"]["id"] == events[5]["item"]["id"]


def test_a_new_title_is_announced_and_kept(server: Server, alice: Headers) -> None:
    events = said(server, alice, "title A better name")
    thread_id = thread_of(events)
    updates = [event for event in events if event["type"] == "thread.updated"]
    assert [update["thread"]["title"] for update in updates] == ["A better name"]
    assert types_of(events).index("thread.updated") == types_of(events).index("progress_update") + 1
    assert server.op("threads.get_by_id", alice, thread_id=thread_id)["title"] == "A better name"
    assert text_of(events) == "Naming this. Named."


def test_a_lock_is_announced(server: Server, alice: Headers) -> None:
    events = said(server, alice, "lock")
    (update,) = [event for event in events if event["type"] == "thread.updated"]
    assert update["thread"]["status"] == {"type": "locked", "reason": "review"}
    thread = server.op("threads.get_by_id", alice, thread_id=thread_of(events))
    assert thread["status"] == {"type": "locked", "reason": "review"}


def test_hidden_items_are_for_agents_alone(server: Server, alice: Headers) -> None:
    body = {"type": "threads.create", "params": {"input": message("hide")}}
    response = server.post(body, alice)
    assert "hidden" not in response.text.replace("x-hidden", "")
    events = checked(parse_native(response.content))
    thread_id = thread_of(events)
    assert [item["type"] for item in items_of(server, alice, thread_id)] == ["user_message", "assistant_message"]
    for reply in (
        server.post({"type": "threads.get_by_id", "params": {"thread_id": thread_id}}, alice),
        server.post({"type": "items.list", "params": {"thread_id": thread_id, "limit": 2}}, alice),
    ):
        assert "hidden" not in reply.text
    assert server.op("items.list", alice, thread_id=thread_id, limit=2)["has_more"] is False
    kinds = [item["type"] for item in history_of(server, alice, thread_id)]
    expected = ["user_message", "hidden_context_item", "sdk_hidden_context", "assistant_message", "user_message"]
    assert kinds == expected


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("items.list", {"after": "HIDDEN"}),
        ("items.feedback", {"item_ids": ["HIDDEN"], "kind": "positive"}),
        ("threads.retry_after_item", {"item_id": "HIDDEN"}),
        ("threads.custom_action", {"item_id": "HIDDEN", "action": {"type": "x"}}),
        ("threads.sync_custom_action", {"item_id": "HIDDEN", "action": {"type": "x"}}),
        ("threads.add_structured_input", {"item_id": "HIDDEN", "input": {"status": "skipped"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hidden_item_is_as_unknown_to_clients(
    server: Server, alice: Headers, operation: str, params: dict[str, Any]
) -> None:
    thread_id = thread_of(said(server, alice, "hide"))
    hidden = history_of(server, alice, thread_id)[1]["id"]
    payload = json.dumps({"type": operation, "params": {"thread_id": thread_id, **params}})
    check_problem(server.post(payload.replace("HIDDEN", hidden).encode(), alice), "item_not_found")


def test_ids_never_repeat(server: Server, alice: Headers) -> None:
    events = [event for _ in range(20) for event in said(server, alice, "widget")]
    threads = [event["thread"]["id"] for event in events if event["type"] == "thread.created"]
    items = [event["item"]["id"] for event in events if event["type"] == "thread.item.done"]
    assert len(set(threads)) == len(threads) == 20
    assert len(set(items)) == len(items) == 80
    assert min(map(len, threads + items)) >= 20


# --- the user's message -------------------------------------------------------------------------------------------


def test_a_messages_unknown_fields_survive(server: Server, alice: Headers) -> None:
    content = [
        {"type": "input_text", "text": "say ", "x_new": {"deep": [1, None, {"a": True}]}},
        {
            "type": "input_tag",
            "id": "tag-1",
            "text": "Ada",
            "data": {"Key": "v", "n": 1.5, "none": None, "camelCase": {"snake_case": 1}},
            "group": "people",
            "interactive": True,
            "xNew": "kept",
        },
    ]
    events = checked(server.events("threads.create", alice, input={**user_input(""), "content": content}))
    assert done(events[:2], "user_message")["content"] == content
    assert items_of(server, alice, thread_of(events))[0]["content"] == content
    page = server.op("threads.get_by_id", alice, thread_id=thread_of(events))["items"]
    assert page["data"][0]["content"] == content


def test_a_tag_needs_no_data(server: Server, alice: Headers) -> None:
    content = [{"type": "input_tag", "id": "t", "text": "Ada"}]
    events = checked(server.events("threads.create", alice, input={**user_input(""), "content": content}))
    part = done(events[:2], "user_message")["content"][0]
    assert (part["id"], part["text"], part["data"]) == ("t", "Ada", {})


def test_quotes_and_inference_options_are_kept(server: Server, alice: Headers) -> None:
    options = {"model": "big", "tool_choice": {"id": "search"}}
    sent = user_input("say 1", quoted_text="What you said", inference_options=options)
    events = checked(server.events("threads.create", alice, input=sent))
    item = done(events[:2], "user_message")
    assert item["quoted_text"] == "What you said"
    assert item["inference_options"] == options
    assert items_of(server, alice, thread_of(events))[0] == item


# --- retry --------------------------------------------------------------------------------------------------------


def test_retry_answers_a_message_again(server: Server, alice: Headers) -> None:
    events = said(server, alice, "say 2")
    thread_id, asked = thread_of(events), done(events[:2], "user_message")
    said(server, alice, "widget", thread_id)
    again = checked(server.events("threads.retry_after_item", alice, thread_id=thread_id, item_id=asked["id"]))
    assert types_of(again) == ["stream_options", *SPEECH]
    first, second = items_of(server, alice, thread_id)
    assert first == asked
    assert second == again[-1]["item"]
    assert second["id"] != done(events, "assistant_message")["id"]


# --- client tools -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [{"time": "12:00", "camelCase": [1]}, "text", 5, False, [], None], ids=json.dumps)
def test_a_client_tools_output_continues_the_turn(server: Server, alice: Headers, result: Any) -> None:
    events = said(server, alice, "tool")
    assert types_of(events) == [*BEGINNING, "thread.item.done"]
    thread_id, call = thread_of(events), done(events, "client_tool_call")
    assert (call["status"], call["name"], call["arguments"]) == ("pending", "get_time", {"zone": "UTC"})
    events = checked(server.events("threads.add_client_tool_output", alice, thread_id=thread_id, result=result))
    assert types_of(events) == ["stream_options", *SPEECH]
    seen = json.loads(text_of(events).removeprefix("client_tool_output: "))
    assert (seen["id"], seen["status"], seen["output"]) == (call["id"], "completed", result)
    stored = items_of(server, alice, thread_id)[1]
    assert (stored["id"], stored["status"], stored.get("output")) == (call["id"], "completed", result)


def test_a_message_instead_of_a_tool_output(server: Server, alice: Headers) -> None:
    """The user writes on: the call stays where it is, and its late output has nowhere to go."""
    thread_id = thread_of(said(server, alice, "tool"))
    said(server, alice, "say 1", thread_id)
    response = server.post(
        {"type": "threads.add_client_tool_output", "params": {"thread_id": thread_id, "result": 1}}, alice
    )
    check_problem(response, "item_state")


# --- structured input ---------------------------------------------------------------------------------------------


def answers_to(server: Server, alice: Headers, submitted: dict[str, Any]) -> dict[str, Any]:
    """What is stored after ``ask`` was answered with ``submitted``, answers by question."""
    events = said(server, alice, "ask")
    thread_id, item = thread_of(events), done(events, "structured_input")
    assert item["status"] == "pending"
    assert all("answer" not in question for question in item["inputs"])
    params = {"thread_id": thread_id, "item_id": item["id"], "input": submitted}
    events = checked(server.events("threads.add_structured_input", alice, **params))
    rest = [name for name in types_of(events) if name != "thread.item.replaced"]
    assert rest == ["stream_options", *SPEECH]
    stored = items_of(server, alice, thread_id)[1]
    assert stored["id"] == item["id"]
    seen = json.loads(text_of(events).removeprefix("structured_input: "))
    assert (seen["id"], seen["status"]) == (item["id"], stored["status"])
    return {"status": stored["status"], **{question["id"]: question["answer"] for question in stored["inputs"]}}


def test_structured_answers(server: Server, alice: Headers) -> None:
    submitted = {
        "status": "answered",
        "answers": {
            "one": {"values": ["red", "green"]},
            "any": {"values": ["red", "an answer of my own"], "skipped": False},
            "unknown": {"values": ["x"]},
        },
    }
    assert answers_to(server, alice, submitted) == {
        "status": "answered",
        "one": {"values": ["red"], "skipped": False},
        "any": {"values": ["red", "an answer of my own"], "skipped": False},
        "free": {"values": [], "skipped": True},
    }


def test_structured_answers_that_are_empty_or_skipped(server: Server, alice: Headers) -> None:
    skipped = {"values": [], "skipped": True}
    answers = {"one": {"values": []}, "any": {"values": ["red"], "skipped": True}, "free": {"values": ["because"]}}
    expected = {"one": skipped, "any": skipped, "free": {"values": ["because"], "skipped": False}}
    assert answers_to(server, alice, {"answers": answers}) == {"status": "answered", **expected}


def test_a_structured_input_that_is_skipped(server: Server, alice: Headers) -> None:
    skipped = {"values": [], "skipped": True}
    submitted = {"status": "skipped", "answers": {"one": {"values": ["red"]}}}
    expected = {"status": "skipped", "one": skipped, "any": skipped, "free": skipped}
    assert answers_to(server, alice, submitted) == expected


def test_a_structured_answer_is_announced(server: Server, alice: Headers) -> None:
    """CHATKIT 1d: the answered item is sent as ``thread.item.replaced``."""
    events = said(server, alice, "ask")
    params = {"thread_id": thread_of(events), "item_id": done(events, "structured_input")["id"], "input": {}}
    events = checked(server.events("threads.add_structured_input", alice, **params))
    assert types_of(events)[:2] == ["stream_options", "thread.item.replaced"]
    assert events[1]["item"]["status"] == "answered"


# --- widget actions -----------------------------------------------------------------------------------------------


def widget_value(server: Server, headers: Headers, thread_id: str) -> str:
    (shown,) = [item for item in items_of(server, headers, thread_id) if item["type"] == "widget"]
    return shown["widget"]["children"][0]["value"]


def test_an_action_changes_its_widget_for_good(server: Server, alice: Headers) -> None:
    events = said(server, alice, "widget")
    thread_id, sender = thread_of(events), done(events, "widget")["id"]
    action = {"type": "set", "payload": {"value": "7"}}
    events = checked(server.events("threads.custom_action", alice, thread_id=thread_id, item_id=sender, action=action))
    assert types_of(events) == ["stream_options", "widget.root.updated"]
    assert events[1]["item_id"] == sender
    assert widget_value(server, alice, thread_id) == "7"


def test_an_actions_payload_arrives_untouched(server: Server, alice: Headers) -> None:
    events = said(server, alice, "widget")
    thread_id, sender = thread_of(events), done(events, "widget")["id"]
    payload = {"camelCase": {"snake_case": [None, 1.5]}, "": ""}
    action = {"type": "look", "payload": payload}
    for item_id in (sender, None):
        params = {"thread_id": thread_id, "action": action, **({"item_id": item_id} if item_id else {})}
        events = checked(server.events("threads.custom_action", alice, **params))
        assert types_of(events) == ["stream_options", *SPEECH]
        assert json.loads(text_of(events)) == {"type": "look", "payload": payload, "sender": item_id}


def test_a_synchronous_action_answers_with_the_item(server: Server, alice: Headers) -> None:
    events = said(server, alice, "widget")
    params = {"thread_id": thread_of(events), "item_id": done(events, "widget")["id"]}
    action = {"type": "set", "payload": {"value": "9"}}
    reply = server.op("threads.sync_custom_action", alice, **params, action=action)
    assert set(reply) == {"updated_item"}
    check_item(reply["updated_item"])
    assert reply["updated_item"]["id"] == params["item_id"]
    sdk.SyncCustomActionResponse.model_validate(reply)
    assert widget_value(server, alice, params["thread_id"]) == "9"
    assert server.op("threads.sync_custom_action", alice, **params, action={"type": "other"}) == {}


def test_a_synchronous_action_in_the_middle_of_a_stream(server: Server, alice: Headers) -> None:
    events = said(server, alice, "widget")
    params = {"thread_id": thread_of(events), "item_id": done(events, "widget")["id"]}
    with Running(server, alice, params["thread_id"], "slow 20") as stream:
        action = {"type": "set", "payload": {"value": "3"}}
        reply = server.op("threads.sync_custom_action", alice, **params, action=action)
        assert reply["updated_item"]["id"] == params["item_id"]
        assert stream.thread.is_alive()
    assert text_of(stream.events).endswith("word19 ")
    assert widget_value(server, alice, params["thread_id"]) == "3"


class Running:
    """A message whose answer streams in the background; ``events`` are complete after the block."""

    def __init__(self, server: Server, headers: Headers, thread_id: str, text: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._begun = threading.Event()
        self._server, self._headers = server, headers
        params = {"thread_id": thread_id, "input": message(text)}
        self._body = json.dumps({"type": "threads.add_user_message", "params": params})
        self.thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        received = b""
        client = self._server.client
        with client.stream("POST", self._server.endpoint, content=self._body, headers=self._headers) as response:
            for chunk in response.iter_raw():
                received += chunk
                if b"text_delta" in received:
                    self._begun.set()
        self.events = checked(parse_native(received))

    def __enter__(self) -> Running:
        self.thread.start()
        assert self._begun.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(20)
        assert not self.thread.is_alive(), "the stream has not ended"


# --- threads ------------------------------------------------------------------------------------------------------


def test_get_by_id_has_the_oldest_items_first(server: Server, alice: Headers) -> None:
    thread_id = thread_of(said(server, alice, "many 30"))
    thread = server.op("threads.get_by_id", alice, thread_id=thread_id)
    check_thread(thread)
    page = thread["items"]
    assert page["data"] == items_of(server, alice, thread_id)[:20]
    assert page["has_more"] is True
    assert page["after"] == page["data"][-1]["id"]
    rest = server.op("items.list", alice, thread_id=thread_id, order="asc", after=page["after"])
    assert page["data"] + rest["data"] == items_of(server, alice, thread_id)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 7, 10])
def test_pages_of_threads(server: Server, alice: Headers, order: str, limit: int) -> None:
    created = [thread_of(said(server, alice, "say 1")) for _ in range(7)]
    seen: list[str] = []
    params: dict[str, Any] = {"limit": limit, "order": order}
    while True:
        page = server.op("threads.list", alice, **params)
        sdk.Page[sdk.Thread].model_validate(page)
        for thread in page["data"]:
            check_thread(thread)
            assert thread["items"]["data"] == []
        seen += [thread["id"] for thread in page["data"]]
        if not page["has_more"]:
            assert "after" not in page
            break
        assert page["after"] == seen[-1]
        assert len(page["data"]) == limit
        params["after"] = page["after"]
    assert seen == (created if order == "asc" else created[::-1])


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 4, 13, 50])
def test_pages_of_items(server: Server, alice: Headers, order: str, limit: int) -> None:
    thread_id = thread_of(said(server, alice, "many 12"))
    seen: list[dict[str, Any]] = []
    params: dict[str, Any] = {"thread_id": thread_id, "limit": limit, "order": order}
    while True:
        page = server.op("items.list", alice, **params)
        sdk.Page[sdk.ThreadItem].model_validate(page)
        seen += page["data"]
        if not page["has_more"]:
            assert "after" not in page
            break
        assert page["after"] == seen[-1]["id"]
        params["after"] = page["after"]
    titles = [item["task"]["title"] for item in seen if item["type"] == "task"]
    expected = [f"task {index}" for index in range(12)]
    assert titles == (expected if order == "asc" else expected[::-1])
    assert len(seen) == 13


def test_the_default_order_is_newest_first(server: Server, alice: Headers) -> None:
    created = [thread_of(said(server, alice, "say 1")) for _ in range(2)]
    assert [thread["id"] for thread in server.op("threads.list", alice)["data"]] == created[::-1]
    kinds = [item["type"] for item in server.op("items.list", alice, thread_id=created[0])["data"]]
    assert kinds == ["assistant_message", "user_message"]


def test_rename(server: Server, alice: Headers) -> None:
    thread_id = thread_of(said(server, alice, "say 1"))
    title = 'A "quoted" \\ title \N{GREEK SMALL LETTER ALPHA}\u2028'
    reply = server.op("threads.update", alice, thread_id=thread_id, title=title)
    check_thread(reply)
    assert (reply["id"], reply["title"], reply["items"]["data"]) == (thread_id, title, [])
    assert server.op("threads.get_by_id", alice, thread_id=thread_id)["title"] == title
    assert server.op("threads.list", alice)["data"][0]["title"] == title


def test_a_rename_in_the_middle_of_a_run_stays(server: Server, alice: Headers) -> None:
    thread_id = thread_of(said(server, alice, "say 1"))
    with Running(server, alice, thread_id, "slow 10"):
        server.op("threads.update", alice, thread_id=thread_id, title="mine")
    assert server.op("threads.get_by_id", alice, thread_id=thread_id)["title"] == "mine"


def test_delete(server: Server, alice: Headers) -> None:
    events = said(server, alice, "say 1")
    thread_id, other = thread_of(events), thread_of(said(server, alice, "say 1"))
    assert server.op("threads.delete", alice, thread_id=thread_id) == {}
    for operation, params in (
        ("threads.get_by_id", {}),
        ("items.list", {}),
        ("threads.delete", {}),
        ("threads.update", {"title": "x"}),
        ("threads.add_user_message", {"input": message("say 1")}),
        ("threads.retry_after_item", {"item_id": events[1]["item"]["id"]}),
    ):
        response = server.post({"type": operation, "params": {"thread_id": thread_id, **params}}, alice)
        check_problem(response, "thread_not_found")
    assert [thread["id"] for thread in server.op("threads.list", alice)["data"]] == [other]


def test_delete_in_the_middle_of_a_run(server: Server, alice: Headers) -> None:
    thread_id = thread_of(said(server, alice, "say 1"))
    started = time.monotonic()
    with Running(server, alice, thread_id, "slow 200"):
        assert server.op("threads.delete", alice, thread_id=thread_id) == {}
        check_problem(
            server.post({"type": "threads.get_by_id", "params": {"thread_id": thread_id}}, alice), "thread_not_found"
        )
    assert time.monotonic() - started < 5
    assert server.op("threads.list", alice)["data"] == []


def test_threads_without_a_message_of_their_own_are_never_left(server: Server, alice: Headers) -> None:
    said(server, alice, "boom")
    (thread,) = server.op("threads.list", alice)["data"]
    assert len(items_of(server, alice, thread["id"])) == 2


# --- feedback and dictation ---------------------------------------------------------------------------------------


def calls(server: Server, hook: str) -> list[dict[str, Any]]:
    return [call for call in server.client.get(f"{server.url}/calls").json() if call["hook"] == hook]


@pytest.mark.parametrize("kind", ["positive", "negative"])
def test_feedback_reaches_the_hook(server: Server, alice: Headers, kind: str) -> None:
    events = said(server, alice, "say 1")
    params = {"thread_id": thread_of(events), "item_ids": [done(events, "assistant_message")["id"]], "kind": kind}
    assert server.op("items.feedback", alice, **params) == {}
    assert calls(server, "feedback")[-1] == {"hook": "feedback", "user_id": alice["X-User-ID"], **params}
    unknown = {**params, "item_ids": [*params["item_ids"], "msg_unknown"]}
    check_problem(server.post({"type": "items.feedback", "params": unknown}, alice), "item_not_found")
    assert calls(server, "feedback")[-1]["item_ids"] == params["item_ids"]


def test_dictation(server: Server, alice: Headers) -> None:
    params = {"audio_base64": "AAECAwQ=", "mime_type": "audio/webm;codecs=opus"}
    reply = server.op("input.transcribe", alice, **params)
    assert reply == {"text": f"5 bytes of audio/webm from {alice['X-User-ID']}"}


def test_what_an_app_does_not_offer_is_422(plain_server: Server) -> None:
    events = plain_server.send("say 1")
    thread_id = thread_of(events)
    for operation, params in (
        ("threads.custom_action", {"thread_id": thread_id, "action": {"type": "x"}}),
        ("threads.sync_custom_action", {"thread_id": thread_id, "action": {"type": "x"}}),
        ("attachments.create", {"name": "a", "size": 1, "mime_type": "text/plain"}),
        ("attachments.delete", {"attachment_id": "atc_1"}),
        ("input.transcribe", {"audio_base64": "AAAA", "mime_type": "audio/webm"}),
    ):
        check_problem(plain_server.post({"type": operation, "params": params}), "invalid_request")
    feedback = {"thread_id": thread_id, "item_ids": [done(events, "assistant_message")["id"]], "kind": "positive"}
    assert plain_server.op("items.feedback", **feedback) == {}


# --- attachments --------------------------------------------------------------------------------------------------


def attached(server: Server, headers: Headers) -> dict[str, Any]:
    return server.op("attachments.create", headers, name="notes.txt", size=12, mime_type="text/plain")


def test_an_attachments_life(server: Server, alice: Headers) -> None:
    attachment = attached(server, alice)
    sdk.FileAttachment.model_validate(attachment)
    assert "metadata" not in attachment
    descriptor = {"url": "https://files.example/upload", "method": "PUT", "headers": {"X-Upload": "1"}}
    assert attachment["upload_descriptor"] == descriptor
    sent = user_input("attachments", [attachment["id"]])
    response = server.post({"type": "threads.create", "params": {"input": sent}}, alice)
    events = checked(parse_native(response.content))
    thread_id, (shown,) = thread_of(events), done(events[:2], "user_message")["attachments"]
    assert (shown["id"], shown["name"], shown["thread_id"]) == (attachment["id"], "notes.txt", thread_id)
    (seen,) = json.loads(text_of(events))
    assert seen["metadata"] == {"bucket": "a-private-bucket", "size": 12}
    for event in events[:3]:
        assert "a-private-bucket" not in json.dumps(event)
    stored = items_of(server, alice, thread_id)[0]
    assert stored["attachments"] == [shown]
    page = server.op("threads.get_by_id", alice, thread_id=thread_id)["items"]["data"]
    assert page[0]["attachments"] == [shown]
    delete = {"type": "attachments.delete", "params": {"attachment_id": attachment["id"]}}
    assert server.post(delete, alice).json() == {}
    assert calls(server, "delete_attachment")[-1]["attachment_id"] == attachment["id"]
    check_problem(server.post(delete, alice), "attachment_not_found")


def test_an_unknown_attachment_leaves_nothing_behind(server: Server, alice: Headers) -> None:
    known = attached(server, alice)
    sent = user_input("say 1", [known["id"], "atc_unknown"])
    check_problem(server.post({"type": "threads.create", "params": {"input": sent}}, alice), "attachment_not_found")
    assert server.op("threads.list", alice)["data"] == []
    thread_id = thread_of(said(server, alice, "say 1"))
    before = items_of(server, alice, thread_id)
    params = {"thread_id": thread_id, "input": sent}
    check_problem(server.post({"type": "threads.add_user_message", "params": params}, alice), "attachment_not_found")
    assert items_of(server, alice, thread_id) == before
    events = checked(server.events("threads.create", alice, input=user_input("say 1", [known["id"]])))
    assert done(events[:2], "user_message")["attachments"][0]["thread_id"] == thread_of(events)


# --- ownership ----------------------------------------------------------------------------------------------------


def test_another_users_things_are_as_unknown_ones(server: Server, alice: Headers) -> None:
    """Every operation that names something: the answer is the one for an id that nobody has."""
    events = said(server, alice, "widget")
    thread_id = thread_of(events)
    names = {
        "THREAD": thread_id,
        "MESSAGE": done(events[:2], "user_message")["id"],
        "WIDGET": done(events, "widget")["id"],
        "ATTACHMENT": attached(server, alice)["id"],
    }
    before = items_of(server, alice, thread_id)
    bob = stranger()
    own = thread_of(said(server, bob, "say 1"))
    action = {"type": "set", "payload": {"value": "stolen"}}
    new = user_input("say 1")
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("threads.create", {"input": user_input("say 1", ["ATTACHMENT"])}),
        ("threads.add_user_message", {"thread_id": "THREAD", "input": new}),
        ("threads.add_user_message", {"thread_id": own, "input": user_input("say 1", ["ATTACHMENT"])}),
        ("threads.add_client_tool_output", {"thread_id": "THREAD", "result": 1}),
        ("threads.add_structured_input", {"thread_id": "THREAD", "item_id": "WIDGET", "input": {}}),
        ("threads.add_structured_input", {"thread_id": own, "item_id": "WIDGET", "input": {}}),
        ("threads.retry_after_item", {"thread_id": "THREAD", "item_id": "MESSAGE"}),
        ("threads.retry_after_item", {"thread_id": own, "item_id": "MESSAGE"}),
        ("threads.custom_action", {"thread_id": "THREAD", "item_id": "WIDGET", "action": action}),
        ("threads.custom_action", {"thread_id": "THREAD", "action": action}),
        ("threads.custom_action", {"thread_id": own, "item_id": "WIDGET", "action": action}),
        ("threads.sync_custom_action", {"thread_id": "THREAD", "item_id": "WIDGET", "action": action}),
        ("threads.sync_custom_action", {"thread_id": own, "item_id": "WIDGET", "action": action}),
        ("threads.get_by_id", {"thread_id": "THREAD"}),
        ("threads.list", {"after": "THREAD"}),
        ("threads.update", {"thread_id": "THREAD", "title": "stolen"}),
        ("threads.delete", {"thread_id": "THREAD"}),
        ("items.list", {"thread_id": "THREAD"}),
        ("items.list", {"thread_id": own, "after": "MESSAGE"}),
        ("items.feedback", {"thread_id": "THREAD", "item_ids": ["WIDGET"], "kind": "negative"}),
        ("items.feedback", {"thread_id": own, "item_ids": ["WIDGET"], "kind": "negative"}),
        ("attachments.delete", {"attachment_id": "ATTACHMENT"}),
    ]
    for operation, params in attempts:
        template = json.dumps({"type": operation, "params": params})
        foreign, unknown = template, template
        for name, value in names.items():
            foreign, unknown = foreign.replace(name, value), unknown.replace(name, value[:-4] + "0000")
        answers = [server.post(body.encode(), bob) for body in (foreign, unknown)]
        codes = ("thread_not_found", "item_not_found", "attachment_not_found")
        bodies = [check_problem(answer, *codes) for answer in answers]
        for body in bodies:
            del body["request_id"]
        assert bodies[0] == bodies[1], operation
    assert items_of(server, alice, thread_id) == before
    assert [thread["id"] for thread in server.op("threads.list", bob)["data"]] == [own]
    assert "title" not in server.op("threads.get_by_id", alice, thread_id=thread_id)
    assert server.op("attachments.delete", alice, attachment_id=names["ATTACHMENT"]) == {}


def test_an_item_belongs_to_its_thread(server: Server, alice: Headers) -> None:
    first, second = said(server, alice, "widget"), said(server, alice, "widget")
    item_id = done(second, "widget")["id"]
    for operation, params in (
        ("threads.custom_action", {"item_id": item_id, "action": {"type": "set", "payload": {"value": "x"}}}),
        ("threads.sync_custom_action", {"item_id": item_id, "action": {"type": "set", "payload": {"value": "x"}}}),
        ("threads.retry_after_item", {"item_id": done(second[:2], "user_message")["id"]}),
        ("items.feedback", {"item_ids": [item_id], "kind": "positive"}),
        ("items.list", {"after": item_id}),
    ):
        payload = {"type": operation, "params": {"thread_id": thread_of(first), **params}}
        check_problem(server.post(payload, alice), "item_not_found")
    assert widget_value(server, alice, thread_of(second)) == "0"


# --- context ------------------------------------------------------------------------------------------------------


def test_what_the_agent_knows_of_the_request(server: Server) -> None:
    headers = user("carol", **{"Accept-Language": "de-CH,de;q=0.9,en;q=0.8", "X-Request-ID": "ctx-1"})
    body = {
        "type": "threads.create",
        "params": {"input": user_input("context")},
        "metadata": {"project": {"id": 1}, "access_token": "forged-token"},
    }
    response = server.post(body, headers)
    assert "forged-token" not in response.text
    known = json.loads(text_of(parse_native(response.content)))
    assert known == {
        "user_id": "carol",
        "organization_id": None,
        "request_id": "ctx-1",
        "locale": "de-CH",
        "metadata": {"project": {"id": 1}},
        "token_length": len("token-of-carol"),
        "readable": True,
        "prints": False,
    }


def test_the_token_is_nowhere(server: Server) -> None:
    secret = "tok-9d1c7e-never-kept"
    headers = {**user("dave"), "Authorization": f"bearer {secret}"}
    metadata = {"access_token": "forged-9d1c7e", "x": 1}
    replies: list[str] = []
    for text in ("context", "boom", "custom", "hide", "tool", "ask", "widget", "title t", "attachments"):
        body = {"type": "threads.create", "params": {"input": user_input(text)}, "metadata": metadata}
        replies.append(server.post(body, headers).text)
    threads = server.post({"type": "threads.list", "params": {"limit": 100}, "metadata": metadata}, headers)
    replies.append(threads.text)
    for thread in threads.json()["data"]:
        params = {"thread_id": thread["id"]}
        operations = ("threads.get_by_id", "items.list", "threads.nothing")
        replies += [server.post({"type": name, "params": params}, headers).text for name in operations]
    replies.append(server.post(b"{", headers).text)
    for name in (secret, "forged-9d1c7e"):
        assert not any(name in reply for reply in replies)
        assert name not in server.log
        for path in server.cwd.glob("chatkit.db*"):
            assert name.encode() not in path.read_bytes(), path.name
