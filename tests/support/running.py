"""Runs without HTTP: an engine, a store in memory and an agent made of one function."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from chatkit import types as sdk

from fastapi_chatkit.agents.base import Agent, Turn
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import AgentEvent, LoggedEvent
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.operations import AddUserMessage, CreateThread, StreamingOperation, TextPart, UserInput
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.engine import RunEngine
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.base import Store
from fastapi_chatkit.store.sqlite import SQLiteStore

ALICE = RequestContext(user_id="alice", request_id="req_1")

Respond = Callable[[Turn], AsyncIterator[AgentEvent]]


class Scripted(Agent):
    """Answers with ``reply``, which a test sets."""

    def __init__(self) -> None:
        self.reply: Respond | None = None
        self.closed = 0
        self.options: Callable[[Turn], sdk.StreamOptions] = lambda turn: sdk.StreamOptions(allow_cancel=True)
        self.on_stop: Callable[[list[sdk.ThreadItem]], bool] = lambda pending: False

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        assert self.reply is not None
        return self.reply(turn)

    def stream_options(self, turn: Turn) -> sdk.StreamOptions:
        return self.options(turn)

    async def stopped(self, turn: Turn, pending: list[sdk.ThreadItem]) -> bool:
        return self.on_stop(pending)

    async def close(self) -> None:
        self.closed += 1


class Bench:
    """An engine, and what is seen of it from outside."""

    def __init__(self, store: Store, log: MemoryEventLog | None = None, **options: Any) -> None:
        self.store = store
        self.agent = Scripted()
        self.log = log or MemoryEventLog()
        self.engine = RunEngine(store=store, log=self.log, agent=self.agent, **options)
        self.last: LiveRun | None = None

    async def start(
        self, reply: Respond, thread_id: str | None = None, text: str = "hello", *, resumable: bool = False
    ) -> LiveRun:
        """Start a run that answers with ``reply``."""
        self.agent.reply = reply
        return await self.engine.start(operation(text, thread_id), ALICE, resumable=resumable)

    async def say(self, reply: Respond, thread_id: str | None = None, text: str = "hello") -> list[dict[str, Any]]:
        """A whole run; its events without those of the opening and about the run itself."""
        run = self.last = await self.start(reply, thread_id, text)
        events = [as_json(event) for event in await read(self.engine, run)]
        opening = next(index for index, event in enumerate(events) if event["type"] == "stream_options")
        return [event for event in events[opening + 1 :] if event["type"] != "run.ended"]

    @property
    def thread_id(self) -> str:
        """The last run's thread."""
        assert self.last is not None
        return self.last.thread_id

    async def items(self, thread_id: str | None = None) -> list[dict[str, Any]]:
        """All items of the thread after the first message, hidden ones included."""
        page = await self.store.list_items(
            ALICE.owner, thread_id or self.thread_id, PageQuery(1000, "asc"), hidden=True
        )
        return [json.loads(row.data) for row in page.data][1:]

    async def thread_ids(self) -> list[str]:
        """The ids of all threads."""
        return [row.id for row in (await self.store.list_threads(ALICE.owner, PageQuery())).data]

    async def status(self, run: LiveRun | None = None) -> tuple[str, str | None]:
        """How a run is stored as having ended."""
        found = run or self.last
        assert found is not None
        row = await self.store.get_run(ALICE.owner, found.id)
        return row.status, row.stop_reason


def operation(text: str = "hello", thread_id: str | None = None) -> StreamingOperation:
    """A user's message."""
    content = UserInput(content=[TextPart(type="input_text", text=text)], attachments=[])
    return CreateThread(input=content) if thread_id is None else AddUserMessage(thread_id=thread_id, input=content)


async def read(engine: RunEngine, run: LiveRun, **options: Any) -> list[LoggedEvent]:
    """Every event of a run, to its end, which must come."""
    reader = engine.read(run, **options)
    async with asyncio.timeout(5):
        events = [event async for batch in reader for event in batch]
    engine.detach(run, dropped=False)
    return events


def as_json(event: LoggedEvent) -> dict[str, Any]:
    """The event."""
    data = json.loads(event.data)
    assert data["type"] == event.type
    return data


@asynccontextmanager
async def bench(**options: Any) -> AsyncIterator[Bench]:
    """An engine on a store in memory."""
    store = SQLiteStore(":memory:")
    await store.initialize_schema()
    made = Bench(store, **{"coalesce_seconds": 0.02, **options})
    try:
        yield made
    finally:
        await made.engine.close()
        await store.close()
