"""Readers of other processes' runs: everything once and in order, or a gap that is told."""

import asyncio
import random

import pytest

from fastapi_chatkit.eventlog.base import LogGap
from fastapi_chatkit.eventlog.redis.keys import stream_key
from fastapi_chatkit.eventlog.redis.log import RedisEventLog
from fastapi_chatkit.eventlog.redis.reader import HELD_BYTES, HELD_EVENTS
from fastapi_chatkit.events import LoggedEvent, Offset
from tests.support.cutting import cutting
from tests.support.following import read_all, read_until_gap, until
from tests.support.redis import RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog

KEY = stream_key("run_1")
LONG = 60.0


def write(server: RedisServer, first: int, last: int, *, data: str = "{}", attempt: int = 1) -> None:
    """Entries of one event each, as another process would write them."""
    with server.client() as client, client.pipeline(transaction=False) as pipeline:
        for seq in range(first, last + 1):
            pipeline.xadd(KEY, {"notice": data}, id=f"{attempt}-{seq}")
        pipeline.execute()


def end(server: RedisServer, seq: int, attempt: int = 1) -> None:
    server.do("XADD", KEY, f"{attempt}-{seq}", "run.ended", "{}")


async def follows(
    log: RedisEventLog, server: RedisServer, after: Offset | None = None
) -> asyncio.Task[tuple[list[int], bool]]:
    """A reader that has come to the end of what there is, and waits: the seqs of what it gets, and whether at a gap."""

    async def read() -> tuple[list[int], bool]:
        events, gap = await read_until_gap(log.read("run_1", after, LONG))
        return [event.offset.seq for event in events], gap

    task = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    await until(lambda: blocked(server))
    return task


def blocked(server: RedisServer) -> int:
    return server.do("INFO", "clients")["blocked_clients"]


def sent_bytes(server: RedisServer) -> int:
    return server.do("INFO", "stats")["total_net_output_bytes"]


async def test_readers_may_come_before_there_is_anything(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    readers = [await follows(log, redis_server) for _ in range(3)]
    later = asyncio.create_task(read_all(log.read("run_2", None, LONG)))
    write(redis_server, 1, 5)
    end(redis_server, 6)
    assert await asyncio.gather(*readers) == [(list(range(1, 7)), False)] * 3
    redis_server.do("XADD", stream_key("run_2"), "1-1", "run.ended", "{}")
    assert len(await later) == 1


async def test_what_is_not_kept_any_more_is_a_gap(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    write(redis_server, 1, 10)
    end(redis_server, 11)
    redis_server.do("XTRIM", KEY, "MAXLEN", 6)  # from 6 on
    for after in None, Offset(1, 4):
        assert await read_until_gap(log.read("run_1", after, LONG)) == ([], True)
    for after in Offset(1, 5), Offset(1, 9):
        events = await read_all(log.read("run_1", after, LONG))
        assert [event.offset.seq for event in events] == list(range(after.seq + 1, 12))


async def test_a_gap_comes_after_what_there_was(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    write(redis_server, 1, 3)
    following = await follows(log, redis_server)
    write(redis_server, 5, 6)
    assert await following == ([1, 2, 3], True)
    assert await read_until_gap(log.read("run_1", None, LONG)) == await read_until_gap(log.read("run_1", None, LONG))
    end(redis_server, 7)
    assert len(await read_all(log.read("run_1", Offset(1, 4), LONG))) == 3


async def test_readers_are_told_that_an_attempt_has_ended_the_run(redis_server: RedisServer, open_log: OpenLog) -> None:
    log, other = await open_log(redis_server.url), await open_log(redis_server.url)
    write(redis_server, 1, 3)
    following = [await follows(log, redis_server, after) for after in (None, Offset(1, 2))]
    other.fence("run_1", 2)
    assert await asyncio.gather(*following) == [([1, 2, 3], True), ([3], True)]
    for after in None, Offset(1, 3):
        with pytest.raises(LogGap):
            await read_all(log.read("run_1", after, LONG))
    assert await log.last("run_1") is None


async def test_who_is_ahead_of_what_an_earlier_attempt_left_waits(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    write(redis_server, 1, 3)
    end(redis_server, 4)
    following = await follows(log, redis_server, Offset(2, 5))
    asked = redis_server.do("INFO", "commandstats")["cmdstat_xrange"]["calls"]
    await asyncio.sleep(0.1)
    assert redis_server.do("INFO", "commandstats")["cmdstat_xrange"]["calls"] == asked
    write(redis_server, 6, 6, attempt=2)
    end(redis_server, 7, attempt=2)
    assert await following == ([6, 7], False)


async def test_entries_that_overlap_are_cut(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    redis_server.do("XADD", KEY, "1-4", *("notice", "{}") * 4)
    following = await follows(log, redis_server, Offset(1, 2))
    redis_server.do("XADD", KEY, "1-6", *("notice", "{}") * 3)
    redis_server.do("XADD", KEY, "1-7", *("notice", "{}") * 7)
    end(redis_server, 8)
    assert await following == ([3, 4, 5, 6, 7, 8], False)


async def test_an_entry_that_is_none_of_ours_is_a_gap(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    write(redis_server, 1, 2)
    following = await follows(log, redis_server)
    redis_server.do("XADD", KEY, "1-3", "from", "the future")
    assert await following == ([1, 2], True)
    events, gap = await read_until_gap(log.read("run_1", None, LONG))
    assert (len(events), gap) in {(0, True), (2, True)}
    redis_server.do("SET", stream_key("run_2"), "no stream")
    assert await read_until_gap(log.read("run_2", None, LONG)) == ([], True)


async def test_a_reader_that_takes_nothing_costs_nothing_more_and_loses_nothing(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    log = await open_log(redis_server.url)
    reader = log.read("run_1", None, LONG)
    batches = aiter(reader)
    write(redis_server, 1, 1)
    seqs = [event.offset.seq for event in await anext(batches)]
    await until(lambda: blocked(redis_server))
    before, data = sent_bytes(redis_server), "x" * 20_000
    for first in range(2, 1000, 20):
        write(redis_server, first, first + 19, data=data)
        await asyncio.sleep(0.005)
    await until(lambda: not blocked(redis_server) or sent_bytes(redis_server) - before > 4 * HELD_BYTES)
    assert sent_bytes(redis_server) - before < 4 * HELD_BYTES
    end(redis_server, 1002)
    async for batch in batches:
        seqs += [event.offset.seq for event in batch]
    assert seqs == list(range(1, 1003))


async def test_a_slow_reader_holds_up_nobody(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    slow = log.read("run_1", None, LONG)
    batches = aiter(slow)
    write(redis_server, 1, 1)
    await anext(batches)
    quick = await follows(log, redis_server)
    for first in range(2, 4000, 100):
        write(redis_server, first, first + 99)
        await asyncio.sleep(0.005)
    end(redis_server, 4002)
    assert await quick == (list(range(1, 4003)), False)
    assert [event.offset.seq async for batch in batches for event in batch] == list(range(2, 4003))


async def test_who_joins_others_while_much_is_said_misses_nothing(redis_server: RedisServer, open_log: OpenLog) -> None:
    here, there = await open_log(redis_server.url), await open_log(redis_server.url)
    run = here.open("run_1", attempt=1)
    first = await follows(there, redis_server)
    joining: list[asyncio.Task[tuple[list[LoggedEvent], bool]]] = []
    for number in range(800):
        run.append_text("msg_1", 0, f"word{number} ")
        after = Offset(1, number * 7 // 8)
        joining.append(asyncio.create_task(read_until_gap(there.read("run_1", after, LONG))))
        await asyncio.sleep(0.001)
    run.append("run.ended", b"{}")
    assert await first == (list(range(1, 802)), False)
    for number, (events, gap) in enumerate(await asyncio.gather(*joining)):
        assert not gap
        assert [event.offset.seq for event in events] == list(range(number * 7 // 8 + 1, 802))


async def test_a_slow_reader_is_told_what_was_trimmed_meanwhile(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    reader = log.read("run_1", None, LONG)
    write(redis_server, 1, 1)
    await anext(aiter(reader))
    await until(lambda: blocked(redis_server))
    for first in range(2, 4000, 100):
        write(redis_server, first, first + 99)
        await asyncio.sleep(0.005)
    redis_server.do("XTRIM", KEY, "MAXLEN", 10)
    events, gap = await read_until_gap(reader)
    assert gap
    assert [event.offset.seq for event in events] == list(range(2, 2 + len(events)))
    assert HELD_EVENTS <= len(events) < 3990


async def test_who_is_broken_off_while_it_asks_leaves_nothing_behind(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    log = await open_log(redis_server.url)
    write(redis_server, 1, 500)
    end(redis_server, 501)
    chance = random.Random(5)
    for _ in range(100):
        reading = asyncio.create_task(read_all(log.read("run_1", None, LONG)))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert await log.last("run_1") == Offset(1, 501)
    assert len(await read_all(log.read("run_1", None, LONG))) == 501


async def test_a_connection_that_is_lost_is_a_gap_and_the_next_reader_has_another(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    async with cutting(redis_server) as network:
        log = await open_log(f"redis://127.0.0.1:{network.port}")
        write(redis_server, 1, 3)
        for seq in range(3, 8):
            following = await follows(log, redis_server)
            write(redis_server, seq + 1, seq + 1)
            await asyncio.sleep(0.05)
            await network.close()
            assert await following == (list(range(1, seq + 2)), True)
        end(redis_server, 9)
        assert len(await read_all(log.read("run_1", None, LONG))) == 9
        await log.close()


async def test_nobody_is_followed_when_everybody_has_left(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    readers = [log.read("run_1", None, LONG) for _ in range(3)]
    tasks = [asyncio.create_task(read_all(reader)) for reader in readers]
    await until(lambda: blocked(redis_server) == 1)
    for reader in readers:
        reader.close()
    assert await asyncio.gather(*tasks) == [[], [], []]
    await until(lambda: blocked(redis_server) == 0)
    write(redis_server, 1, 1)
    following = await follows(log, redis_server)
    end(redis_server, 2)
    assert await following == ([1, 2], False)


async def test_a_log_that_is_closed_reads_nothing_more(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    write(redis_server, 1, 1)
    following = await follows(log, redis_server)
    early = log.read("run_1", Offset(1, 1), LONG)
    await log.close()
    assert await following == ([1], True)
    for reader in early, log.read("run_1", None, LONG):
        assert await read_until_gap(reader) == ([], True)
    assert await log.last("run_1") is None
    assert blocked(redis_server) == 0
