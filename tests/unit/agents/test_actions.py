"""Typed actions on the real path: through the engine or the queries, into the store."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from chatkit import types as sdk
from chatkit.actions import Action
from chatkit.errors import CustomStreamError
from chatkit.widgets import DynamicWidgetRoot
from fastapi import FastAPI
from pydantic import BaseModel

from fastapi_chatkit.agents.actions import GONE, ActionOutcome, Actions
from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.function import Yielded
from fastapi_chatkit.agents.tool_log import UNKNOWN, ToolRecord
from fastapi_chatkit.agents.tool_result import FailureReason, ToolFailure
from fastapi_chatkit.agents.widgets import ShownWidget
from fastapi_chatkit.chatkit import ChatKit
from fastapi_chatkit.errors import ChatKitError, InvalidParams, InvalidRequest, NotEnabled, Overloaded
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.item_locks import item_locks
from fastapi_chatkit.operations import CustomAction
from fastapi_chatkit.rows import item_model
from fastapi_chatkit.settings import Settings
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.acting import ALICE, Page, opened_page, said

Json = dict[str, Any]
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
        self.removes_thread: SQLiteStore | None = None
        self.wait = 0.0
        self.actions = Actions()

        @self.actions.on("count", Step)
        async def count(turn: Turn, step: Step) -> ActionOutcome:
            assert turn.sender is not None
            self.calls.append((step.to, turn.sender.copy_text))
            await asyncio.sleep(self.wait)
            if self.removes_thread is not None:
                await self.removes_thread.remove_thread(ALICE.owner, turn.thread.id)
            if self.error is not None:
                raise self.error
            record = ToolRecord("count_to", {"to": step.to}, f"It is {step.to} now.")
            return self.outcome or ActionOutcome(
                widget=counter(step.to),
                text=f"It is {step.to}.",
                events=[turn.client_effect("counted", {"to": step.to})],
                history=[record],
            )


class CountingPage:
    """Alice in front of a stored counter."""

    def __init__(self, page: Page, counting: Counting) -> None:
        self.page = page
        self.counting = counting

    async def press(self, to: Any, **action: Any) -> list[Json]:
        sent = {"action_type": "count", "payload": {"to": to}} | action
        return await self.page.press(**sent)

    async def press_at_once(self, to: Any, context: RequestContext = ALICE, **action: Any) -> Json:
        sent = {"action_type": "count", "payload": {"to": to}} | action
        return await self.page.press_at_once(**sent, context=context)

    async def count(self) -> int:
        return shown_count({"widget": await self.page.widget()})

    async def kinds(self) -> list[str]:
        return [item["type"] for item in await self.page.items()]

    async def nothing_happened(self) -> bool:
        return await self.count() == 0 and await self.kinds() == ["user_message", "widget"]


@pytest.fixture
async def page() -> AsyncIterator[CountingPage]:
    counting = Counting()
    async with opened_page(counting.actions) as made:
        await made.show(counter(0))
        yield CountingPage(made, counting)


# --- what is done -----------------------------------------------------------------------------------------------------


async def test_an_action_changes_the_widget_in_place_and_says_so(page: CountingPage) -> None:
    events = await page.press(1)
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["stream_options", "thread.item.replaced"]
    assert kinds[-1] == "client_effect"
    assert events[1]["item"]["id"] == page.page.item_id
    assert (shown_count(events[1]["item"]), events[1]["item"]["copy_text"]) == (1, "1")
    assert events[-1]["data"] == {"to": 1}
    assert said(events) == ["It is 1."]
    assert await page.count() == 1


async def test_what_was_done_is_kept_hidden(page: CountingPage) -> None:
    events = await page.press(1)
    await page.press_at_once(2)
    assert "tool_calls" not in json.dumps(events)
    assert [(one.name, one.arguments, one.output) for one in await page.page.records()] == [
        ("count_to", {"to": 1}, "It is 1 now."),
        ("count_to", {"to": 2}, "It is 2 now."),
    ]


async def test_a_synchronous_action_answers_with_the_stored_item(page: CountingPage) -> None:
    reply = await page.press_at_once(1)
    assert reply["updated_item"]["id"] == page.page.item_id
    assert shown_count(reply["updated_item"]) == await page.count() == 1
    assert await page.kinds() == ["user_message", "widget", "hidden_context_item"]


async def test_without_a_widget_the_old_one_stays(page: CountingPage) -> None:
    page.counting.outcome = ActionOutcome(text="Nothing to count.")
    events = await page.press(1)
    assert "thread.item.replaced" not in [event["type"] for event in events]
    assert await page.press_at_once(1) == {}
    assert await page.count() == 0


# --- what is refused --------------------------------------------------------------------------------------------------


async def test_a_used_button_is_no_longer_there(page: CountingPage) -> None:
    await page.press(1)
    events = await page.press(1)
    assert events[-1] == {"type": "error", "code": "custom", "message": GONE, "allow_retry": False}
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once(1)
    assert page.counting.calls == [(1, None)]
    assert await page.count() == 1


@pytest.mark.parametrize("payload", [{"to": 2}, {"to": 1.0}, {"to": "1"}, {"to": 1, "by": 1}])
async def test_a_forged_payload_does_nothing(page: CountingPage, payload: Json) -> None:
    events = await page.press(1, payload=payload)
    assert events[-1]["message"] == GONE
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once(1, payload=payload)
    assert page.counting.calls == []
    assert await page.nothing_happened()


async def test_a_disabled_button_does_nothing(page: CountingPage) -> None:
    for to in (1, 2, 3):
        await page.press_at_once(to)
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once(4)


async def test_a_payload_that_the_model_does_not_take_names_its_fields(page: CountingPage) -> None:
    for press in (page.press, page.press_at_once):
        with pytest.raises(InvalidParams) as caught:
            await press("a secret")
        assert [error.path for error in caught.value.errors] == ["params.action.payload.to"]
        assert "to: Input should be a valid integer" in caught.value.detail
        assert "secret" not in f"{caught.value.detail} {caught.value.errors}"
        with pytest.raises(InvalidParams, match="to: is missing"):
            await press(1, payload=None)
    assert await page.nothing_happened()


async def test_an_action_that_nobody_handles_is_refused(page: CountingPage) -> None:
    operation = {"thread_id": "thr_1", "item_id": "msg_1", "action": {"type": "other", "payload": {"to": 1}}}
    with pytest.raises(NotEnabled):
        page.counting.actions.check(CustomAction.model_validate(operation))
    page.counting.actions.check(
        CustomAction.model_validate({**operation, "action": {**operation["action"], "type": "count"}})
    )


async def test_an_action_without_a_widget_is_refused(page: CountingPage) -> None:
    page.page.item_id = None
    for press in (page.press, page.press_at_once):
        with pytest.raises(InvalidParams) as caught:
            await press(1)
        assert [error.path for error in caught.value.errors] == ["params.item_id"]


async def test_another_users_widget_does_not_exist(page: CountingPage) -> None:
    with pytest.raises(ChatKitError, match="not found"):
        await page.press_at_once(1, BOB)
    assert page.counting.calls == []


async def test_a_widget_that_was_removed_meanwhile_offers_nothing(page: CountingPage) -> None:
    assert page.page.item_id is not None
    row = await page.page.store.get_item(ALICE.owner, page.page.thread_id, page.page.item_id)
    thread = await page.page.store.models.load_thread(page.page.thread_id, ALICE)
    action = Action[str, Any](type="count", payload={"to": 1})
    turn = Turn("", "action", thread, None, ALICE, page.page.store.models, action, cast("Any", item_model(row)))
    await page.page.store.remove_item(ALICE.owner, page.page.thread_id, page.page.item_id)
    with pytest.raises(InvalidRequest, match=GONE):
        await page.counting.actions.sync_act(turn)
    assert page.counting.calls == []


# --- what fails -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "error"),
    [("unavailable", Overloaded), ("timeout", Overloaded), ("forbidden", InvalidRequest), ("failed", InvalidRequest)],
)
async def test_a_tools_failure_is_told_and_the_widget_stays(
    page: CountingPage, reason: FailureReason, error: type[ChatKitError]
) -> None:
    page.counting.error = ToolFailure(reason, "The counter cannot be reached.")
    events = await page.press(1)
    told = {"type": "error", "code": "custom", "message": "The counter cannot be reached.", "allow_retry": False}
    assert events[-1] == told
    with pytest.raises(error, match=r"The counter cannot be reached\."):
        await page.press_at_once(1)
    assert await page.nothing_happened()


async def test_what_a_tool_refused_is_told(page: CountingPage) -> None:
    page.counting.outcome = ActionOutcome(text="It was counted already.", failed=True)
    events = await page.press(1)
    assert "It was counted already." in json.dumps(events)
    with pytest.raises(InvalidRequest, match=r"It was counted already\."):
        await page.press_at_once(1)


async def unknown(page: CountingPage) -> list[tuple[str, Json]]:
    return [(one.name, one.arguments) for one in await page.page.records() if one.output == UNKNOWN]


async def test_a_stop_on_the_way_leaves_word_that_it_may_have_been_done(page: CountingPage) -> None:
    page.counting.wait = 600
    pressing = asyncio.create_task(page.press(1))
    while not page.counting.calls:
        await asyncio.sleep(0)
    await page.page.engine.stop_thread(ALICE, page.page.thread_id, "cancelled")
    await pressing
    assert await unknown(page) == [("count", {"to": 1})]
    assert await page.count() == 0


async def test_a_press_at_once_that_is_cancelled_leaves_the_same_word(page: CountingPage) -> None:
    page.counting.wait = 600
    pressing = asyncio.create_task(page.press_at_once(1))
    while not page.counting.calls:
        await asyncio.sleep(0)
    pressing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pressing
    assert await unknown(page) == [("count", {"to": 1})]


async def test_so_does_an_unexpected_error_and_not_one_that_says_what_happened(page: CountingPage) -> None:
    page.counting.error = ZeroDivisionError()
    await page.press(1)
    with pytest.raises(ZeroDivisionError):
        await page.press_at_once(1)
    assert await unknown(page) == [("count", {"to": 1})] * 2
    for error in (CustomStreamError("Not today."), InvalidRequest("Not today."), ToolFailure("failed", "Not today.")):
        page.counting.error = error
        await page.press(1)
    await page.press(1, payload={"to": 7})  # refused before the handler
    assert len(await unknown(page)) == 2


async def test_what_cannot_be_kept_does_not_hide_the_error(page: CountingPage, caplog: Any) -> None:
    page.counting.error = ZeroDivisionError()
    page.counting.removes_thread = page.page.store
    with pytest.raises(ZeroDivisionError):
        await page.press_at_once(1)
    assert "a call that was broken off is not remembered" in caplog.text


# --- at once ----------------------------------------------------------------------------------------------------------


async def test_of_two_presses_at_once_the_second_sees_what_the_first_did(page: CountingPage) -> None:
    page.counting.wait = 0.02
    results = await asyncio.gather(page.press_at_once(1), page.press_at_once(1), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["InvalidRequest", "dict"]
    assert page.counting.calls == [(1, None)]
    assert await page.count() == 1


async def test_a_stream_and_a_press_without_one_do_not_overtake_each_other(page: CountingPage) -> None:
    page.counting.wait = 0.02
    streamed, at_once = await asyncio.gather(page.press(1), page.press_at_once(1), return_exceptions=True)
    refused = isinstance(at_once, InvalidRequest) + (not isinstance(streamed, BaseException) and GONE in str(streamed))
    assert refused == 1
    assert len(page.counting.calls) == 1
    assert await page.count() == 1


async def test_other_items_are_not_waited_for_and_no_lock_is_left(page: CountingPage) -> None:
    locks = item_locks()
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
