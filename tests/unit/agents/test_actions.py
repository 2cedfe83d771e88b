"""Typed actions on the real path: through the engine or the queries, into the store."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from chatkit import types as sdk
from chatkit.actions import Action
from chatkit.widgets import DynamicWidgetRoot
from fastapi import FastAPI
from pydantic import BaseModel

from fastapi_chatkit.agents.actions import GONE, ActionOutcome, Actions
from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.function import FunctionAgent, Yielded
from fastapi_chatkit.agents.offline import OfflineAgent
from fastapi_chatkit.agents.tool_log import ToolRecord, records_in
from fastapi_chatkit.agents.tool_result import FailureReason, ToolFailure
from fastapi_chatkit.agents.widgets import ShownWidget
from fastapi_chatkit.chatkit import ChatKit
from fastapi_chatkit.errors import ChatKitError, InvalidParams, InvalidRequest, NotEnabled, Overloaded
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import CONTROL_TYPES
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.operations import CustomAction, SyncCustomAction, decode
from fastapi_chatkit.rows import PageQuery, item_model
from fastapi_chatkit.runs.engine import RunEngine
from fastapi_chatkit.settings import Settings
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.threads import Threads

Json = dict[str, Any]
ALICE = RequestContext(user_id="alice", request_id="req-1")
BOB = RequestContext(user_id="bob", request_id="req-2")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Step(BaseModel):
    to: int


def counter(count: int) -> ShownWidget:
    """A button that counts by one, until three."""
    action = {"type": "count", "payload": {"to": count + 1}}
    node = {"type": "Button", "id": "add", "label": "Add", "onClickAction": action, "disabled": count >= 3}
    text = {"type": "Text", "id": "count", "value": str(count)}
    root = DynamicWidgetRoot.model_validate({"type": "Card", "id": "counter", "children": [text, node]})
    return ShownWidget(root, str(count))


def shown_count(item: Json) -> int:
    return int(item["widget"]["children"][0]["value"])


class Counting:
    """Handlers, and what they were given."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, str | None]] = []
        self.outcome: ActionOutcome | None = None
        self.error: Exception | None = None
        self.wait = 0.0
        self.actions = Actions()

        @self.actions.on("count", Step)
        async def count(turn: Turn, step: Step) -> ActionOutcome:
            assert turn.sender is not None
            self.calls.append((step.to, turn.sender.copy_text))
            await asyncio.sleep(self.wait)
            if self.error is not None:
                raise self.error
            record = ToolRecord("count_to", {"to": step.to}, f"It is {step.to} now.")
            return self.outcome or ActionOutcome(
                widget=counter(step.to),
                text=f"It is {step.to}.",
                events=[turn.client_effect("counted", {"to": step.to})],
                history=[record],
            )


class Page:
    """Alice in front of a stored counter."""

    def __init__(self, store: SQLiteStore, counting: Counting) -> None:
        self.store = store
        self.counting = counting
        agent = FunctionAgent(OfflineAgent, counting.actions)
        agent.responder = self.respond
        agent.prepare()
        self.engine = RunEngine(store=store, log=MemoryEventLog(), agent=agent)
        self.threads = Threads(
            store=store, agent=agent, attachment_store=None, stop_runs=lambda context, thread_id: asyncio.sleep(0)
        )
        self.thread_id = ""
        self.item_id = ""

    async def respond(self, turn: Turn) -> AsyncIterator[Yielded]:
        yield counter(0).widget

    async def do(self, operation: Any) -> list[Json]:
        """The events of a streaming operation."""
        run = await self.engine.start(operation, ALICE)
        rows = [row async for batch in self.engine.read(run) for row in batch]
        self.engine.detach(run, dropped=False)
        self.thread_id = run.thread_id
        return [json.loads(row.data) for row in rows if row.type not in CONTROL_TYPES]

    async def begin(self) -> None:
        content = [{"type": "input_text", "text": "a counter, please"}]
        events = await self.do(decode("threads.create", {"input": {"content": content}}))
        [self.item_id] = [event["item"]["id"] for event in events if event.get("item", {}).get("type") == "widget"]

    def params(self, to: Any, **action: Any) -> Json:
        sent = {"type": "count", "payload": {"to": to}} | action
        return {"thread_id": self.thread_id, "item_id": self.item_id, "action": sent}

    async def press(self, to: Any, **action: Any) -> list[Json]:
        return await self.do(decode("threads.custom_action", self.params(to, **action)))

    async def press_at_once(self, to: Any, context: RequestContext = ALICE, **action: Any) -> Json:
        operation = decode("threads.sync_custom_action", self.params(to, **action))
        return json.loads(await self.threads.answer(cast("SyncCustomAction", operation), context))

    async def items(self) -> list[Json]:
        page = await self.store.list_items(ALICE.owner, self.thread_id, PageQuery(100, "asc"), hidden=True)
        return [json.loads(row.data) for row in page.data]

    async def count(self) -> int:
        return shown_count(json.loads((await self.store.get_item(ALICE.owner, self.thread_id, self.item_id)).data))

    async def nothing_happened(self) -> bool:
        return await self.count() == 0 and [item["type"] for item in await self.items()] == ["user_message", "widget"]


@asynccontextmanager
async def opened() -> AsyncIterator[Page]:
    store = SQLiteStore(":memory:")
    await store.open()
    page = Page(store, Counting())
    page.engine.open()
    try:
        await page.begin()
        yield page
    finally:
        await page.engine.close()
        await store.close()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with opened() as made:
        yield made


# --- what is done -----------------------------------------------------------------------------------------------------


async def test_an_action_changes_the_widget_in_place_and_says_so(page: Page) -> None:
    events = await page.press(1)
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["stream_options", "thread.item.replaced"]
    assert kinds[-1] == "client_effect"
    assert events[1]["item"]["id"] == page.item_id
    assert (shown_count(events[1]["item"]), events[1]["item"]["copy_text"]) == (1, "1")
    assert events[-1]["data"] == {"to": 1}
    [said] = [event["item"] for event in events if event["type"] == "thread.item.done"]
    assert said["content"][0]["text"] == "It is 1."
    assert await page.count() == 1


async def test_what_was_done_is_kept_hidden(page: Page) -> None:
    events = await page.press(1)
    await page.press_at_once(2)
    assert "tool_calls" not in json.dumps(events)
    hidden = [item["content"] for item in await page.items() if item["type"] == "hidden_context_item"]
    records = [records_in(content) for content in hidden]
    assert [[(one.name, one.arguments, one.output) for one in some or []] for some in records] == [
        [("count_to", {"to": 1}, "It is 1 now.")],
        [("count_to", {"to": 2}, "It is 2 now.")],
    ]


async def test_a_synchronous_action_answers_with_the_stored_item(page: Page) -> None:
    reply = await page.press_at_once(1)
    assert reply["updated_item"]["id"] == page.item_id
    assert shown_count(reply["updated_item"]) == await page.count() == 1
    assert [item["type"] for item in await page.items()] == ["user_message", "widget", "hidden_context_item"]


async def test_without_a_widget_the_old_one_stays(page: Page) -> None:
    page.counting.outcome = ActionOutcome(text="Nothing to count.")
    events = await page.press(1)
    assert "thread.item.replaced" not in [event["type"] for event in events]
    assert await page.press_at_once(1) == {}
    assert await page.count() == 0


# --- what is refused --------------------------------------------------------------------------------------------------


async def test_a_used_button_is_no_longer_there(page: Page) -> None:
    await page.press(1)
    events = await page.press(1)
    assert events[-1] == {"type": "error", "code": "custom", "message": GONE, "allow_retry": False}
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once(1)
    assert page.counting.calls == [(1, None)]
    assert await page.count() == 1


@pytest.mark.parametrize("payload", [{"to": 2}, {"to": 1.0}, {"to": "1"}, {"to": 1, "by": 1}])
async def test_a_forged_payload_does_nothing(page: Page, payload: Json) -> None:
    events = await page.press(1, payload=payload)
    assert events[-1]["message"] == GONE
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once(1, payload=payload)
    assert page.counting.calls == []
    assert await page.nothing_happened()


async def test_a_disabled_button_does_nothing(page: Page) -> None:
    for to in (1, 2, 3):
        await page.press_at_once(to)
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once(4)


async def test_a_payload_that_the_model_does_not_take_names_its_fields(page: Page) -> None:
    for press in (page.press, page.press_at_once):
        with pytest.raises(InvalidParams) as caught:
            await press("a secret")
        assert [error.path for error in caught.value.errors] == ["params.action.payload.to"]
        assert "to: Input should be a valid integer" in caught.value.detail
        assert "secret" not in f"{caught.value.detail} {caught.value.errors}"
        with pytest.raises(InvalidParams, match="to: is missing"):
            await press(1, payload=None)
    assert await page.nothing_happened()


async def test_an_action_that_nobody_handles_is_refused(page: Page) -> None:
    with pytest.raises(NotEnabled):
        page.counting.actions.check(CustomAction.model_validate(page.params(1, type="other")))
    page.counting.actions.check(CustomAction.model_validate(page.params(1)))


async def test_an_action_without_a_widget_is_refused(page: Page) -> None:
    page.item_id = cast("str", None)
    for press in (page.press, page.press_at_once):
        with pytest.raises(InvalidParams) as caught:
            await press(1)
        assert [error.path for error in caught.value.errors] == ["params.item_id"]


async def test_another_users_widget_does_not_exist(page: Page) -> None:
    with pytest.raises(ChatKitError, match="not found"):
        await page.press_at_once(1, BOB)
    assert page.counting.calls == []


async def test_a_widget_that_was_removed_meanwhile_offers_nothing(page: Page) -> None:
    row = await page.store.get_item(ALICE.owner, page.thread_id, page.item_id)
    thread = await page.store.models.load_thread(page.thread_id, ALICE)
    action = Action[str, Any](type="count", payload={"to": 1})
    turn = Turn("", "action", thread, None, ALICE, page.store.models, action, cast("Any", item_model(row)))
    await page.store.remove_item(ALICE.owner, page.thread_id, page.item_id)
    with pytest.raises(InvalidRequest, match=GONE):
        await page.counting.actions.sync_act(turn)
    assert page.counting.calls == []


# --- what fails -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "error"),
    [("unavailable", Overloaded), ("timeout", Overloaded), ("forbidden", InvalidRequest), ("failed", InvalidRequest)],
)
async def test_a_tools_failure_is_told_and_the_widget_stays(
    page: Page, reason: FailureReason, error: type[ChatKitError]
) -> None:
    page.counting.error = ToolFailure(reason, "The counter cannot be reached.")
    events = await page.press(1)
    told = {"type": "error", "code": "custom", "message": "The counter cannot be reached.", "allow_retry": False}
    assert events[-1] == told
    with pytest.raises(error, match=r"The counter cannot be reached\."):
        await page.press_at_once(1)
    assert await page.nothing_happened()


async def test_what_a_tool_refused_is_told(page: Page) -> None:
    page.counting.outcome = ActionOutcome(text="It was counted already.", failed=True)
    events = await page.press(1)
    assert "It was counted already." in json.dumps(events)
    with pytest.raises(InvalidRequest, match=r"It was counted already\."):
        await page.press_at_once(1)


# --- at once ----------------------------------------------------------------------------------------------------------


async def test_of_two_presses_at_once_the_second_sees_what_the_first_did(page: Page) -> None:
    page.counting.wait = 0.02
    results = await asyncio.gather(page.press_at_once(1), page.press_at_once(1), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["InvalidRequest", "dict"]
    assert page.counting.calls == [(1, None)]
    assert await page.count() == 1


async def test_a_stream_and_a_press_without_one_do_not_overtake_each_other(page: Page) -> None:
    page.counting.wait = 0.02
    streamed, at_once = await asyncio.gather(page.press(1), page.press_at_once(1), return_exceptions=True)
    refused = isinstance(at_once, InvalidRequest) + (not isinstance(streamed, BaseException) and GONE in str(streamed))
    assert refused == 1
    assert len(page.counting.calls) == 1
    assert await page.count() == 1


async def test_other_items_are_not_waited_for_and_no_lock_is_left(page: Page) -> None:
    locks = page.counting.actions._locks
    async with locks.hold("thr_1", "msg_1"):
        async with locks.hold("thr_1", "msg_2"):
            assert len(locks) == 2
        async with asyncio.timeout(1):
            await page.press_at_once(1)
    gc.collect()
    assert len(locks) == 0


# --- registration -----------------------------------------------------------------------------------------------------


async def another(turn: Turn, step: Step) -> ActionOutcome:
    raise NotImplementedError


def test_a_type_has_one_handler() -> None:
    with pytest.raises(ValueError, match="count has a handler"):
        Counting().actions.on("count", Step)(cast("Any", another))


def test_a_handler_is_a_coroutine_function() -> None:
    def handler(turn: Turn, step: Step) -> ActionOutcome:
        raise NotImplementedError

    with pytest.raises(TypeError, match="async def"):
        Actions().on("count", Step)(cast("Any", handler))


async def test_actions_go_before_the_functions_and_the_agent() -> None:
    chat = ChatKit(FastAPI(), settings=Settings.load(database_url="sqlite:///:memory:"), actions=Counting().actions)
    assert chat.actions.handles("count")
    seen: list[str] = []

    @chat.action
    async def other(turn: Turn) -> AsyncIterator[Yielded]:
        seen.append(turn.action.type if turn.action else "")
        yield "done"

    agent = chat._agent
    thread = sdk.ThreadMetadata(id="thr_1", created_at=cast("Any", "2026-01-01T00:00:00"))
    turn = Turn("run_1", "action", thread, None, ALICE, cast("Any", None), action=cast("Any", None))
    assert len([event async for event in agent.act(turn)]) == 3
    assert seen == [""]
    agent.check(CustomAction.model_validate({"thread_id": "thr_1", "action": {"type": "other"}}))
    with pytest.raises(InvalidParams):
        agent.check(CustomAction.model_validate({"thread_id": "thr_1", "action": {"type": "count"}}))
