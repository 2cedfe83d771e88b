"""Coming to a run from elsewhere: while it starts, while it goes on, when it is over."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.errors import RunNotFound, ThreadNotFound
from fastapi_chatkit.eventlog.base import Reader
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import AgentEvent, LoggedEvent, MessageBegin, TextDelta
from fastapi_chatkit.operations import CancelRun
from fastapi_chatkit.rows import ThreadRow
from fastapi_chatkit.runs.access import RunAccess
from fastapi_chatkit.runs.live import LiveRun
from fastapi_chatkit.store.sdk_store import SDKStore
from tests.support.memory_store import MemoryStore
from tests.support.running import ALICE, Bench, operation


async def words(turn: Turn) -> AsyncIterator[AgentEvent]:
    yield MessageBegin("msg_1")
    for _ in range(300):
        yield TextDelta("msg_1", 0, "word ")
        await asyncio.sleep(0.01)


async def brief(turn: Turn) -> AsyncIterator[AgentEvent]:
    yield MessageBegin("msg_1")
    yield TextDelta("msg_1", 0, "word ")


@pytest.fixture
def access(runs: Bench) -> RunAccess:
    return access_to(runs)


def access_to(runs: Bench) -> RunAccess:
    return RunAccess(store=runs.store, log=runs.log, engine=runs.engine, heartbeat_seconds=60)


async def events_of(reader: Reader) -> list[LoggedEvent]:
    async with asyncio.timeout(5):
        return [event async for batch in reader for event in batch]


@pytest.fixture
def slow_admission(runs: Bench, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """What is admitted is stored, and the run begins when this is set."""
    admit, go_on = runs.store.admit, asyncio.Event()

    async def slow(*values: Any) -> Any:
        admitted = await admit(*values)
        await go_on.wait()
        return admitted

    monkeypatch.setattr(runs.store, "admit", slow)
    return go_on


async def starting(runs: Bench) -> tuple[asyncio.Task[LiveRun], str]:
    """A run that is stored and has not begun, and its thread."""
    runs.agent.reply = brief
    task = asyncio.create_task(runs.engine.start(operation(), ALICE))
    while not (page := await runs.thread_ids()):
        await asyncio.sleep(0.01)
    return task, page[0]


async def test_a_run_that_is_about_to_begin_is_waited_for(
    runs: Bench, access: RunAccess, slow_admission: asyncio.Event
) -> None:
    task, thread_id = await starting(runs)
    row = await access.find(ALICE.owner, thread_id, None)
    attaching = asyncio.create_task(access.attach(ALICE.owner, row, None))
    await asyncio.sleep(0.05)
    assert not attaching.done()
    slow_admission.set()
    await task
    reader, _ = await attaching
    found = [event.type for event in await events_of(reader)]
    assert (found[0], found[-1]) == ("run.started", "run.ended")
    assert "run.snapshot" not in found


async def test_a_run_that_is_about_to_begin_can_be_cancelled(
    runs: Bench, access: RunAccess, slow_admission: asyncio.Event
) -> None:
    task, thread_id = await starting(runs)
    await access.answer(CancelRun(thread_id=thread_id), ALICE)
    slow_admission.set()
    run = await task
    assert run.task is not None
    await run.task
    assert await runs.status(run) == ("cancelled", "cancelled")


async def test_a_stock_readers_leaving_stops_a_run_unless_somebody_else_follows(runs: Bench, access: RunAccess) -> None:
    run = await runs.start(words)
    runs.engine.read(run)
    row = await access.find(ALICE.owner, run.thread_id, run.id)
    reader, leave = await access.attach(ALICE.owner, row, None)
    runs.engine.detach(run, dropped=True)
    await asyncio.sleep(0.05)
    assert run.status == "running"
    reader.close()
    leave(True)

    other = await runs.start(words)
    runs.engine.read(other)
    row = await access.find(ALICE.owner, other.thread_id, None)
    reader, leave = await access.attach(ALICE.owner, row, None)
    reader.close()
    leave(True)
    runs.engine.detach(other, dropped=True)
    assert other.task is not None
    await other.task
    assert await runs.status(other) == ("cancelled", "disconnected")


async def test_who_follows_another_processs_run_is_sent_away_when_this_one_ends(runs: Bench) -> None:
    run = await runs.start(words)
    row = await runs.store.get_run(ALICE.owner, run.id)
    elsewhere = RunAccess(store=runs.store, log=MemoryEventLog(), engine=runs.engine, heartbeat_seconds=60)
    reader, leave = await elsewhere.attach(ALICE.owner, row, None)
    found = asyncio.create_task(events_of(reader))
    await asyncio.sleep(0.05)
    assert not found.done()
    elsewhere.close()
    assert [event.type for event in await found] == ["run.snapshot"]
    leave(False)
    late, _ = await elsewhere.attach(ALICE.owner, row, None)
    assert await events_of(late) == []
    assert run.status == "running"


async def test_a_snapshot_says_how_the_run_ended_by_now(
    runs: Bench, access: RunAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await runs.start(brief)
    stale = await access.find(ALICE.owner, run.thread_id, run.id)
    assert run.task is not None
    await run.task
    runs.log.drop(run.id)
    reader, _ = await access.attach(ALICE.owner, stale, None)
    assert [event.type for event in await events_of(reader)] == ["run.snapshot", "run.ended"]


async def test_a_snapshot_of_a_failed_run_has_its_error(runs: Bench, access: RunAccess) -> None:
    async def fail(turn: Turn) -> AsyncIterator[AgentEvent]:
        yield MessageBegin("msg_1")
        raise ValueError("a secret of the server")

    run = await runs.start(fail)
    assert run.task is not None
    await run.task
    runs.log.drop(run.id)
    row = await access.find(ALICE.owner, run.thread_id, None)
    reader, _ = await access.attach(ALICE.owner, row, None)
    events = await events_of(reader)
    assert [event.type for event in events] == ["run.snapshot", "error", "run.ended"]
    assert b"secret" not in b"".join(event.data for event in events)


async def test_a_thread_without_a_run_has_none_to_find(runs: Bench, access: RunAccess) -> None:
    row = ThreadRow("thr_quiet", None, "2026-01-31T12:00:00.000000Z", '{"type":"active"}', None, "{}")
    await runs.store.put_thread(ALICE.owner, row)
    with pytest.raises(RunNotFound):
        await access.find(ALICE.owner, "thr_quiet", None)
    with pytest.raises(ThreadNotFound):
        await access.find(ALICE.owner, "thr_unknown", None)


async def test_of_a_store_that_keeps_no_runs_this_process_knows_them() -> None:
    runs = Bench(SDKStore(MemoryStore()))
    access = access_to(runs)
    run = await runs.start(words)
    for row in (
        await access.find(ALICE.owner, run.thread_id, None),
        await access.find(ALICE.owner, run.thread_id, run.id),
        await access.find(ALICE.owner, None, run.id),
    ):
        assert (row.id, row.status) == (run.id, "running")
    with pytest.raises(RunNotFound):
        await access.find(ALICE.owner._replace(user_id="bob"), None, run.id)
    reader, _ = await access.attach(ALICE.owner, row, None)
    await access.answer(CancelRun(thread_id=run.thread_id), ALICE)
    assert (await events_of(reader))[-1].type == "run.ended"
    row = await access.find(ALICE.owner, run.thread_id, run.id)
    assert (row.status, row.stop_reason) == ("cancelled", "cancelled")
    assert await access.find(ALICE.owner, run.thread_id, None) == row
    await runs.engine.close()
