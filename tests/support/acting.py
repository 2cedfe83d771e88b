"""A user in front of one stored widget: what using it does, through the engine or the queries, in a real store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi_chatkit.agents.actions import Actions
from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.function import FunctionAgent, Yielded
from fastapi_chatkit.agents.offline import OfflineAgent
from fastapi_chatkit.agents.tool_log import ToolRecord, records_in
from fastapi_chatkit.agents.widgets import ShownWidget
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import CONTROL_TYPES
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.operations import SyncCustomAction, decode
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.engine import RunEngine
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.threads import Threads

Json = dict[str, Any]
ALICE = RequestContext(user_id="alice", request_id="req-1")


class Page:
    """Alice's page; ``item_id`` is the widget's."""

    def __init__(self, store: SQLiteStore, actions: Actions) -> None:
        self.store = store
        agent = FunctionAgent(OfflineAgent, actions)
        agent.responder = self._respond
        agent.prepare()
        self.engine = RunEngine(store=store, log=MemoryEventLog(), agent=agent)
        self.threads = Threads(
            store=store, agent=agent, attachment_store=None, stop_runs=lambda context, thread_id: asyncio.sleep(0)
        )
        self.thread_id = ""
        self.item_id: str | None = None
        self._shown: ShownWidget | None = None

    async def _respond(self, turn: Turn) -> AsyncIterator[Yielded]:
        assert self._shown is not None
        yield self._shown.widget

    async def do(self, operation: Any) -> list[Json]:
        """The events of a streaming operation."""
        run = await self.engine.start(operation, ALICE)
        rows = [row async for batch in self.engine.read(run) for row in batch]
        self.engine.detach(run, dropped=False)
        self.thread_id = run.thread_id
        return [json.loads(row.data) for row in rows if row.type not in CONTROL_TYPES]

    async def show(self, widget: ShownWidget) -> None:
        """Begin a thread with the widget."""
        self._shown = widget
        events = await self.do(decode("threads.create", {"input": {"content": [{"type": "input_text", "text": "hi"}]}}))
        [self.item_id] = [event["item"]["id"] for event in events if event.get("item", {}).get("type") == "widget"]

    def _params(self, action_type: str, payload: Any) -> Json:
        return {
            "thread_id": self.thread_id,
            "item_id": self.item_id,
            "action": {"type": action_type, "payload": payload},
        }

    async def press(self, action_type: str, payload: Any) -> list[Json]:
        """The events of an action."""
        return await self.do(decode("threads.custom_action", self._params(action_type, payload)))

    async def press_at_once(self, action_type: str, payload: Any, context: RequestContext = ALICE) -> Json:
        """The reply to an action without a stream."""
        operation = decode("threads.sync_custom_action", self._params(action_type, payload))
        return json.loads(await self.threads.answer(cast("SyncCustomAction", operation), context))

    async def items(self) -> list[Json]:
        """All that is stored, hidden items too."""
        page = await self.store.list_items(ALICE.owner, self.thread_id, PageQuery(100, "asc"), hidden=True)
        return [json.loads(row.data) for row in page.data]

    async def widget(self) -> Json:
        """The widget as it is stored."""
        assert self.item_id is not None
        return json.loads((await self.store.get_item(ALICE.owner, self.thread_id, self.item_id)).data)["widget"]

    async def records(self) -> list[ToolRecord]:
        """What the next turn is told."""
        hidden = [item["content"] for item in await self.items() if item["type"] == "hidden_context_item"]
        return [record for content in hidden for record in records_in(content) or ()]


@asynccontextmanager
async def opened_page(actions: Actions) -> AsyncIterator[Page]:
    """A page over a store of its own."""
    store = SQLiteStore(":memory:")
    await store.open()
    page = Page(store, actions)
    page.engine.open()
    try:
        yield page
    finally:
        await page.engine.close()
        await store.close()


def said(events: list[Json]) -> list[str]:
    """The texts of the messages in a stream."""
    items = [event["item"] for event in events if event["type"] == "thread.item.done"]
    return [item["content"][0]["text"] for item in items if item["type"] == "assistant_message"]
