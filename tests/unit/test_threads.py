"""Synchronous actions of any agent: what they answer is stored, and one sees what the one before has stored."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

from chatkit import types as sdk
from chatkit.widgets import DynamicWidgetRoot

from fastapi_chatkit.agents.base import Agent, Turn
from fastapi_chatkit.agents.widgets import changed_item, new_item
from fastapi_chatkit.events import AgentEvent
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.item_locks import item_locks
from fastapi_chatkit.operations import SyncCustomAction, decode
from fastapi_chatkit.rows import model_row, thread_row
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.threads import Threads

ALICE = RequestContext(user_id="alice", request_id="req_1")
BOB = RequestContext(user_id="bob", request_id="req_2")


def counter(count: int) -> DynamicWidgetRoot:
    return DynamicWidgetRoot.model_validate({"type": "Card", "id": str(count), "children": []})


class Counter(Agent):
    """Counts by one, slowly, from what the widget shows."""

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        raise NotImplementedError

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        assert turn.sender is not None
        count = int(cast("Any", turn.sender.widget).id)
        await asyncio.sleep(0.01)
        return sdk.SyncCustomActionResponse(updated_item=changed_item(turn.sender, counter(count + 1)))


async def test_two_actions_at_once_both_count_and_strangers_hold_nothing_up() -> None:
    store = SQLiteStore(":memory:")
    await store.open()
    thread = sdk.ThreadMetadata(id="thr_1", created_at=cast("Any", "2026-01-01T00:00:00"))
    await store.put_thread(ALICE.owner, thread_row(thread))
    item = new_item(Turn("run_1", "action", thread, None, ALICE, store.models), counter(0))
    await store.put_item(ALICE.owner, thread.id, model_row(item))
    threads = Threads(
        store=store, agent=Counter(), attachment_store=None, stop_runs=lambda context, thread_id: asyncio.sleep(0)
    )
    params = {"thread_id": thread.id, "item_id": item.id, "action": {"type": "count"}}
    press = cast("SyncCustomAction", decode("threads.sync_custom_action", params))
    replies = await asyncio.gather(*(threads.answer(press, ALICE) for _ in range(3)))
    assert [json.loads(reply)["updated_item"]["widget"]["id"] for reply in replies] == ["1", "2", "3"]
    assert json.loads((await store.get_item(ALICE.owner, thread.id, item.id)).data)["widget"]["id"] == "3"
    async with item_locks().hold(thread.id, item.id), asyncio.timeout(1):
        [refused] = await asyncio.gather(threads.answer(press, BOB), return_exceptions=True)
    assert "not found" in str(refused)
    await store.close()
