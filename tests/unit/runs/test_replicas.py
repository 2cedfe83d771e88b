"""Two engines on one database and one Redis: what either does with the other's runs, by what it is told and not by what
it would find out by looking.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.eventlog.redis.log import RedisEventLog
from fastapi_chatkit.events import AgentEvent, LoggedEvent, MessageBegin, MessageEnd, Offset, TextDelta
from fastapi_chatkit.operations import CancelRun
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs import following, line, upkeep
from fastapi_chatkit.runs.access import RunAccess
from fastapi_chatkit.runs.engine import RunEngine
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.redis import RedisServer
from tests.support.running import ALICE, Scripted, operation

RARELY = 3600.0


@pytest.fixture(autouse=True)
def looks_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by itself: what happens soon was told."""
    monkeypatch.setattr(upkeep, "LISTEN_SECONDS", RARELY)
    monkeypatch.setattr(line, "LOOK_SECONDS", RARELY)


class Replica:
    """An engine, with its own connections to everything."""

    def __init__(self, path: Path, redis_url: str, on_busy: Any) -> None:
        self.store = SQLiteStore(path)
        self.log = RedisEventLog(redis_url)
        self.agent = Scripted()
        self.engine = RunEngine(store=self.store, log=self.log, agent=self.agent, on_busy=on_busy)
        self.runs = RunAccess(store=self.store, log=self.log, engine=self.engine, heartbeat_seconds=RARELY)

    async def say(self, text: str, thread_id: str | None = None) -> LiveRun:
        return await self.engine.start(operation(text, thread_id), ALICE, resumable=True)

    async def attach(self, run: LiveRun, after: Offset | None = None) -> list[LoggedEvent]:
        """All events to the end."""
        row = await self.runs.find(ALICE.owner, run.thread_id, run.id)
        reader, leave = await self.runs.attach(ALICE.owner, row, after)
        events = [event async for batch in reader for event in batch]
        leave(False)
        return events

    async def read(self, run: LiveRun) -> list[LoggedEvent]:
        """The run's own stream."""
        return [event async for batch in self.engine.read(run) for event in batch]


@asynccontextmanager
async def replica(path: Path, server: RedisServer, on_busy: str = "enqueue") -> AsyncIterator[Replica]:
    made = Replica(path, server.url, on_busy)
    await made.store.open()
    await made.log.start()
    made.engine.open()
    try:
        yield made
    finally:
        await made.engine.close()
        await made.log.close()
        await made.store.close()


@pytest.fixture
async def two(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[tuple[Replica, Replica]]:
    async with replica(tmp_path / "chat.db", redis_server) as a, replica(tmp_path / "chat.db", redis_server) as b:
        yield a, b


def types(events: list[LoggedEvent]) -> list[str]:
    return [event.type for event in events]


def end_of(events: list[LoggedEvent]) -> tuple[str, str | None]:
    data = json.loads(events[-1].data)
    assert data["type"] == "run.ended"
    return data["status"], data["stop_reason"]


async def talk(turn: Turn) -> AsyncIterator[AgentEvent]:
    item_id = turn.new_id()
    yield MessageBegin(item_id)
    for number in range(30):
        yield TextDelta(item_id, 0, f"word{number} ")
        await asyncio.sleep(0.02)
    yield MessageEnd(item_id)


async def talk_for_ever(turn: Turn) -> AsyncIterator[AgentEvent]:
    yield MessageBegin("msg_a")
    while True:
        yield TextDelta("msg_a", 0, "word ")
        await asyncio.sleep(0.02)


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(8):
        return await awaitable


async def test_a_run_is_read_in_the_same_bytes_wherever_it_is_read(two: tuple[Replica, Replica]) -> None:
    a, b = two
    a.agent.reply = talk
    run = await a.say("hello")
    early = asyncio.create_task(b.attach(run))
    await asyncio.sleep(0.2)
    late, own = asyncio.create_task(b.attach(run)), asyncio.create_task(a.read(run))
    everything = await soon(own)
    assert end_of(everything) == ("completed", None)
    assert await soon(early) == await soon(late) == everything
    assert await soon(b.attach(run, everything[7].offset)) == everything[8:]
    assert await soon(b.attach(run)) == everything, "also when it is over"
    row = await b.runs.find(ALICE.owner, run.thread_id, run.id)
    for replica in two:
        assert await replica.runs.has_seen_all(row, everything[-1].offset)
        assert not await replica.runs.has_seen_all(row, everything[-2].offset)


async def test_a_run_is_stopped_from_another_process_at_once(two: tuple[Replica, Replica]) -> None:
    a, b = two
    a.agent.reply = talk_for_ever
    run = await a.say("hello")
    following_it = asyncio.create_task(b.attach(run))
    await asyncio.sleep(0.3)
    await b.runs.answer(CancelRun(thread_id=run.thread_id, run_id=run.id), ALICE)
    assert end_of(await soon(following_it)) == ("cancelled", "cancelled")
    page = await b.store.list_items(ALICE.owner, run.thread_id, PageQuery(10, "asc"))
    assert "word word" in page.data[-1].data


async def test_a_message_that_waits_in_another_process_is_answered_when_its_turn_comes(
    two: tuple[Replica, Replica],
) -> None:
    a, b = two
    a.agent.reply, b.agent.reply = talk_for_ever, talk
    first = await a.say("one")
    second = await b.say("two", first.thread_id)
    third = await a.say("three", first.thread_id)
    assert (second.status, third.status) == ("queued", "queued")
    streams = [asyncio.create_task(replica.attach(run)) for replica, run in ((a, second), (b, third))]
    await asyncio.sleep(0.2)
    a.agent.reply = talk
    a.engine.stop(first, "cancelled")
    assert [end_of(await soon(stream)) for stream in streams] == [("completed", None)] * 2
    page = await a.store.list_items(ALICE.owner, first.thread_id, PageQuery(20, "asc"))
    said = [json.loads(row.data) for row in page.data]
    assert [item["content"][0]["text"] for item in said if item["type"] == "user_message"] == ["one", "two", "three"]
    assert [item["type"] for item in said] == ["user_message", "assistant_message"] * 3


async def test_a_message_that_takes_over_stops_another_processs_run_at_once(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    path = tmp_path / "chat.db"
    async with replica(path, redis_server, "interrupt") as a, replica(path, redis_server, "interrupt") as b:
        a.agent.reply, b.agent.reply = talk_for_ever, talk
        first = await a.say("one")
        stream = asyncio.create_task(a.read(first))
        second = await b.say("two", first.thread_id)
        assert end_of(await soon(stream)) == ("cancelled", "superseded")
        assert end_of(await soon(b.attach(second))) == ("completed", None)


async def test_deleting_a_thread_stops_another_processs_run_at_once(two: tuple[Replica, Replica]) -> None:
    a, b = two
    a.agent.reply = talk_for_ever
    run = await a.say("hello")
    stream, elsewhere = asyncio.create_task(a.read(run)), asyncio.create_task(b.attach(run))
    await b.engine.stop_thread(ALICE, run.thread_id, "thread_deleted")
    await b.store.remove_thread(ALICE.owner, run.thread_id)
    for reader in (stream, elsewhere):
        assert end_of(await soon(reader)) == ("cancelled", "thread_deleted")


async def test_a_run_that_another_process_has_ended_stops_when_it_next_speaks(
    two: tuple[Replica, Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process believes to live, and does not: its readers end with what is stored, wherever they are."""
    a, b = two
    renew_lease = SQLiteStore.renew_lease

    async def renew(self: SQLiteStore, replica: str, *args: Any, **options: Any) -> bool:
        return replica == a.engine.replica or await renew_lease(self, replica, *args, **options)

    a.agent.reply = talk_for_ever
    run = await a.say("hello")
    own, elsewhere = asyncio.create_task(a.read(run)), asyncio.create_task(b.attach(run))
    await asyncio.sleep(1.2)  # there is a checkpoint
    monkeypatch.setattr(SQLiteStore, "renew_lease", renew)
    await b.store.release_lease(a.engine.replica)
    async with asyncio.timeout(15):
        while not (await b.store.get_run(ALICE.owner, run.id)).ended_at:
            await asyncio.sleep(0.05)
    page = await b.store.list_items(ALICE.owner, run.thread_id, PageQuery(10, "asc"))
    stored = json.loads(page.data[-1].data)
    for reader in (own, elsewhere):
        events = await soon(reader)
        assert types(events)[-3:] == ["run.snapshot", "error", "run.ended"]
        assert end_of(events) == ("interrupted", "crashed"), "the same for everybody"
        assert json.loads(events[-3].data)["items"][-1] == stored
    assert "word word" in stored["content"][0]["text"]


async def test_a_reader_that_outruns_redis_goes_on_with_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis stops in the middle, and comes back empty: nobody misses anything in the end."""
    server = RedisServer()
    path = tmp_path / "chat.db"
    try:
        async with replica(path, server) as a, replica(path, server) as b:
            monkeypatch.setattr(following, "LOOK_SECONDS", 0.3)

            async def tell(turn: Turn) -> AsyncIterator[AgentEvent]:
                yield MessageBegin("msg_a")
                for number in range(200):
                    yield TextDelta("msg_a", 0, f"word{number} ")
                    await asyncio.sleep(0.03)
                yield MessageEnd("msg_a")

            a.agent.reply = tell
            run = await a.say("hello")
            own, elsewhere = asyncio.create_task(a.read(run)), asyncio.create_task(b.attach(run))
            await asyncio.sleep(1)
            server.kill()
            await asyncio.sleep(2)
            server.restart()
            assert end_of(await asyncio.wait_for(own, 60)) == ("completed", None)
            events = await asyncio.wait_for(elsewhere, 60)
            assert end_of(events) == ("completed", None)
            assert "run.snapshot" in types(events)
            last_snapshot = max(index for index, kind in enumerate(types(events)) if kind == "run.snapshot")
            page = await b.store.list_items(ALICE.owner, run.thread_id, PageQuery(10, "asc"))
            assert json.loads(events[last_snapshot].data)["items"][-1] == json.loads(page.data[-1].public)
            first_back = types(events).index("run.snapshot")
            live_again = [event for event in events[first_back:] if event.type == "thread.item.updated"]
            assert live_again, "when Redis is back, tokens come live again"
    finally:
        server.remove()
