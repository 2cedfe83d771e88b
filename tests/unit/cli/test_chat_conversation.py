"""The reducer: native events in, what a terminal shows out."""

from typing import Any

import pytest

from fastapi_chatkit.cli.terminal.conversation import Conversation
from fastapi_chatkit.cli.terminal.failures import ClientFailure
from fastapi_chatkit.cli.terminal.fields import Fields
from fastapi_chatkit.cli.terminal.items import Answer, Item, Note, Questions, Source, ToolCall, Widget, Workflow

PART = "assistant_message.content_part"


def item(kind: str, key: str = "i1", **fields: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, "thread_id": "t", "created_at": "2026-01-01T00:00:00Z", **fields}


def message(text: str, key: str = "i1", annotations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": annotations or []}] if text else []
    return item("assistant_message", key, content=content)


def added(data: dict[str, Any]) -> dict[str, Any]:
    return {"type": "thread.item.added", "item": data}


def done(data: dict[str, Any]) -> dict[str, Any]:
    return {"type": "thread.item.done", "item": data}


def update(kind: str, key: str = "i1", **fields: Any) -> dict[str, Any]:
    return {"type": "thread.item.updated", "item_id": key, "update": {"type": kind, **fields}}


def delta(text: str, key: str = "i1", index: int = 0) -> dict[str, Any]:
    return update(f"{PART}.text_delta", key, content_index=index, delta=text)


def after(*events: dict[str, Any]) -> Conversation:
    conversation = Conversation("t")
    for event in events:
        conversation.apply(Fields(event))
    return conversation


def only(conversation: Conversation) -> Item:
    (entry,) = [entry for entry in conversation.entries if not entry.gone]
    return entry.item


def test_an_answer_grows_by_its_deltas_and_ends_as_the_server_says() -> None:
    conversation = after(added(message("")), delta("Hel"), delta("lo"))
    answer = only(conversation)
    assert isinstance(answer, Answer)
    assert answer.text == "Hello"
    assert not conversation.entries[0].settled
    conversation.apply(Fields(done(message("Hello."))))
    ended = only(conversation)
    assert isinstance(ended, Answer)
    assert ended.text == "Hello."
    assert conversation.entries[0].settled


def test_parts_of_an_answer_stand_apart() -> None:
    answer = only(after(added(message("")), delta("one"), delta("two", index=1)))
    assert isinstance(answer, Answer)
    assert answer.text == "one\n\ntwo"


def test_sources_that_were_streamed_survive_an_end_that_names_none() -> None:
    annotation = {"type": "annotation", "source": {"type": "url", "title": "Docs", "url": "https://d.example"}}
    conversation = after(
        added(message("")),
        delta("See the docs"),
        update(f"{PART}.annotation_added", content_index=0, annotation_index=0, annotation=annotation),
        update(
            f"{PART}.done", content_index=0, content={"type": "output_text", "text": "See the docs", "annotations": []}
        ),
        done(message("See the docs")),
    )
    answer = only(conversation)
    assert isinstance(answer, Answer)
    assert answer.sources == [Source("Docs", "https://d.example")]


def test_the_thread_event_names_the_thread_and_never_clears_it() -> None:
    conversation = Conversation()
    conversation.apply(Fields({"type": "thread.created", "thread": {"id": "t9", "items": {"data": []}}}))
    conversation.apply(Fields(done(message("hi"))))
    conversation.apply(Fields({"type": "thread.updated", "thread": {"id": "t9", "title": "Greeting"}}))
    assert (conversation.thread_id, conversation.title, len(conversation.entries)) == ("t9", "Greeting", 1)


def test_progress_lasts_until_the_answer_begins() -> None:
    conversation = after({"type": "progress_update", "text": "Searching"})
    assert conversation.progress == "Searching"
    conversation.apply(Fields(added(message(""))))
    assert conversation.progress == ""


def test_workflow_tasks_are_added_and_updated_by_index() -> None:
    empty = item("workflow", workflow={"type": "custom", "tasks": []})
    task = {"type": "web_search", "title_query": "cats", "queries": ["cat", "tomcat"], "status_indicator": "loading"}
    conversation = after(
        added(empty),
        update("workflow.task.added", task_index=0, task=task),
        update("workflow.task.added", task_index=1, task={"type": "custom", "title": "Read"}),
        update("workflow.task.updated", task_index=0, task={**task, "status_indicator": "complete"}),
        update("workflow.task.updated", task_index=7, task=task),
    )
    workflow = only(conversation)
    assert isinstance(workflow, Workflow)
    assert [(one.title, one.status) for one in workflow.tasks] == [("cats", "complete"), ("Read", "none")]
    assert workflow.tasks[0].detail == "cat, tomcat"


def test_a_workflow_left_open_is_settled_when_the_stream_ends() -> None:
    conversation = after(added(item("workflow", workflow={"type": "reasoning", "tasks": []})))
    conversation.end()
    assert conversation.entries[0].settled


def test_a_widgets_text_streams_into_the_component_with_that_id() -> None:
    root = {"type": "Card", "children": [{"type": "Transition", "children": {"type": "Text", "id": "x", "value": "a"}}]}
    kind = "widget.streaming_text.value_delta"
    conversation = after(added(item("widget", widget=root)), update(kind, component_id="x", delta="b", done=False))
    widget = only(conversation)
    assert isinstance(widget, Widget)
    (child,) = Fields(widget.root).children("children")
    assert child.child("children").text("value") == "ab"


def test_a_change_of_what_was_settled_comes_as_a_new_entry() -> None:
    conversation = after(done(item("widget", widget={"type": "Card", "children": []})))
    conversation.apply(Fields(update("widget.root.updated", widget={"type": "Card", "children": [], "key": "2"})))
    old, new = conversation.entries
    assert old.superseded
    assert isinstance(new.item, Widget)
    assert new.item.root["key"] == "2"
    assert old.item != new.item


def test_the_same_item_done_twice_is_one_entry() -> None:
    workflow = item("workflow", workflow={"type": "custom", "tasks": []})
    assert len(after(done(workflow), done(workflow)).entries) == 1


def test_a_constant_id_does_not_lose_the_second_message() -> None:
    conversation = after(added(message("", "__fake_id__")), done(message("one", "__fake_id__")))
    conversation.apply(Fields(added(message("", "__fake_id__"))))
    conversation.apply(Fields(done(message("one", "__fake_id__"))))
    assert [entry.item.text for entry in conversation.entries if isinstance(entry.item, Answer)] == ["one", "one"]


def test_a_removed_item_is_withdrawn_and_one_that_was_settled_is_spoken_of() -> None:
    removed = {"type": "thread.item.removed", "item_id": "i1"}
    growing = after(added(message("")), delta("no"), removed)
    assert [entry.withdrawn for entry in growing.entries] == [True]
    settled = after(done(message("no")), removed)
    assert isinstance(settled.entries[-1].item, Note)


@pytest.mark.parametrize("trailing", [[], [{"type": "notice", "level": "info", "message": "by the way"}]])
def test_the_newest_item_is_pending_when_it_is_an_open_tool_call(trailing: list[dict[str, Any]]) -> None:
    call = item("client_tool_call", status="pending", call_id="c", name="pick", arguments={"n": 1})
    conversation = after(done(message("Wait", "i0")), done(call), *trailing)
    pending = conversation.pending
    assert isinstance(pending, ToolCall)
    assert (pending.name, pending.arguments.integer("n")) == ("pick", 1)
    conversation.apply(Fields(done(message("Moving on", "i2"))))
    assert conversation.pending is None


def test_an_answered_question_replaces_the_open_one_in_its_place() -> None:
    question = {"type": "freeform", "id": "q", "question": "Name?"}
    conversation = after(done(item("structured_input", status="pending", inputs=[question])))
    assert isinstance(conversation.pending, Questions)
    answered = {**question, "answer": {"values": ["Ada"], "skipped": False}}
    replaced = item("structured_input", status="answered", inputs=[answered])
    conversation.apply(Fields({"type": "thread.item.replaced", "item": replaced}))
    questions = only(conversation)
    assert isinstance(questions, Questions)
    assert questions.questions[0].answer == "Ada"
    assert conversation.pending is None


def test_an_error_event_fails_the_exchange_and_keeps_what_was_said() -> None:
    conversation = after(
        added(message("")), delta("Half"), {"type": "error", "code": "stream.error", "allow_retry": True}
    )
    conversation.end()
    assert conversation.failed
    answer, note = (entry.item for entry in conversation.entries)
    assert isinstance(answer, Answer)
    assert isinstance(note, Note)
    assert (answer.text, note.retry) == ("Half", True)
    conversation.begin()
    assert not conversation.failed


def test_a_failure_of_the_connection_is_noted_with_what_to_do() -> None:
    conversation = after(added(message("")))
    conversation.end(failure=ClientFailure("No server.", "Start one.", retry=True))
    assert conversation.failed
    note = conversation.entries[-1].item
    assert note == Note("danger", "No server.\nStart one.", retry=True)


def test_rewinding_to_the_users_message_forgets_the_answer() -> None:
    asked = item("user_message", "u1", content=[{"type": "input_text", "text": "Why?"}], inference_options={})
    conversation = after(done(asked), done(message("Because", "a1")))
    assert (conversation.last_question, conversation.asked) == ("u1", ["Why?"])
    conversation.rewind("u1")
    assert [entry.gone for entry in conversation.entries] == [False, True]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "thread.item.vanished", "item_id": "i1"},
        {"type": "thread.item.done"},
        {"type": "thread.item.done", "item": {"id": "x", "type": "end_of_turn"}},
        {"type": "thread.item.done", "item": {"id": "x", "type": "telepathy"}},
        {"type": "thread.item.updated", "item_id": "nobody", "update": {"type": f"{PART}.text_delta", "delta": "x"}},
        {"type": "thread.item.updated", "item_id": "i1", "update": {"type": "new.kind"}},
        {"type": "thread.item.updated", "item_id": "i1", "update": {"type": f"{PART}.text_delta", "content_index": -1}},
        {"type": "thread.item.removed", "item_id": "nobody"},
        {"type": "stream_options", "stream_options": {"allow_cancel": False}},
    ],
)
def test_what_a_client_does_not_know_changes_nothing_that_is_shown(event: dict[str, Any]) -> None:
    conversation = after(done(message("here")), event)
    answer = only(conversation)
    assert isinstance(answer, Answer)
    assert answer.text == "here"


def test_control_characters_and_lone_surrogates_never_reach_the_screen() -> None:
    answer = only(after(added(message("")), delta("a\x1b[2Jb\x00\x9b\ud800c\td\n")))
    assert isinstance(answer, Answer)
    assert answer.text == "a[2Jb\ufffdc\td\n"


def test_many_deltas_cost_linear_time() -> None:
    conversation = after(added(message("")))
    for _ in range(20_000):
        conversation.apply(Fields(delta("word ")))
    answer = only(conversation)
    assert isinstance(answer, Answer)
    assert len(answer.text) == 100_000


def texts(conversation: Conversation) -> list[str]:
    return [one.item.text for one in conversation.entries if isinstance(one.item, Answer) and not one.gone]


def snapshot(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "run.snapshot", "run_id": "r", "thread_id": "t", "last_event_id": "2-0", "items": list(items)}


def test_a_snapshot_is_all_that_the_run_has_said_and_it_may_go_on() -> None:
    conversation = Conversation("t")
    conversation.load([Fields(item("user_message", "u0", content=[])), Fields(message("Before.", "a0"))])
    conversation.begin()
    asked = done(item("user_message", "u1", content=[]))
    for event in (asked, added(message("", "a1")), delta("One tw", "a1"), done(message("Gone", "a2"))):
        conversation.apply(Fields(event))
    conversation.apply(Fields(snapshot(message("One two", "a1"), message("Three", "a3"))))
    assert texts(conversation) == ["Before.", "One two", "Three"]
    conversation.apply(Fields(delta(" four", "a3")))
    conversation.apply(Fields(snapshot(message("One two", "a1"), message("Three four", "a3"))))
    conversation.apply(Fields(done(message("Three four.", "a3"))))
    conversation.end()
    assert texts(conversation) == ["Before.", "One two", "Three four."]
    assert [one.item.id for one in conversation.entries if not isinstance(one.item, Note) and one.withdrawn] == ["a2"]
    assert all(entry.settled for entry in conversation.entries)


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_a_run_that_did_not_come_to_its_end_says_so_once(status: str) -> None:
    ended = {"type": "run.ended", "run_id": "r", "status": status, "stop_reason": None}
    (entry,) = after(ended).entries
    assert entry.item == Note("danger", f"The answer ended early ({status}).", retry=True)
    error = {"type": "error", "code": "custom", "message": "No.", "allow_retry": True}
    conversation = after(error, ended)
    assert conversation.failed
    assert [entry.item for entry in conversation.entries] == [Note("danger", "No.", retry=True)]


def test_an_answer_under_way_is_told_from_its_start_and_shown_once() -> None:
    stored = [item("user_message", "u", content=[]), message("Done already.", "a1"), message("Half an", "a2")]
    conversation = Conversation("t")
    conversation.load([Fields(one) for one in stored], growing=True)
    assert [entry.settled for entry in conversation.entries] == [True, True, False]
    conversation.begin()
    replay = [
        done(stored[0]),
        added(message("", "a1")),
        delta("Done al", "a1"),
        done(stored[1]),
        added(message("", "a2")),
    ]
    for event in replay:
        conversation.apply(Fields(event))
    assert texts(conversation) == ["Done already.", ""]
    for event in (delta("Half an answer", "a2"), done(message("Half an answer.", "a2")), added(message("", "a3"))):
        conversation.apply(Fields(event))
    conversation.end()
    assert texts(conversation) == ["Done already.", "Half an answer.", ""]
    assert len(conversation.entries) == 4


def test_an_answer_of_an_earlier_run_does_not_hold_up_this_one() -> None:
    conversation = Conversation("t")
    conversation.load([Fields(message("Before.", "a1"))], growing=True)
    conversation.apply(Fields(added(message("", "a2"))))
    assert [entry.settled for entry in conversation.entries] == [True, False]


def test_a_connection_that_is_away_is_the_progress_until_something_comes() -> None:
    conversation = after({"type": "progress_update", "text": "waiting"})
    assert conversation.progress == "waiting"
    conversation.away()
    assert conversation.progress == "reconnecting"
    conversation.apply(Fields({"type": "run.started"}))
    assert conversation.progress == ""
