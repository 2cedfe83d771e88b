"""The event log's contract: every reader sees every event once, in order, whenever it comes."""

import asyncio
from collections.abc import Callable

import pytest

from fastapi_chatkit.errors import RunNotFound
from fastapi_chatkit.eventlog.base import EventLog, Reader
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import LoggedEvent, Offset

LONG = 60.0


@pytest.fixture(params=[MemoryEventLog], ids=["memory"])
def log(request: pytest.FixtureRequest) -> EventLog:
    make: Callable[[], EventLog] = request.param
    return make()


def payload(number: int) -> bytes:
    return b'{"type":"progress_update","text":"%d"}' % number


async def read_all(reader: Reader) -> list[LoggedEvent]:
    return [event async for batch in reader for event in batch]


async def test_readers_replay_and_follow(log: EventLog) -> None:
    run = log.open("run_1", attempt=1)
    early = asyncio.create_task(read_all(log.read("run_1", None, LONG)))
    for number in range(5):
        run.append("progress_update", payload(number))
        await asyncio.sleep(0)
    late = asyncio.create_task(read_all(log.read("run_1", None, LONG)))
    after = asyncio.create_task(read_all(log.read("run_1", Offset(1, 3), LONG)))
    await asyncio.sleep(0)
    run.append("run.ended", b"{}")
    everything = await early
    assert everything == await late
    assert await after == everything[3:]
    assert [event.offset for event in everything] == [Offset(1, seq) for seq in range(1, 7)]
    assert [event.data for event in everything[:5]] == [payload(number) for number in range(5)]


async def test_an_ended_run_can_be_read_until_it_is_dropped(log: EventLog) -> None:
    run = log.open("run_1", attempt=1)
    run.append("run.ended", b"{}")
    assert [event.type for event in await read_all(log.read("run_1", None, LONG))] == ["run.ended"]
    reader = log.read("run_1", None, LONG)
    log.drop("run_1")
    assert len(await read_all(reader)) == 1
    with pytest.raises(RunNotFound):
        log.read("run_1", None, LONG)


async def test_silence_is_an_empty_batch_and_a_busy_run_has_none(log: EventLog) -> None:
    run = log.open("run_1", attempt=1)
    reader = aiter(log.read("run_1", None, 0.1))
    for number in range(6):
        run.append("progress_update", payload(number))
        assert len(await anext(reader)) == 1
        await asyncio.sleep(0.03)
    async with asyncio.timeout(5):
        assert list(await anext(reader)) == []
        assert list(await anext(reader)) == []
    run.append("run.ended", b"{}")
    assert len(await anext(reader)) == 1


async def test_a_closed_reader_stops_while_it_waits(log: EventLog) -> None:
    log.open("run_1", attempt=1)
    reader = log.read("run_1", None, LONG)
    reading = asyncio.create_task(read_all(reader))
    await asyncio.sleep(0.01)
    reader.close()
    reader.close()
    async with asyncio.timeout(5):
        assert await reading == []


async def test_nothing_comes_after_the_end(log: EventLog) -> None:
    run = log.open("run_1", attempt=1)
    run.append("run.ended", b"{}")
    with pytest.raises(RuntimeError):
        run.append("progress_update", payload(1))


# --- the memory of one process ------------------------------------------------------------------------------------


def ended(log: MemoryEventLog, run_id: str, size: int = 10) -> None:
    run = log.open(run_id, attempt=1)
    run.append("progress_update", b"x" * size)
    run.append("run.ended", b"{}")


async def test_the_last_offset_is_known_while_the_log_is_kept(log: EventLog) -> None:
    assert log.last("run_1") is None
    run = log.open("run_1", attempt=1)
    run.append("progress_update", payload(1))
    assert log.last("run_1") == Offset(1, 1)
    run.append("run.ended", b"{}")
    assert log.last("run_1") == Offset(1, 2)
    log.drop("run_1")
    assert log.last("run_1") is None


async def test_an_ended_run_is_kept_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr("fastapi_chatkit.eventlog.memory.time.monotonic", lambda: clock)
    log = MemoryEventLog(retain_seconds=60)
    ended(log, "run_1")
    running = log.open("run_2", attempt=1)
    running.append("progress_update", b"{}")
    clock += 59
    assert log.last("run_1") == Offset(1, 2)
    clock += 2
    assert log.last("run_1") is None
    with pytest.raises(RunNotFound):
        log.read("run_1", None, LONG)
    assert log.last("run_2") == Offset(1, 1)  # it has not ended


async def test_the_oldest_go_first_where_there_is_too_much() -> None:
    log = MemoryEventLog(retain_bytes=10_000)
    for number in range(5):
        ended(log, f"run_{number}", 3000)
    kept = [number for number in range(5) if log.last(f"run_{number}") is not None]
    assert kept == [3, 4]
    ended(log, "run_large", 20_000)
    assert all(log.last(f"run_{number}") is None for number in range(5))
    ended(log, "run_after")
    assert log.last("run_after") == Offset(1, 2)
