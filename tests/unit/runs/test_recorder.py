"""What each event of an agent does to the store and to the log, through a whole run."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from chatkit import types as sdk
from chatkit.widgets import Card, Text

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.events import AgentEvent, TextDelta
from fastapi_chatkit.ids import new_id
from tests.support.running import ALICE, Bench

MOMENT = datetime(2026, 1, 31, 12)
Events = AsyncIterator[AgentEvent]


def assistant(turn: Turn, item_id: str, *texts: str) -> sdk.AssistantMessageItem:
    content = [sdk.AssistantMessageContent(text=text) for text in texts]
    return sdk.AssistantMessageItem(id=item_id, thread_id=turn.thread.id, created_at=MOMENT, content=content)


def widget(turn: Turn, item_id: str, value: str = "a") -> sdk.WidgetItem:
    card = Card(id="card", children=[Text(id="text", value=value)])
    return sdk.WidgetItem(id=item_id, thread_id=turn.thread.id, created_at=MOMENT, widget=card)


def hidden(turn: Turn, item_id: str, kind: str = "hidden") -> sdk.HiddenContextItem | sdk.SDKHiddenContextItem:
    cls = sdk.HiddenContextItem if kind == "hidden" else sdk.SDKHiddenContextItem
    return cls(id=item_id, thread_id=turn.thread.id, created_at=MOMENT, content="hidden words")


def workflow(turn: Turn, item_id: str, *titles: str) -> sdk.WorkflowItem:
    tasks: list[Any] = [sdk.CustomTask(title=title) for title in titles]
    made = sdk.Workflow(type="custom", tasks=tasks)
    return sdk.WorkflowItem(id=item_id, thread_id=turn.thread.id, created_at=MOMENT, workflow=made)


def image(turn: Turn, item_id: str) -> sdk.GeneratedImageItem:
    return sdk.GeneratedImageItem(id=item_id, thread_id=turn.thread.id, created_at=MOMENT)


def updated(item_id: str, update: Any) -> sdk.ThreadItemUpdatedEvent:
    return sdk.ThreadItemUpdatedEvent(item_id=item_id, update=update)


def delta(item_id: str, text: str, index: int = 0) -> sdk.ThreadItemUpdatedEvent:
    return updated(item_id, sdk.AssistantMessageContentPartTextDelta(content_index=index, delta=text))


def added(item: Any) -> sdk.ThreadItemAddedEvent:
    return sdk.ThreadItemAddedEvent(item=item)


def done(item: Any) -> sdk.ThreadItemDoneEvent:
    return sdk.ThreadItemDoneEvent(item=item)


def replaced(item: Any) -> sdk.ThreadItemReplacedEvent:
    return sdk.ThreadItemReplacedEvent(item=item)


def removed(item_id: str) -> sdk.ThreadItemRemovedEvent:
    return sdk.ThreadItemRemovedEvent(item_id=item_id)


def texts(items: list[dict[str, Any]]) -> list[str]:
    return ["".join(p["text"] for p in item["content"]) for item in items if item["type"] == "assistant_message"]


# --- what passes ------------------------------------------------------------------------------------------------------


async def test_a_done_item_is_stored_as_it_is_sent(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(assistant(turn, "msg_1", "text"))
        yield done(widget(turn, "msg_2"))

    events = await runs.say(reply)
    assert [event["item"] for event in events] == await runs.items()
    assert all(event["item"]["created_at"].endswith("Z") for event in events)


async def test_events_without_an_item_pass_and_leave_nothing(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield sdk.ProgressUpdateEvent(text="working", icon="search")
        yield sdk.ProgressUpdateEvent(text="plain")
        yield sdk.ClientEffectEvent(name="flash", data={"n": [1, None]})
        yield sdk.NoticeEvent(level="danger", message="**careful**", title="T")
        yield sdk.ErrorEvent(code="custom", message="shown", allow_retry=False)
        yield sdk.StreamOptionsEvent(stream_options=sdk.StreamOptions(allow_cancel=False))

    assert await runs.say(reply) == [
        {"type": "progress_update", "icon": "search", "text": "working"},
        {"type": "progress_update", "text": "plain"},
        {"type": "client_effect", "name": "flash", "data": {"n": [1, None]}},
        {"type": "notice", "level": "danger", "message": "**careful**", "title": "T"},
        {"type": "error", "code": "custom", "message": "shown", "allow_retry": False},
        {"type": "stream_options", "stream_options": {"allow_cancel": False}},
    ]
    assert await runs.items() == []


async def test_a_growing_message_is_sent_piece_by_piece_and_stored_once_done(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield added(assistant(turn, "msg_1"))
        yield updated("msg_1", sdk.AssistantMessageContentPartAdded(content_index=0, content=_part("")))
        yield TextDelta("msg_1", 0, "one ")
        yield delta("msg_1", "two ")
        yield TextDelta("msg_1", 0, "three")
        yield updated("msg_1", sdk.AssistantMessageContentPartDone(content_index=0, content=_part("one two three")))
        yield done(assistant(turn, "msg_1", "one two three"))

    events = await runs.say(reply)
    deltas = [event["update"]["delta"] for event in events if "delta" in event.get("update", {})]
    assert "".join(deltas) == "one two three"
    assert events[-1]["item"] == (await runs.items())[0]
    assert texts(await runs.items()) == ["one two three"]


def _part(text: str) -> sdk.AssistantMessageContent:
    return sdk.AssistantMessageContent(text=text)


async def test_a_removed_item_is_gone_also_a_second_time(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(assistant(turn, "msg_1", "text"))
        yield added(assistant(turn, "msg_2"))
        yield delta("msg_2", "unfinished")
        for item_id in ("msg_1", "msg_1", "msg_2", "msg_never"):
            yield removed(item_id)

    events = await runs.say(reply)
    assert [event["item_id"] for event in events if event["type"] == "thread.item.removed"] == [
        "msg_1",
        "msg_1",
        "msg_2",
        "msg_never",
    ]
    assert await runs.items() == []


async def test_a_replaced_item_keeps_its_place(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(widget(turn, "msg_1", "before"))
        yield done(assistant(turn, "msg_2", "text"))
        yield replaced(widget(turn, "msg_1", "after"))
        yield replaced(widget(turn, "msg_3", "new"))

    await runs.say(reply)
    items = await runs.items()
    assert [item["id"] for item in items] == ["msg_1", "msg_2", "msg_3"]
    assert items[0]["widget"]["children"][0]["value"] == "after"


@pytest.mark.parametrize("kind", ["hidden", "sdk"])
async def test_hidden_items_are_stored_and_never_logged(runs: Bench, kind: str) -> None:
    async def reply(turn: Turn) -> Events:
        yield added(hidden(turn, "hid_1", kind))
        yield done(hidden(turn, "hid_1", kind))
        yield replaced(hidden(turn, "hid_1", kind))
        yield updated("hid_1", sdk.WidgetRootUpdated(widget=Card(children=[Text(value="hidden words")])))
        yield done(hidden(turn, "hid_2", kind))

    assert await runs.say(reply) == []
    items = await runs.items()
    assert [(item["id"], item["content"]) for item in items] == [("hid_1", "hidden words"), ("hid_2", "hidden words")]


async def test_a_hidden_item_left_open_is_never_logged(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield added(hidden(turn, "hid_1"))

    assert await runs.say(reply) == []


# --- the SDK's promise to servers: what was yielded is stored ---------------------------------------------------------


async def test_a_done_item_is_in_the_store_when_the_agent_goes_on(runs: Bench) -> None:
    seen: list[list[str]] = []

    async def reply(turn: Turn) -> Events:
        for item in (assistant(turn, "msg_1", "text"), hidden(turn, "hid_1"), widget(turn, "msg_2")):
            yield done(item)
            seen.append([found.id for found in await turn.history()][1:])
        yield removed("msg_1")
        seen.append([found.id for found in await turn.history()][1:])

    await runs.say(reply)
    assert seen == [["msg_1"], ["msg_1", "hid_1"], ["msg_1", "hid_1", "msg_2"], ["hid_1", "msg_2"]]


async def test_an_agents_own_writes_come_after_what_it_yielded_before(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(widget(turn, "msg_1", "yielded"))
        await turn.store.save_item(turn.thread.id, widget(turn, "msg_1", "saved"), ALICE)
        await turn.store.add_thread_item(turn.thread.id, hidden(turn, "hid_1"), ALICE)

    await runs.say(reply)
    items = await runs.items()
    assert [item["id"] for item in items] == ["msg_1", "hid_1"]
    assert items[0]["widget"]["children"][0]["value"] == "saved"


# --- how a run that ends leaves what it began -------------------------------------------------------------------------


async def begin_one_of_each(turn: Turn) -> Events:
    yield added(assistant(turn, "msg_text"))
    yield delta("msg_text", "partial ")
    yield delta("msg_text", "text")
    yield added(assistant(turn, "msg_empty"))
    yield added(assistant(turn, "msg_blank", "  \n"))
    yield added(widget(turn, "msg_widget"))
    yield added(image(turn, "msg_image"))
    yield added(workflow(turn, "wf_full", "Think"))
    yield added(workflow(turn, "wf_empty"))


def kinds_of(events: list[dict[str, Any]], kind: str) -> set[str]:
    return {e.get("item_id") or e["item"]["id"] for e in events if e["type"] == f"thread.item.{kind}"}


async def test_a_failure_keeps_text_and_workflows_and_takes_the_rest_back(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        async for event in begin_one_of_each(turn):
            yield event
        raise RuntimeError("a secret of the server")

    events = await runs.say(reply)
    assert {item["id"] for item in await runs.items()} == {"msg_text", "wf_full"}
    assert texts(await runs.items()) == ["partial text"]
    assert kinds_of(events, "done") == {"msg_text", "wf_full"}
    assert kinds_of(events, "removed") >= {"msg_empty", "msg_blank", "msg_widget", "msg_image"}
    assert "wf_full" not in kinds_of(events, "removed")
    assert events[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
    assert await runs.status() == ("failed", "internal")
    assert "secret" not in json.dumps(events)
    done_item = next(event["item"] for event in events if event["type"] == "thread.item.done")
    assert done_item == next(item for item in await runs.items() if item["id"] == "msg_text")


async def test_a_completed_run_keeps_what_was_left_open(runs: Bench) -> None:
    events = await runs.say(begin_one_of_each)
    assert {item["id"] for item in await runs.items()} == {"msg_text", "msg_widget", "msg_image", "wf_full"}
    assert kinds_of(events, "done") == {"msg_text", "msg_widget", "msg_image"}
    assert kinds_of(events, "removed") >= {"msg_empty", "msg_blank"}
    assert await runs.status() == ("completed", None)


async def test_an_unfinished_item_is_kept_behind_what_was_done_before_it(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(assistant(turn, "msg_1", "done"))
        yield added(assistant(turn, "msg_2"))
        yield delta("msg_2", "open")
        raise RuntimeError

    events = await runs.say(reply)
    assert [item["id"] for item in await runs.items()] == ["msg_1", "msg_2"]
    assert [e["item"]["id"] for e in events if e["type"] == "thread.item.done"] == ["msg_1", "msg_2"]


async def test_a_done_item_survives_a_failure_right_after_it(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(widget(turn, "msg_1"))
        raise RuntimeError

    events = await runs.say(reply)
    assert [item["id"] for item in await runs.items()] == ["msg_1"]
    assert [event["type"] for event in events] == ["thread.item.done", "error"]


# --- changes of items that were stored before -------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["completed", "failed"])
async def test_an_update_of_a_stored_widget_is_saved(runs: Bench, ending: str) -> None:
    async def first(turn: Turn) -> Events:
        yield done(widget(turn, "msg_1", "before"))

    async def second(turn: Turn) -> Events:
        yield updated("msg_1", sdk.WidgetRootUpdated(widget=Card(id="card", children=[Text(id="text", value="a")])))
        value = sdk.WidgetStreamingTextValueDelta(component_id="text", delta="fter", done=True)
        yield updated("msg_1", value)
        if ending == "failed":
            raise RuntimeError

    await runs.say(first)
    thread_id = runs.thread_id
    before = (await runs.items())[0]
    events = await runs.say(second, thread_id)
    assert [event["type"] for event in events if event["type"] != "error"] == ["thread.item.updated"] * 2
    after = (await runs.items(thread_id))[0]
    assert after["widget"]["children"][0]["value"] == "after"
    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])


async def test_an_update_of_nothing_passes_and_stores_nothing(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield updated("msg_x", sdk.WidgetRootUpdated(widget=Card(children=[])))
        yield delta("msg_y", "text of nothing")
        yield updated("msg_z", sdk.WorkflowTaskAdded(task_index=0, task=sdk.CustomTask(title="t")))

    await runs.say(reply)
    assert await runs.items() == []
    assert await runs.status() == ("completed", None)


async def test_an_update_of_another_kind_of_item_does_no_harm(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield added(widget(turn, "msg_1"))
        yield delta("msg_1", "text for a widget")
        yield TextDelta("msg_1", 0, "text for a widget")
        yield updated("msg_1", sdk.WorkflowTaskAdded(task_index=5, task=sdk.CustomTask(title="t")))
        yield added(assistant(turn, "msg_2"))
        yield updated("msg_2", sdk.WidgetRootUpdated(widget=Card(children=[])))
        yield delta("msg_2", "fine", index=3)

    await runs.say(reply)
    assert await runs.status() == ("completed", None)
    items = {item["id"]: item for item in await runs.items()}
    assert items["msg_1"]["widget"]["children"][0]["value"] == "a"
    assert [part["text"] for part in items["msg_2"]["content"]] == ["", "", "", "fine"]


# --- the thread -------------------------------------------------------------------------------------------------------


async def test_a_changed_thread_is_saved_once_and_announced(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        turn.thread.title = "first"
        yield sdk.ProgressUpdateEvent(text="x")
        yield sdk.ProgressUpdateEvent(text="y")
        turn.thread.metadata["n"] = 1
        turn.thread.status = sdk.LockedStatus(reason="why")
        turn.thread.allowed_image_domains = ["example.com"]

    events = await runs.say(reply)
    announced = [event["thread"] for event in events if event["type"] == "thread.updated"]
    assert [thread["title"] for thread in announced] == ["first", "first"]
    assert announced[1]["status"] == {"type": "locked", "reason": "why"}
    assert announced[1]["allowed_image_domains"] == ["example.com"]
    assert announced[1]["metadata"] == {}
    row = await runs.store.get_thread(ALICE.owner, runs.thread_id)
    assert json.loads(row.metadata) == {"n": 1}


async def test_a_rename_during_a_run_is_not_undone_by_it(runs: Bench) -> None:
    from fastapi_chatkit.store.base import ThreadChanges

    async def reply(turn: Turn) -> Events:
        yield sdk.ProgressUpdateEvent(text="x")
        await runs.store.change_thread(ALICE.owner, turn.thread.id, ThreadChanges({"title": "by the user"}))
        turn.thread.metadata["n"] = 1

    await runs.say(reply)
    assert (await runs.store.get_thread(ALICE.owner, runs.thread_id)).title == "by the user"


@pytest.mark.parametrize("how", ["entitled", "set"])
async def test_a_rename_is_not_undone_by_a_title_that_came_first(runs: Bench, how: str) -> None:
    from fastapi_chatkit.store.base import ThreadChanges

    async def reply(turn: Turn) -> Events:
        if how == "entitled":
            await turn.entitle("by the agent")
        await runs.store.change_thread(ALICE.owner, turn.thread.id, ThreadChanges({"title": "by the user"}))
        if how == "set":
            turn.thread.title = "by the agent"
        turn.thread.metadata["n"] = 1
        yield sdk.ProgressUpdateEvent(text="x")
        await turn.entitle("later")

    events = await runs.say(reply)
    announced = [event["thread"]["title"] for event in events if event["type"] == "thread.updated"]
    assert announced == ["by the user"]
    row = await runs.store.get_thread(ALICE.owner, runs.thread_id)
    assert (row.title, json.loads(row.metadata)) == ("by the user", {"n": 1})


@pytest.mark.parametrize("change", ["created_at", "aware", "equal json", "odd metadata"])
async def test_a_change_that_cannot_be_stored_does_not_end_the_run(runs: Bench, change: str) -> None:
    async def reply(turn: Turn) -> Events:
        if change == "created_at":
            turn.thread.created_at = MOMENT
        elif change == "aware":
            turn.thread.created_at = turn.thread.created_at.astimezone(UTC)
        elif change == "equal json":
            turn.thread.metadata["t"] = [1]
            yield sdk.ProgressUpdateEvent(text="x")
            turn.thread.metadata["t"] = (1,)
        else:
            turn.thread.metadata["t"] = {"set": {1}, "when": MOMENT}
        yield done(assistant(turn, "msg_1", "text"))

    await runs.say(reply)
    assert await runs.status() == ("completed", None)
    assert texts(await runs.items()) == ["text"]


# --- ids --------------------------------------------------------------------------------------------------------------

FAKE = "__fake_id__"


async def fake_message(turn: Turn, text: str) -> Events:
    yield added(assistant(turn, FAKE))
    yield TextDelta(FAKE, 0, text)
    yield done(assistant(turn, FAKE, text))


async def test_a_constant_id_never_overwrites_a_message(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        for text in ("one", "two"):
            async for event in fake_message(turn, f"{turn.text} {text}"):
                yield event

    first = await runs.say(reply, text="first")
    thread_id = runs.thread_id
    second = await runs.say(reply, thread_id, text="second")
    items = [item for item in await runs.items(thread_id) if item["type"] == "assistant_message"]
    assert texts(items) == ["first one", "first two", "second one", "second two"]
    assert len({item["id"] for item in items}) == 4
    for events in (first, second):
        begun = [event["item"]["id"] for event in events if event["type"] == "thread.item.added"]
        ended = [event["item"]["id"] for event in events if event["type"] == "thread.item.done"]
        grown = [event["item_id"] for event in events if event["type"] == "thread.item.updated"]
        assert begun == ended == grown


async def test_a_constant_id_of_a_message_without_a_beginning(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        yield done(assistant(turn, FAKE, turn.text))
        yield done(assistant(turn, FAKE, turn.text))

    await runs.say(reply, text="first")
    thread_id = runs.thread_id
    await runs.say(reply, thread_id, text="second")
    items = [item for item in await runs.items(thread_id) if item["type"] == "assistant_message"]
    assert texts(items) == ["first", "first", "second", "second"]


async def test_removing_a_constant_id_removes_all_that_this_run_said_under_it(runs: Bench) -> None:
    async def decent(turn: Turn) -> Events:
        async for event in fake_message(turn, "decent"):
            yield event

    async def tripped(turn: Turn) -> Events:
        for text in ("one", "two"):
            async for event in fake_message(turn, text):
                yield event
        yield removed(FAKE)

    await runs.say(decent)
    thread_id = runs.thread_id
    await runs.say(tripped, thread_id)
    assert texts(await runs.items(thread_id)) == ["decent"]


async def test_an_unfinished_message_under_a_constant_id_is_kept_after_a_failure(runs: Bench) -> None:
    async def first(turn: Turn) -> Events:
        async for event in fake_message(turn, "first"):
            yield event

    async def second(turn: Turn) -> Events:
        yield added(assistant(turn, FAKE))
        yield TextDelta(FAKE, 0, "second, partial")
        raise RuntimeError

    await runs.say(first)
    thread_id = runs.thread_id
    await runs.say(second, thread_id)
    assert texts(await runs.items(thread_id)) == ["first", "second, partial"]


async def test_a_workflow_that_goes_on_is_one_item(runs: Bench) -> None:
    async def first(turn: Turn) -> Events:
        yield added(workflow(turn, "wf_1", "Think"))
        await turn.store.add_thread_item(turn.thread.id, workflow(turn, "wf_1", "Think"), ALICE)

    async def second(turn: Turn) -> Events:
        yield done(workflow(turn, "wf_1", "Think", "Done"))

    events = await runs.say(first)
    assert [event["type"] for event in events] == ["thread.item.added"]
    thread_id = runs.thread_id
    await runs.say(second, thread_id)
    flows = [item for item in await runs.items(thread_id) if item["type"] == "workflow"]
    assert [[task["title"] for task in flow["workflow"]["tasks"]] for flow in flows] == [["Think", "Done"]]


# --- odd output -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [("a\x00b", "a\x00b"), ("a\ud83d", "a�"), ("\ud83d\ude00", "😀"), ("\ud83d|\ude00", None), ("x" * 2_000_000, None)],
    ids=["NUL", "half a pair", "a pair", "a pair in two deltas", "2 MB"],
)
async def test_odd_text_does_not_lose_the_answer(runs: Bench, said: str, kept: str | None) -> None:
    async def reply(turn: Turn) -> Events:
        item_id = new_id("message")
        yield added(assistant(turn, item_id))
        for piece in said.split("|"):
            yield TextDelta(item_id, 0, piece)
            await asyncio.sleep(0.03)

    events = await runs.say(reply)
    stored = texts(await runs.items())[0]
    sent = "".join(event["update"]["delta"] for event in events if "delta" in event.get("update", {}))
    if kept is not None:
        assert sent == stored == kept
    else:
        assert len(stored) == len(said.replace("\ud83d|\ude00", "x"))
        assert sent == stored, "a reader's text must be the stored one"
    assert await runs.status() == ("completed", None)


async def test_odd_values_anywhere_do_not_lose_the_answer(runs: Bench) -> None:
    async def reply(turn: Turn) -> Events:
        call = sdk.ClientToolCallItem(
            id="tc_1",
            thread_id=turn.thread.id,
            created_at=MOMENT,
            call_id="c",
            name="n\ud800",
            arguments={"n": float("nan"), "big": 10**30, "text": "\ud800\x00"},
        )
        yield done(assistant(turn, "msg_1", "kept"))
        yield sdk.ClientEffectEvent(name="x", data={"big": 10**30, "text": "\ud800", "inf": float("inf")})
        yield done(call)

    await runs.say(reply)
    assert await runs.status() == ("completed", None)
    assert [item["id"] for item in await runs.items()] == ["msg_1", "tc_1"]
