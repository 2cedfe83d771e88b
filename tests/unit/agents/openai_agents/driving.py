"""A conversation with an agent through the run engine, without HTTP of ours: what it says, as a client would see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from chatkit import types as sdk
from pydantic import SecretStr, TypeAdapter

from fastapi_chatkit.agents.base import Agent
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import CONTROL_TYPES
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.operations import (
    AddClientToolOutput,
    AddStructuredInput,
    AddUserMessage,
    AnswerInput,
    CreateThread,
    RetryAfterItem,
    StreamingOperation,
    Submission,
    UserInput,
)
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.engine import RunEngine
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.sqlite import SQLiteStore

_EVENT: TypeAdapter[sdk.ThreadStreamEvent] = TypeAdapter(sdk.ThreadStreamEvent)

CONTEXT = RequestContext(user_id="alice", request_id="request-1", access_token=SecretStr("token-of-alice"))


class Said:
    """One answer: its events as JSON, checked by the SDK's own parser."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events = [event for event in events if event["type"] not in CONTROL_TYPES]
        for event in self.events:
            _EVENT.validate_python(event)
        self.end = events[-1]
        self.thread_id: str = events[0]["thread_id"]

    @property
    def types(self) -> list[str]:
        """The types of the events, updates by the type of their update."""
        return [event.get("update", event)["type"] for event in self.events]

    @property
    def answer_types(self) -> list[str]:
        """The same, from where the agent's own events begin, with the deltas in a row as one."""
        types = self.types[self.types.index("stream_options") + 1 :]
        return [kind for index, kind in enumerate(types) if index == 0 or kind != types[index - 1]]

    def items(self, kind: str) -> list[dict[str, Any]]:
        """The items of a type that were done, in order."""
        done = [event["item"] for event in self.events if event["type"] == "thread.item.done"]
        return [item for item in done if item["type"] == kind]

    @property
    def texts(self) -> list[str]:
        """The texts of the assistant's messages as they were done."""
        return ["".join(part["text"] for part in item["content"]) for item in self.items("assistant_message")]

    @property
    def streamed(self) -> str:
        """All deltas."""
        updates = [event["update"] for event in self.events if event["type"] == "thread.item.updated"]
        return "".join(update["delta"] for update in updates if update["type"].endswith(".text_delta"))

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The tasks of the newest workflow that was done."""
        return self.items("workflow")[-1]["workflow"]["tasks"]

    @property
    def error(self) -> dict[str, Any] | None:
        """The error event."""
        return next((event for event in self.events if event["type"] == "error"), None)


class Chat:
    """One user's conversation in one thread; each call is a request that is answered."""

    def __init__(self, engine: RunEngine, store: SQLiteStore) -> None:
        self.engine = engine
        self.store = store
        self.thread_id: str | None = None

    async def start(self, operation: StreamingOperation) -> LiveRun:
        """Start a run and leave it to itself."""
        run = await self.engine.start(operation, CONTEXT)
        self.thread_id = run.thread_id
        return run

    def message(self, text: str, **more: Any) -> StreamingOperation:
        """A message; ``more`` goes into the input."""
        content = more.pop("content", [{"type": "input_text", "text": text}])
        user_input = UserInput.model_validate({"content": content, **more})
        if self.thread_id is None:
            return CreateThread(input=user_input)
        return AddUserMessage(thread_id=self.thread_id, input=user_input)

    async def ask(self, operation: StreamingOperation) -> Said:
        """Start a run and follow it to its end."""
        run = await self.start(operation)
        events: list[dict[str, Any]] = []
        async for batch in self.engine.read(run):
            events += [orjson.loads(event.data) for event in batch]
        self.engine.detach(run, dropped=False)
        return Said(events)

    async def say(self, text: str, **more: Any) -> Said:
        """Send a message."""
        return await self.ask(self.message(text, **more))

    async def give(self, result: object) -> Said:
        """Give the output of a client tool."""
        assert self.thread_id is not None
        return await self.ask(AddClientToolOutput(thread_id=self.thread_id, result=result))

    async def answer(self, item_id: str, **answers: str) -> Said:
        """Answer the questions of a structured input."""
        assert self.thread_id is not None
        submission = Submission(answers={name: AnswerInput(values=[value]) for name, value in answers.items()})
        return await self.ask(AddStructuredInput(thread_id=self.thread_id, item_id=item_id, input=submission))

    async def retry(self, item_id: str) -> Said:
        """Ask for another answer."""
        assert self.thread_id is not None
        return await self.ask(RetryAfterItem(thread_id=self.thread_id, item_id=item_id))

    async def stored(self) -> list[dict[str, Any]]:
        """All items of the thread, hidden ones included, oldest first."""
        assert self.thread_id is not None
        page = await self.store.list_items(CONTEXT.owner, self.thread_id, PageQuery(1000, "asc"), hidden=True)
        return [orjson.loads(row.data) for row in page.data]


@asynccontextmanager
async def conversation(agent: Agent) -> AsyncIterator[Chat]:
    """A new conversation with the agent, in a store of its own."""
    store = SQLiteStore(":memory:")
    await store.initialize_schema()
    engine = RunEngine(store=store, log=MemoryEventLog(), agent=agent, coalesce_seconds=0)
    try:
        yield Chat(engine, store)
    finally:
        await engine.close()
        await store.close()
