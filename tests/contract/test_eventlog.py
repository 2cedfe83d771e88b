"""The event log's contract: every reader sees every event once, in order, whenever it comes and wherever it is."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from fastapi_chatkit.eventlog.base import MAX_BATCH, MAX_BATCH_BYTES, EventLog, LogGap, Reader
from fastapi_chatkit.eventlog.blocks import BLOCK_BYTES
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.eventlog.redis.log import RedisEventLog
from fastapi_chatkit.events import LoggedEvent, Offset, text_delta_json
from tests.support.redis import RedisServer, debian_redis, valkey

LONG = 60.0


class Logs(NamedTuple):
    """The log as it is where runs are written, and as it is where they are read; and what the first has in memory."""

    writing: EventLog
    reading: EventLog
    memory: MemoryEventLog


@pytest.fixture(params=["memory", "redis-here", "redis-6.2", "redis-7", "valkey", "cluster"])
async def logs(request: pytest.FixtureRequest) -> AsyncIterator[Logs]:
    match request.param:
        case "memory":
            log = MemoryEventLog()
            yield Logs(log, log, log)
            return
        case "redis-7":
            url = request.getfixturevalue("start_redis")(debian_redis()).url
        case "valkey":
            url = request.getfixturevalue("start_redis")(valkey()).url
        case "cluster":
            url = request.getfixturevalue("redis_cluster").url
        case _:
            server: RedisServer = request.getfixturevalue("redis_server")
            url = server.url
    memory = MemoryEventLog()
    here, there = RedisEventLog(url, memory), RedisEventLog(url)
    await here.start()
    await there.start()
    yield Logs(here, here if request.param == "redis-here" else there, memory)
    await there.close()
    await here.close()


def payload(number: int) -> bytes:
    return b'{"type":"progress_update","text":"%d"}' % number


async def read_all(reader: Reader) -> list[LoggedEvent]:
    return [event async for batch in reader for event in batch]


async def is_last(log: EventLog, run_id: str, offset: Offset | None) -> None:
    """Of a run that another process writes, the last offset may be one that is a little older."""
    async with asyncio.timeout(10):
        while await log.last(run_id) != offset:
            await asyncio.sleep(0.01)


async def test_readers_replay_and_follow(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    early = asyncio.create_task(read_all(logs.reading.read("run_1", None, LONG)))
    for number in range(5):
        run.append("progress_update", payload(number))
        await asyncio.sleep(0)
    await is_last(logs.reading, "run_1", Offset(1, 5))
    late = asyncio.create_task(read_all(logs.reading.read("run_1", None, LONG)))
    after = asyncio.create_task(read_all(logs.reading.read("run_1", Offset(1, 3), LONG)))
    await asyncio.sleep(0)
    run.append("run.ended", b"{}")
    everything = await early
    assert everything == await late
    assert await after == everything[3:]
    assert [event.offset for event in everything] == [Offset(1, seq) for seq in range(1, 7)]
    assert [event.data for event in everything[:5]] == [payload(number) for number in range(5)]


async def test_text_is_read_as_its_json_whoever_reads_it_and_whenever(logs: Logs) -> None:
    said = [
        ("msg_1", 0, "a"),
        ("msg_1", 0, 'quote "\n\u2028'),
        ("msg_1", 1, "ü"),
        ("msg_2", 1, "\ud83d\ude00"),
        ("m", 0, "\ud83d"),
    ]
    said += [
        ("msg_1", 0, "x" * (BLOCK_BYTES - 1)),
        ("msg_1", 0, "longer"),
        ("msg_1", 0, "y" * (BLOCK_BYTES + 1)),
        ("msg_1", 0, ""),
    ]
    run = logs.writing.open("run_1", attempt=1)
    following = asyncio.create_task(read_all(logs.reading.read("run_1", None, LONG)))
    for delta in said:
        run.append_text(*delta)
        await asyncio.sleep(0)
    run.append("progress_update", payload(1))
    run.append_text(*said[-1])
    run.append("run.ended", b"{}")
    everything = await following
    expected = [text_delta_json(*delta) for delta in [*said, said[-1]]]
    expected.insert(len(said), payload(1))
    assert [event.data for event in everything[:-1]] == expected
    assert [event.offset for event in everything] == [Offset(1, seq) for seq in range(1, len(everything) + 1)]
    assert [event.type for event in everything[-3:]] == ["progress_update", "thread.item.updated", "run.ended"]
    for start in range(len(everything)):
        after = Offset(1, start) if start else None
        assert await read_all(logs.reading.read("run_1", after, LONG)) == everything[start:]


async def test_a_reader_is_given_a_bounded_amount_at_once(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    for _ in range(2 * MAX_BATCH):
        run.append("progress_update", b"{}")
    for _ in range(10):
        run.append_text("msg_1", 0, "x" * (MAX_BATCH_BYTES // 3))
    run.append("progress_update", b"x" * (3 * MAX_BATCH_BYTES))
    run.append("run.ended", b"{}")
    batches = [batch async for batch in logs.reading.read("run_1", None, LONG)]
    assert len(batches[0]) == MAX_BATCH
    sizes = [sum(len(event.data) for event in batch) for batch in batches]
    assert max(sizes) > MAX_BATCH_BYTES
    assert all(size <= MAX_BATCH_BYTES or len(batch) == 1 for size, batch in zip(sizes, batches, strict=True))
    assert max(map(len, batches)) == MAX_BATCH
    seqs = [event.offset.seq for batch in batches for event in batch]
    assert seqs == list(range(1, 2 * MAX_BATCH + 13))


async def test_an_ended_run_can_be_read_until_it_is_dropped(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    run.append("run.ended", b"{}")
    assert [event.type for event in await read_all(logs.reading.read("run_1", None, LONG))] == ["run.ended"]
    reader = logs.reading.read("run_1", None, LONG)
    logs.memory.drop("run_1")
    assert len(await read_all(reader)) == 1
    await can_be_read_where_others_have_it(logs, 1)


async def can_be_read_where_others_have_it(logs: Logs, events: int) -> None:
    """A run that was dropped here."""
    for log in logs.writing, logs.reading:
        assert not log.is_here("run_1")
        if log.is_shared:
            assert len(await read_all(log.read("run_1", None, LONG))) == events
        else:
            with pytest.raises(LogGap):
                await read_all(log.read("run_1", None, LONG))


async def test_silence_is_an_empty_batch_and_a_busy_run_has_none(logs: Logs) -> None:
    heartbeat = 0.5 if logs.reading.is_shared else 0.1
    run = logs.writing.open("run_1", attempt=1)
    reader = aiter(logs.reading.read("run_1", None, heartbeat))
    for number in range(6):
        run.append("progress_update", payload(number))
        assert len(await anext(reader)) == 1
        await asyncio.sleep(0.3 * heartbeat)
    async with asyncio.timeout(5):
        assert list(await anext(reader)) == []
        assert list(await anext(reader)) == []
    run.append("run.ended", b"{}")
    assert len(await anext(reader)) == 1


async def test_a_closed_reader_stops_while_it_waits(logs: Logs) -> None:
    logs.writing.open("run_1", attempt=1)
    reader = logs.reading.read("run_1", None, LONG)
    reading = asyncio.create_task(read_all(reader))
    await asyncio.sleep(0.05)
    reader.close()
    reader.close()
    async with asyncio.timeout(5):
        assert await reading == []


async def test_nothing_comes_after_the_end(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    run.append("run.ended", b"{}")
    with pytest.raises(RuntimeError):
        run.append("progress_update", payload(1))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            run.append_text("msg_1", 0, "late")


async def test_a_run_that_goes_on_can_be_dropped(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    reader = logs.reading.read("run_1", None, LONG)
    run.append("progress_update", payload(1))
    logs.memory.drop("run_1")
    logs.memory.drop("run_1")
    assert not logs.writing.is_here("run_1")
    run.append("run.ended", b"{}")
    assert len(await read_all(reader)) == 2
    await can_be_read_where_others_have_it(logs, 2)


async def test_the_last_offset_is_known(logs: Logs) -> None:
    assert await logs.reading.last("run_1") is None
    run = logs.writing.open("run_1", attempt=1)
    assert await logs.writing.last("run_1") is None
    run.append("progress_update", payload(1))
    assert await logs.writing.last("run_1") == Offset(1, 1)
    await is_last(logs.reading, "run_1", Offset(1, 1))
    run.append("run.ended", b"{}")
    assert await logs.writing.last("run_1") == Offset(1, 2)
    await is_last(logs.reading, "run_1", Offset(1, 2))
    logs.memory.drop("run_1")
    await is_last(logs.writing, "run_1", Offset(1, 2) if logs.writing.is_shared else None)


async def test_a_reader_with_everything_gets_the_end_alone(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    run.append("progress_update", payload(1))
    run.append("run.ended", b"{}")
    await is_last(logs.reading, "run_1", Offset(1, 2))
    assert await read_all(logs.reading.read("run_1", Offset(1, 2), LONG)) == []


@pytest.mark.parametrize("is_early", [True, False])
async def test_an_offset_beyond_the_end_is_a_gap_when_the_end_is_known(logs: Logs, is_early: bool) -> None:
    run = logs.writing.open("run_1", attempt=1)
    run.append("progress_update", payload(1))
    await is_last(logs.reading, "run_1", Offset(1, 1))
    reading = [asyncio.create_task(read_all(logs.reading.read("run_1", Offset(1, 9), LONG)))] if is_early else []
    await asyncio.sleep(0.05)
    run.append("progress_update", payload(2))
    run.append("run.ended", b"{}")
    await is_last(logs.reading, "run_1", Offset(1, 3))
    reading.append(asyncio.create_task(read_all(logs.reading.read("run_1", Offset(1, 9), LONG))))
    async with asyncio.timeout(10):
        for task in reading:
            with pytest.raises(LogGap):
                await task


async def test_what_was_read_of_another_attempt_is_a_gap(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=2)
    run.append("progress_update", payload(1))
    await is_last(logs.reading, "run_1", Offset(2, 1))
    with pytest.raises(LogGap):
        await read_all(logs.reading.read("run_1", Offset(1, 1), LONG))
    run.append("run.ended", b"{}")
    for after in None, Offset(2, 0):
        assert len(await read_all(logs.reading.read("run_1", after, LONG))) == 2


async def test_many_readers_follow_one_run(logs: Logs) -> None:
    run = logs.writing.open("run_1", attempt=1)
    run.append("run.started", b"{}")
    readers = [asyncio.create_task(read_all(logs.reading.read("run_1", None, LONG))) for _ in range(2000)]
    for number in range(30):
        run.append_text("msg_1", 0, f"word{number} ")
        await asyncio.sleep(0.005)
    run.append("run.ended", b"{}")
    first, *others = await asyncio.gather(*readers)
    assert [event.offset.seq for event in first] == list(range(1, 33))
    assert all(other == first for other in others)


# --- the memory of one process ------------------------------------------------------------------------------------


def ended(log: MemoryEventLog, run_id: str, size: int = 10) -> None:
    run = log.open(run_id, attempt=1)
    run.append("progress_update", b"x" * size)
    run.append("run.ended", b"{}")


async def test_an_ended_run_is_kept_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr("fastapi_chatkit.eventlog.memory.time.monotonic", lambda: clock)
    log = MemoryEventLog(retain_seconds=60)
    ended(log, "run_1")
    running = log.open("run_2", attempt=1)
    running.append("progress_update", b"{}")
    clock += 59
    assert await log.last("run_1") == Offset(1, 2)
    clock += 2
    assert await log.last("run_1") is None
    with pytest.raises(LogGap):
        await read_all(log.read("run_1", None, LONG))
    assert await log.last("run_2") == Offset(1, 1)  # it has not ended


async def test_ended_runs_go_in_time_though_nobody_asks() -> None:
    dropped: list[str] = []

    class Watched(MemoryEventLog):
        def drop(self, run_id: str) -> None:
            super().drop(run_id)
            dropped.append(run_id)

    log = Watched(retain_seconds=0.2)
    for number in range(3):
        ended(log, f"run_{number}")
    dropped.clear()  # what was dropped when it began
    async with asyncio.timeout(5):
        while dropped != ["run_0", "run_1", "run_2"]:
            await asyncio.sleep(0.02)
    ended(log, "run_later")
    assert await log.last("run_later") == Offset(1, 2)


async def test_a_late_end_of_an_attempt_does_not_forget_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr("fastapi_chatkit.eventlog.memory.time.monotonic", lambda: clock)
    log = MemoryEventLog(retain_seconds=60)
    first = log.open("run_1", attempt=1)
    second = log.open("run_1", attempt=2)
    first.append("run.ended", b"{}")
    second.append("progress_update", payload(1))
    clock += 61
    assert await log.last("run_1") == Offset(2, 1)


async def test_the_oldest_go_first_where_there_is_too_much() -> None:
    log = MemoryEventLog(retain_bytes=10_000)
    for number in range(5):
        ended(log, f"run_{number}", 3000)
    kept = [number for number in range(5) if await log.last(f"run_{number}") is not None]
    assert kept == [3, 4]
    ended(log, "run_large", 20_000)
    assert [await log.last(f"run_{number}") for number in range(5)] == [None] * 5
    ended(log, "run_after")
    assert await log.last("run_after") == Offset(1, 2)
