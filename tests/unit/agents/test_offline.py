"""The offline agent on the real path: every wish and every kind of turn, through the engine into the store."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from chatkit import types as sdk
from pydantic import TypeAdapter

from fastapi_chatkit.agents.offline import OfflineAgent
from fastapi_chatkit.agents.offline.intents import IntentName, intent_of
from fastapi_chatkit.agents.offline.replies import REPLIES
from fastapi_chatkit.agents.offline.texts import counting, long_text, shortened
from fastapi_chatkit.errors import InvalidRequest, ItemState
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import CONTROL_TYPES
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.operations import (
    Operation,
    StreamingOperation,
    SyncCustomAction,
    decode,
)
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.engine import RunEngine
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.threads import Threads

Json = dict[str, Any]

EVENT: TypeAdapter[sdk.ThreadStreamEvent] = TypeAdapter(sdk.ThreadStreamEvent)
CONTEXT = RequestContext(user_id="alice", request_id="req-1")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Answer:
    """What one run sent: its events as native JSON, each of which the SDK's own parser has taken."""

    def __init__(self, run: LiveRun, events: list[Json]) -> None:
        self.run = run
        self.thread_id = run.thread_id
        self.events = events
        for event in events:
            EVENT.validate_python(event)

    def of(self, kind: str) -> list[Json]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def kinds(self) -> list[str]:
        """The event types in order, text deltas as one."""
        kinds = [event["update"]["type"] if "update" in event else event["type"] for event in self.events]
        delta = "assistant_message.content_part.text_delta"
        return [kind for i, kind in enumerate(kinds) if kind != delta or kinds[i - 1] != delta]

    @property
    def items(self) -> list[Json]:
        """The items that the run finished, without the user's message."""
        done = [event["item"] for event in self.of("thread.item.done")]
        return [item for item in done if item["type"] != "user_message"]

    @property
    def text(self) -> str:
        """What was streamed, joined."""
        updates = [event["update"] for event in self.of("thread.item.updated")]
        return "".join(update["delta"] for update in updates if "delta" in update)

    @property
    def title(self) -> str | None:
        titles = [event["thread"].get("title") for event in self.of("thread.updated")]
        return titles[-1] if titles else None


class Chat:
    """A user in front of the engine."""

    def __init__(self, store: SQLiteStore, agent: OfflineAgent) -> None:
        self.store = store
        self.engine = RunEngine(store=store, log=MemoryEventLog(), agent=agent)
        self.threads = Threads(
            store=store, agent=agent, attachment_store=None, stop_runs=lambda context, thread_id: asyncio.sleep(0)
        )
        self.thread_id: str | None = None

    async def do(self, operation: Operation) -> Answer:
        run = await self.engine.start(cast("StreamingOperation", operation), CONTEXT)
        reader = self.engine.read(run)
        rows = [row async for batch in reader for row in batch]
        self.engine.detach(run, dropped=False)
        self.thread_id = run.thread_id
        return Answer(run, [json.loads(row.data) for row in rows if row.type not in CONTROL_TYPES])

    def message(self, *parts: str | Json, **fields: Any) -> Operation:
        content = [{"type": "input_text", "text": part} if isinstance(part, str) else part for part in parts]
        message = {"content": content, "attachments": [], "inference_options": {}, **fields}
        if self.thread_id is None:
            return decode("threads.create", {"input": message})
        return decode("threads.add_user_message", {"thread_id": self.thread_id, "input": message})

    async def say(self, *parts: str | Json, **fields: Any) -> Answer:
        return await self.do(self.message(*parts, **fields))

    async def act(self, item_id: str | None, kind: str, payload: Any = None) -> Answer:
        params = {"thread_id": self.thread_id, "item_id": item_id, "action": {"type": kind, "payload": payload}}
        return await self.do(decode("threads.custom_action", params))

    async def act_at_once(self, item_id: str | None, kind: str, payload: Any = None) -> Json:
        params = {"thread_id": self.thread_id, "item_id": item_id, "action": {"type": kind, "payload": payload}}
        operation = decode("threads.sync_custom_action", params)
        assert isinstance(operation, SyncCustomAction)
        return json.loads(await self.threads.answer(operation, CONTEXT))

    async def tool_output(self, result: Any) -> Answer:
        return await self.do(decode("threads.add_client_tool_output", {"thread_id": self.thread_id, "result": result}))

    async def answers(self, item_id: str, **submission: Any) -> Answer:
        params = {"thread_id": self.thread_id, "item_id": item_id, "input": submission}
        return await self.do(decode("threads.add_structured_input", params))

    async def retry(self, item_id: str) -> Answer:
        return await self.do(decode("threads.retry_after_item", {"thread_id": self.thread_id, "item_id": item_id}))

    async def stored(self) -> list[Json]:
        assert self.thread_id is not None
        page = await self.store.list_items(CONTEXT.owner, self.thread_id, PageQuery(100, "asc"), hidden=False)
        return [json.loads(row.data) for row in page.data]

    async def stored_title(self) -> str | None:
        assert self.thread_id is not None
        return (await self.store.get_thread(CONTEXT.owner, self.thread_id)).title


@pytest.fixture
async def store() -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(":memory:")
    await store.initialize_schema()
    yield store
    await store.close()


@pytest.fixture
async def chat(store: SQLiteStore) -> AsyncIterator[Chat]:
    chat = Chat(store, OfflineAgent(delay=0))
    yield chat
    await chat.engine.close()


def find(component: Json, component_id: str) -> Json:
    """The component with that id; ids occur once."""
    stack, found = [component], list[Json]()
    while stack:
        node = stack.pop()
        stack += node.get("children", [])
        found += [node] if node.get("id") == component_id else []
    (one,) = found
    return one


def ids(component: Json) -> set[str]:
    """The ids of all components that have one."""
    below = [ids(child) for child in component.get("children", [])]
    return {component["id"]}.union(*below) if "id" in component else set[str]().union(*below)


# --- a plain message ----------------------------------------------------------------------------------------------

MESSAGE = [
    "thread.item.added",
    "assistant_message.content_part.added",
    "assistant_message.content_part.text_delta",
    "assistant_message.content_part.done",
    "thread.item.done",
]


async def test_first_message_is_answered_in_the_sdks_order_after_a_progress_line(chat: Chat) -> None:
    answer = await chat.say("Is it going to rain in Lisbon tomorrow?")
    opening = ["thread.created", "thread.item.done", "stream_options", "progress_update", "thread.updated"]
    assert answer.kinds == [*opening, *MESSAGE]
    assert answer.run.status == "completed"


async def test_first_answer_says_what_it_is_and_how_to_connect_a_model(chat: Chat) -> None:
    text = (await chat.say("Is it going to rain?")).text
    assert "> Is it going to rain?" in text
    assert "offline stand-in" in text
    for word in ("No model is connected", "OPENAI_API_KEY", "OPENAI_BASE_URL", "CHATKIT_MODEL", "`help`"):
        assert word in text


async def test_text_arrives_in_pieces_and_is_stored_whole(store: SQLiteStore) -> None:
    chat = Chat(store, OfflineAgent(delay=0))
    chat.engine = RunEngine(store=store, log=MemoryEventLog(), agent=OfflineAgent(delay=0), coalesce_seconds=0)
    answer = await chat.say("markdown")
    pieces = [event for event in answer.of("thread.item.updated") if "delta" in event["update"]]
    assert len(pieces) > 100
    (message,) = answer.items
    assert message["content"][0]["text"] == answer.text
    assert [item["type"] for item in await chat.stored()] == ["user_message", "assistant_message"]
    assert (await chat.stored())[1] == message


async def test_later_answers_are_shorter_know_their_number_and_give_other_hints(chat: Chat) -> None:
    first, second, third = [(await chat.say(f"Remark {n}")).text for n in range(3)]
    assert "message 2 of our conversation" in second
    assert "message 3 of our conversation" in third
    assert "no model is connected" in second
    assert len(second) < len(first) / 2
    assert second.splitlines()[-1] != third.splitlines()[-1]


async def test_no_number_is_claimed_in_a_thread_longer_than_what_was_read(chat: Chat) -> None:
    for _ in range(50):
        await chat.say("thanks")
    text = (await chat.say("Something else")).text
    assert "of our conversation" not in text
    assert "offline stand-in" in text


async def test_what_came_with_the_message_is_mentioned(chat: Chat) -> None:
    await chat.store.put_attachment(
        CONTEXT.owner, {"id": "atc_1", "type": "file", "name": "plan`s.pdf", "mime_type": "application/pdf"}
    )
    options = {"model": "big-one", "tool_choice": {"id": "search"}}
    text = (await chat.say("And now?", attachments=["atc_1"], quoted_text="Once\nupon", inference_options=options)).text
    for word in ("`plans.pdf`", "`Once upon`", "`big-one`", "`search`"):
        assert word in text


# --- titles -------------------------------------------------------------------------------------------------------


async def test_title_is_the_beginning_of_the_first_message_cut_at_a_word(chat: Chat) -> None:
    said = "Tell me, in as many words as you like,\nhow an answer travels from a server to a page and back again"
    answer = await chat.say(said)
    assert answer.title == "Tell me, in as many words as you like, how an answer…"
    assert await chat.stored_title() == answer.title
    await chat.say("Another thing")
    assert await chat.stored_title() == answer.title


async def test_title_of_a_message_without_words_is_its_attachments_or_none(chat: Chat) -> None:
    await chat.say("   ")
    assert await chat.stored_title() is None
    await chat.store.put_attachment(
        CONTEXT.owner, {"id": "atc_1", "type": "file", "name": "plan.pdf", "mime_type": "application/pdf"}
    )
    await chat.say("", attachments=["atc_1"])
    assert await chat.stored_title() == "plan.pdf"


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one two, three", 10, "one two…"),
        ("unbreakable", 6, "unbre…"),
        ("a\x00b\u2028c\ud800d", 10, "a b c d"),
        ("  \n\t ", 10, ""),
        ("👩‍🚀" * 3, 20, "👩‍🚀" * 3),
    ],
)
def test_shortened_texts_fit_and_end_at_a_word(text: str, width: int, expected: str) -> None:
    assert shortened(text, width) == expected


# --- wishes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("Hello!", "greeting", None),
        ("good morning", "greeting", None),
        ("help", "help", None),
        ("What can you do?", "help", None),
        ("Who are you?", "about", None),
        ("Show me a widget, please", "widget", None),
        ("/form", "form", None),
        ("Could you show me a simple form?", "form", None),
        ("what time is it", "tool", None),
        ("What\N{RIGHT SINGLE QUOTATION MARK}s the time?", "tool", None),
        ("use a client tool", "tool", None),
        ("Time?", "tool", None),
        ("Ask me something", "question", None),
        ("a question, please", "question", None),
        ("run a workflow with three steps", "workflow", None),
        ("steps", "workflow", None),
        ("notice", "notice", None),
        ("Give me an error", "error", None),
        ("fail", "error", None),
        ("write 500 words", "long", 500),
        ("Please write a 1200-word essay about lighthouses", "long", 1200),
        ("tell me a story", "long", None),
        ("a long answer please", "long", None),
        ("count to 30", "count", 30),
        ("Can you count up to 7?", "count", 7),
        ("count", "count", None),
        ("some markdown", "markdown", None),
        ("show a table", "table", None),
        ("Python code", "code", None),
        ("client effect", "effect", None),
        ("effect", "effect", None),
        ("Thanks a lot!", "thanks", None),
        ("", "echo", None),
        ("🦀", "echo", None),
        ("please", "echo", None),
        ("@widget", "echo", None),
        ("Why do widgets need ids?", "echo", None),
        ("I have a question about tables", "echo", None),
        ("I wrote 500 words yesterday", "echo", None),
        ("time flies", "echo", None),
    ],
)
def test_wishes_are_read_from_words(text: str, name: IntentName, number: int | None) -> None:
    assert intent_of(text) == (name, number)


ASKING: dict[IntentName, str] = {
    "about": "who are you",
    "code": "code",
    "count": "count to 12",
    "echo": "So it goes",
    "effect": "effect",
    "error": "error",
    "form": "form",
    "greeting": "hi",
    "help": "help",
    "long": "write 40 words",
    "markdown": "markdown",
    "notice": "notice",
    "question": "ask me something",
    "table": "table",
    "thanks": "thank you",
    "tool": "what time is it",
    "widget": "widget",
    "workflow": "steps",
}


@pytest.mark.parametrize("name", REPLIES)
async def test_every_wish_is_fulfilled_and_stored(chat: Chat, name: IntentName) -> None:
    answer = await chat.say(ASKING[name])
    assert intent_of(ASKING[name]).name == name
    assert answer.run.status == ("failed" if name == "error" else "completed")
    assert answer.of("progress_update")
    assert answer.text
    stored = [item for item in await chat.stored() if item["type"] != "user_message"]
    assert stored == answer.items
    assert stored


@pytest.mark.parametrize("said", ["help", "who are you"])
async def test_help_tells_how_to_connect_a_model(chat: Chat, said: str) -> None:
    text = (await chat.say(said)).text
    for word in ("offline stand-in", "OPENAI_API_KEY=", "OPENAI_BASE_URL=", "CHATKIT_MODEL="):
        assert word in text


async def test_everything_that_help_names_is_understood(chat: Chat) -> None:
    table = [line for line in (await chat.say("help")).text.splitlines() if line.startswith("| `")]
    named = [said for line in table for said in line.split("|")[1].replace("`", "").split(",")]
    assert len(named) > 10
    assert all(intent_of(said).name != "echo" for said in named)


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (7, 7), (500, 500), (0, 1), (999_999, 5000)])
async def test_a_long_answer_has_exactly_the_words_asked_for(chat: Chat, asked: int, given: int) -> None:
    text = (await chat.say(f"write {asked} words")).text
    introduction, prose = text.split("\n\n---\n\n")
    assert len(prose.split()) == given
    assert prose.endswith(".")
    assert str(given) in introduction
    assert ("as far as I go" in introduction) == (asked > given)


def test_long_text_and_counting_have_edges() -> None:
    assert long_text(1) == "An."
    assert "\n\n" in long_text(200)
    assert counting(1) == "1."
    assert counting(10) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."
    assert counting(11) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10,  \n11."


async def test_counting_stops_at_a_thousand(chat: Chat) -> None:
    assert (await chat.say("count to 123456789")).text.endswith("1000.")
    assert (await chat.say("count to 3")).text.endswith("1, 2, 3.")


async def test_a_notice_and_an_effect_are_sent_and_not_stored(chat: Chat) -> None:
    (notice,) = (await chat.say("notice")).of("notice")
    assert notice["level"] == "warning"
    assert "OPENAI_API_KEY" in notice["message"]
    (effect,) = (await chat.say("effect")).of("client_effect")
    assert effect["name"] == "offline_demo"
    assert {item["type"] for item in await chat.stored()} == {"user_message", "assistant_message"}


async def test_a_workflow_adds_and_completes_its_tasks_in_turn(chat: Chat) -> None:
    answer = await chat.say("show me a workflow")
    task = ["workflow.task.added", "workflow.task.updated"]
    begun = answer.kinds.index("thread.item.added")
    assert answer.kinds[begun:] == ["thread.item.added", *(task * 3)[1:], "thread.item.done", *MESSAGE]
    (added, _) = answer.of("thread.item.added")
    assert [task["status_indicator"] for task in added["item"]["workflow"]["tasks"]] == ["loading"]
    done = answer.items[0]["workflow"]
    assert [task["status_indicator"] for task in done["tasks"]] == ["complete"] * 3
    assert done["summary"]["title"]
    assert done["expanded"] is False


async def test_an_error_keeps_what_was_said_and_a_retry_works(chat: Chat) -> None:
    failed = await chat.say("error, please")
    assert failed.events[-1] == {
        "type": "error",
        "code": "custom",
        "message": "This failure was asked for. Retry, and it will work.",
        "allow_retry": True,
    }
    question, partial = await chat.stored()
    assert partial["content"][0]["text"] == "You asked for an error, so I fail in the middle of this"
    again = await chat.retry(question["id"])
    assert again.run.status == "completed"
    assert again.text.startswith("Once more, then.\n\nThis time it works")
    assert [item["id"] for item in await chat.stored()] == [question["id"], again.items[0]["id"]]


async def test_a_retry_answers_the_same_message_again(chat: Chat) -> None:
    await chat.say("So it goes")
    question = (await chat.stored())[0]
    again = await chat.retry(question["id"])
    assert "> So it goes" in again.text
    assert "thread.item.done" not in again.kinds[:2]


# --- client tools and questions -----------------------------------------------------------------------------------


async def test_the_time_is_asked_of_the_client_and_told(chat: Chat) -> None:
    (said, call) = (await chat.say("What time is it?")).items
    assert said["type"] == "assistant_message"
    assert (call["type"], call["name"], call["status"]) == ("client_tool_call", "get_local_time", "pending")
    answer = await chat.tool_output({"time": "2026-03-03T14:05:00+01:00", "timezone": "CET"})
    assert answer.kinds == ["stream_options", "progress_update", *MESSAGE]
    assert "14:05 on Tuesday, 3 March 2026 (CET)" in answer.text
    assert (await chat.stored())[2]["status"] == "completed"
    with pytest.raises(ItemState):
        await chat.tool_output({"time": "again"})


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ({"time": "2026-03-03T14:05:00Z"}, "14:05 on Tuesday, 3 March 2026"),
        ({"time": "soon"}, '```json\n{"time":"soon"}\n```'),
        ({}, "```json\n{}\n```"),
        (None, "```json\nnull\n```"),
        ("`a`\n```", '"`a`\\n```"'),
        ([1, {"time": 2}], '[1,{"time":2}]'),
        ({"text": "x" * 100_000}, "x…"),
        ({"time": "2026-03-03T14:05:00Z", "timezone": {"odd": ["*"] * 1000}}, "14:05 on Tuesday"),
    ],
)
async def test_whatever_a_client_tool_answers_is_told(chat: Chat, output: Any, told: str) -> None:
    await chat.say("use the tool")
    answer = await chat.tool_output(output)
    assert told in answer.text
    assert len(answer.text) < 1000


async def test_the_newest_call_is_the_one_that_is_told_of(chat: Chat) -> None:
    await chat.say("tool")
    await chat.tool_output({"time": "2026-03-03T01:00:00Z"})
    await chat.say("tool")
    assert "02:00" in (await chat.tool_output({"time": "2026-03-03T02:00:00Z"})).text


async def test_answers_are_thanked_for_and_repeated(chat: Chat) -> None:
    asked = (await chat.say("Ask me something")).items[-1]
    assert asked["type"] == "structured_input"
    assert [question["type"] for question in asked["inputs"]] == ["multiple_choice", "freeform"]
    values = {"languages": {"values": ["Python", "Rust"]}, "plan": {"values": ["a *bold* plan"]}}
    answer = await chat.answers(asked["id"], answers=values)
    assert answer.kinds == ["stream_options", "thread.item.replaced", "progress_update", *MESSAGE]
    assert "Which languages do you write? **Python, Rust**" in answer.text
    assert "What do you want to build? **a bold plan**" in answer.text


async def test_skipped_answers_are_accepted(chat: Chat) -> None:
    asked = (await chat.say("a question")).items[-1]
    answer = await chat.answers(asked["id"], answers={"plan": {"values": ["x" * 5000]}})
    assert "write? **(skipped)**" in answer.text
    assert len(answer.text) < 500
    asked = (await chat.say("another question")).items[-1]
    assert "skipped the questions" in (await chat.answers(asked["id"], status="skipped")).text


# --- widgets ------------------------------------------------------------------------------------------------------


async def test_a_counter_counts_in_the_store_and_keeps_its_ids(chat: Chat) -> None:
    card = (await chat.say("show me a widget")).items[-1]
    assert find(card["widget"], "counter.value")["value"] == "0"
    button = find(card["widget"], "counter.add")["onClickAction"]
    for count in ("1", "2"):
        answer = await chat.act(card["id"], button["type"], button["payload"])
        assert answer.kinds == ["stream_options", "thread.item.replaced"]
        replaced = answer.events[-1]["item"]
        assert replaced["id"] == card["id"]
        assert find(replaced["widget"], "counter.value")["value"] == count
        assert ids(replaced["widget"]) == ids(card["widget"])
    assert (await chat.stored())[-1]["widget"] == replaced["widget"]
    assert replaced["copy_text"] == "Counter\n2"


@pytest.mark.parametrize(
    ("payload", "count"),
    [({"by": 10}, "10"), (None, "1"), ({}, "1"), ([], "1"), ({"by": "9"}, "1"), ({"by": -5}, "1"), ({"by": True}, "1")],
)
async def test_odd_payloads_count_by_one(chat: Chat, payload: Any, count: str) -> None:
    card = (await chat.say("widget")).items[-1]
    answer = await chat.act(card["id"], "offline.counter.add", payload)
    assert find(answer.events[-1]["item"]["widget"], "counter.value")["value"] == count


async def test_a_counter_is_reset_without_a_stream(chat: Chat) -> None:
    card = (await chat.say("widget")).items[-1]
    action = find(card["widget"], "counter.reset")["onClickAction"]
    assert action["streaming"] is False
    await chat.act(card["id"], "offline.counter.add", {"by": 10})
    updated = await chat.act_at_once(card["id"], action["type"], action.get("payload"))
    assert find(updated["updated_item"]["widget"], "counter.value")["value"] == "0"
    assert find((await chat.stored())[-1]["widget"], "counter.value")["value"] == "0"


async def test_a_submitted_form_shows_its_values(chat: Chat) -> None:
    card = (await chat.say("a form")).items[-1]["widget"], (await chat.stored())[-1]["id"]
    assert card[0]["asForm"] is True
    payload = {"name": "Ada *Lovelace*", "colour": "green", "updates": True, "more": {"deep": [1]}, "none": ""}
    answer = await chat.act(card[1], card[0]["confirm"]["action"]["type"], payload)
    assert answer.kinds == ["stream_options", "thread.item.replaced", *MESSAGE]
    shown = answer.of("thread.item.replaced")[0]["item"]
    assert shown["copy_text"].splitlines()[:5] == ["Sent", "name", "Ada *Lovelace*", "colour", "green"]
    assert "confirm" not in shown["widget"]
    for word in ("name: **Ada Lovelace**", "updates: **yes**", 'more: **{"deep":[1]}**', "none: **(empty)**"):
        assert word in answer.text


@pytest.mark.parametrize("payload", [None, [], "text", {}])
async def test_a_form_without_values_is_accepted(chat: Chat, payload: Any) -> None:
    card = (await chat.say("form")).items[-1]
    assert "Nothing was filled in" in (await chat.act(card["id"], "offline.form.submit", payload)).text


async def test_a_huge_form_is_cut(chat: Chat) -> None:
    card = (await chat.say("form")).items[-1]
    answer = await chat.act(card["id"], "offline.form.submit", {f"field{n}" * 50: "y" * 10_000 for n in range(500)})
    assert len(answer.text) < 10_000


async def test_a_cancelled_form_closes(chat: Chat) -> None:
    card = (await chat.say("form")).items[-1]
    answer = await chat.act(card["id"], card["widget"]["cancel"]["action"]["type"])
    assert answer.events[-1]["item"]["copy_text"] == "Cancelled"


async def test_foreign_actions_are_answered_in_words(chat: Chat) -> None:
    card = (await chat.say("widget")).items[-1]
    for sender, kind in [
        (card["id"], "order.`pay`"),
        (None, "offline.counter.add"),
        (card["id"], "offline.form.submit"),
    ]:
        answer = await chat.act(sender, kind, {"by": 1})
        assert answer.run.status == "completed"
        assert "none of my widgets" in answer.text
        with pytest.raises(InvalidRequest):
            await chat.act_at_once(sender, kind, {"by": 1})
    assert find((await chat.stored())[1 + 1]["widget"], "counter.value")["value"] == "0"


# --- odd input, stopping, weight ----------------------------------------------------------------------------------

TAG = {"type": "input_tag", "id": "tag_1", "text": "Ada", "data": {}}


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("",),
        (" \n\t ",),
        ("👩‍🚀🦀",),
        ("x" * 100_000,),
        ("word " * 20_000,),
        (" " * 100_000,),
        ("```\n> ![](x)\n<script>",),
        ("\x00\x1b[2J",),
        ("\ud800 alone",),
        (TAG,),
        (TAG, TAG, " and ", TAG),
        ("count to ١٢",),
        ("write 999999999 words" * 1000,),
        ("¿qué hora es? 何時ですか",),
    ],
    ids=lambda parts: repr(parts)[:20],
)
async def test_odd_messages_are_answered(chat: Chat, parts: tuple[str | Json, ...]) -> None:
    for _ in range(2):
        answer = await chat.say(*parts)
        assert answer.run.status == "completed"
        assert answer.text
    title = await chat.stored_title()
    assert title is None or 0 < len(title) <= 60


async def test_only_a_tag_is_given_back_by_its_name(chat: Chat) -> None:
    answer = await chat.say(TAG)
    assert "> @Ada" in answer.text
    assert answer.title == "@Ada"


async def test_a_stop_keeps_the_text_and_the_next_answer_knows(store: SQLiteStore) -> None:
    chat = Chat(store, OfflineAgent(delay=0.002))
    operation = cast("StreamingOperation", chat.message("write 500 words"))
    run = await chat.engine.start(operation, CONTEXT)
    chat.thread_id = run.thread_id
    deltas = 0
    async for batch in chat.engine.read(run):
        deltas += sum(b"text_delta" in row.data for row in batch)
        if deltas > 3:
            chat.engine.stop(run, "cancelled")
    assert run.status == "cancelled"
    partial = (await chat.stored())[-1]
    assert partial["content"][0]["text"].startswith("Here are 500 words")
    assert (await chat.say("thanks")).text.startswith("My last answer was stopped")
    assert "stopped" not in (await chat.say("thanks")).text
    await chat.engine.close()


async def test_text_is_streamed_at_the_pace_asked_for(store: SQLiteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr("fastapi_chatkit.agents.offline.agent.asyncio", SimpleNamespace(sleep=note))
    await Chat(store, OfflineAgent(delay=0.025)).say("thanks")
    pauses = [seconds for seconds in waits if seconds > 0]
    assert pauses[0] == pytest.approx(0.2)
    assert set(pauses[1:]) == {0.025}
    assert len(pauses) > 15


def test_neither_the_agents_sdk_nor_the_client_is_imported() -> None:
    program = (
        "import sys, fastapi_chatkit.agents.offline\n"
        "print([name for name in ('agents', 'openai', 'mcp') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
