"""Writing to Redis: once, in order, and not where a later attempt has begun."""

import asyncio
from collections.abc import Callable
from itertools import cycle

import pytest

from fastapi_chatkit.eventlog.base import LogUnavailable, RunLog
from fastapi_chatkit.eventlog.redis import log as log_module
from fastapi_chatkit.eventlog.redis.keys import stream_key
from fastapi_chatkit.eventlog.redis.letters import ENDED_SECONDS, LIVE_SECONDS, MAX_ENTRIES
from fastapi_chatkit.eventlog.redis.log import RedisEventLog
from fastapi_chatkit.events import Offset
from tests.support.cutting import cutting
from tests.support.following import read_all, until
from tests.support.redis import RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog, is_useful

KEY = stream_key("run_1")
LONG = 60.0
StartRedis = Callable[..., RedisServer]


def say(run: RunLog, *words: str) -> None:
    for word in words:
        run.append_text("msg_1", 0, word)


def ids(server: RedisServer) -> list[str]:
    """The ids of the entries."""
    return [entry_id for entry_id, _ in server.do("XRANGE", KEY, "-", "+")]


def top(server: RedisServer) -> str | None:
    """The id that the next one must be above."""
    return server.do("XINFO", "STREAM", KEY)["last-generated-id"] if server.do("EXISTS", KEY) else None


class Refused:
    """Counts how often it is told."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


# --- one writer -----------------------------------------------------------------------------------------------------


async def test_tokens_that_come_together_share_an_entry(redis_server: RedisServer, open_log: OpenLog) -> None:
    run = (await open_log(redis_server.url)).open("run_1", attempt=1)
    say(run, *[f"word{number} " for number in range(300)])
    await until(lambda: top(redis_server) == "1-300")
    assert len(ids(redis_server)) == 1


async def test_a_stream_has_a_length_and_a_time(redis_server: RedisServer, open_log: OpenLog) -> None:
    with redis_server.client() as client, client.pipeline(transaction=False) as pipeline:
        for number in range(1, 2 * MAX_ENTRIES):
            pipeline.xadd(KEY, {"notice": "{}"}, id=f"1-{number}")
        pipeline.execute()
    run = (await open_log(redis_server.url)).open("run_1", attempt=2)
    say(run, "a")
    await until(lambda: redis_server.do("TTL", KEY) > 0)
    assert LIVE_SECONDS - 60 < redis_server.do("TTL", KEY) <= LIVE_SECONDS
    assert MAX_ENTRIES <= redis_server.do("XLEN", KEY) < MAX_ENTRIES + 200
    run.append("run.ended", b"{}")
    await until(lambda: redis_server.do("TTL", KEY) <= ENDED_SECONDS)
    assert ids(redis_server)[-2:] == ["2-1", "2-2"]


async def test_a_run_that_says_much_keeps_no_other_waiting(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    much = log.open("run_much", attempt=1)
    for _ in range(100):
        much.append("notice", b"x" * 2**20)
    say(log.open("run_1", attempt=1), "a")
    await until(lambda: top(redis_server) == "1-1")
    assert redis_server.do("XLEN", stream_key("run_much")) < 100


async def test_closing_writes_what_is_left(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    run = log.open("run_1", attempt=1)
    say(run, *["x" * 1000] * 2000)
    run.append("run.ended", b"{}")
    log.doorbell.ring("closing")
    await log.close()
    await log.close()
    other = await open_log(redis_server.url)
    assert len(await read_all(other.read("run_1", None, LONG))) == 2001


async def test_closing_does_not_wait_long_for_a_redis_that_is_away(
    start_redis: StartRedis, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "FLUSH_SECONDS", 0.3)
    server = start_redis()
    log = await open_log(server.url)
    server.stop()
    say(log.open("run_1", attempt=1), "a")
    async with asyncio.timeout(10):
        await log.close()


async def test_closing_does_not_wait_for_nothing(start_redis: StartRedis, open_log: OpenLog) -> None:
    server = start_redis()
    server.stop()
    log = await open_log(server.url)
    log.doorbell.ring("a")  # which is not kept
    await asyncio.sleep(0.5)
    async with asyncio.timeout(3):
        await log.close()


# --- two writers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_trimmed", [False, True])
async def test_a_writer_is_refused_once_where_a_later_attempt_has_ended_the_run(
    redis_server: RedisServer, open_log: OpenLog, is_trimmed: bool
) -> None:
    zombie, other, refused = await open_log(redis_server.url), await open_log(redis_server.url), Refused()
    run = zombie.open("run_1", 1, refused)
    say(run, "a")
    await until(lambda: top(redis_server) == "1-1")
    other.fence("run_1", 2)
    await until(lambda: top(redis_server) == "2-0")
    assert 0 < redis_server.do("TTL", KEY) <= ENDED_SECONDS
    if is_trimmed:
        redis_server.do("XTRIM", KEY, "MAXLEN", 0)
    before = ids(redis_server)
    say(run, "b")
    await until(lambda: refused.times)
    say(run, "c")
    run.append("run.ended", b"{}")
    say(zombie.open("run_2", 1), "d")
    await until(lambda: redis_server.do("EXISTS", stream_key("run_2")))
    assert refused.times == 1
    assert ids(redis_server) == before
    assert await zombie.last("run_1") == Offset(1, 4)  # what was said here is here


async def test_a_fence_comes_before_a_writer_that_has_said_nothing(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    log, refused = await open_log(redis_server.url), Refused()
    log.fence("run_1", 2)
    log.fence("run_1", 2)
    log.fence("run_1", 1)
    await until(lambda: top(redis_server) == "2-0")
    say(log.open("run_1", 1, refused), "a")
    await until(lambda: refused.times)
    assert ids(redis_server) == ["2-0"]
    await log.check()


async def test_of_two_that_take_the_same_attempt_for_theirs_the_slower_is_refused(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    first, second, refused = await open_log(redis_server.url), await open_log(redis_server.url), Refused()
    say(first.open("run_1", 1), "a", "b", "c")
    await until(lambda: top(redis_server) == "1-3")
    say(second.open("run_1", 1, refused), "d")
    await until(lambda: refused.times)
    assert ids(redis_server) == ["1-3"]


# --- what may have arrived ------------------------------------------------------------------------------------------


async def test_what_arrived_though_nobody_was_told_is_not_written_again(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    is_well = asyncio.Event()
    cuts = (None if is_well.is_set() else limit for limit in cycle([0, 3, 0, 9, 0, 20]))
    async with cutting(redis_server, cuts) as network, asyncio.timeout(60):
        log = await open_log(f"redis://127.0.0.1:{network.port}")
        refused = Refused()
        run = log.open("run_1", 1, refused)
        while network.cut < 8:
            run.append("notice", b"%d" % run.last.seq)
            await asyncio.sleep(0.01)
        is_well.set()
        run.append("run.ended", b"{}")
        await until(lambda: top(redis_server) == f"1-{run.last.seq}")
        await log.close()
    assert refused.times == 0
    other = await open_log(redis_server.url)
    events = await read_all(other.read("run_1", None, LONG))
    assert [event.data for event in events[:-1]] == [b"%d" % number for number in range(run.last.seq - 1)]


async def test_what_redis_has_lost_again_is_written_again(
    redis_server: RedisServer, open_log: OpenLog, caplog: pytest.LogCaptureFixture
) -> None:
    async with cutting(redis_server) as network:
        log = await open_log(f"redis://127.0.0.1:{network.port}")
        run = log.open("run_1", attempt=1)
        for word in "abcd":
            say(run, word)
            await until(lambda: top(redis_server) == f"1-{run.last.seq}")
        network.away = True
        await network.close()
        say(run, "e")
        await until(lambda: caplog.records)
        kept = redis_server.do("XRANGE", KEY, "-", "+", "COUNT", 2)  # as a replica has it that was a little behind
        redis_server.do("DEL", KEY)
        for entry_id, fields in kept:
            redis_server.do("XADD", KEY, entry_id, *(word for pair in fields.items() for word in pair))
        network.away = False
        run.append("run.ended", b"{}")
        await log.close()
    other = await open_log(redis_server.url)
    assert len(await read_all(other.read("run_1", None, LONG))) == 6


async def until_wrong(log: RedisEventLog) -> None:
    """Until a log knows that Redis cannot be used."""
    async with asyncio.timeout(20):
        while True:
            try:
                await log.check()
            except LogUnavailable:
                return
            await asyncio.sleep(0.01)


# --- a Redis that does not take it ----------------------------------------------------------------------------------


async def test_what_a_full_redis_does_not_take_is_written_when_it_can(
    start_redis: StartRedis, open_log: OpenLog, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_redis()
    log = await open_log(server.url)
    run = log.open("run_1", attempt=1)
    say(run, "a")
    await until(lambda: top(server) == "1-1")
    server.do("CONFIG", "SET", "maxmemory", "1")
    say(run, "b")
    await until(lambda: caplog.records)
    with pytest.raises(LogUnavailable, match=r"it is full \(OOM\); raise its `maxmemory`"):
        await log.check()
    say(run, "c")
    await asyncio.sleep(0.3)
    server.do("CONFIG", "SET", "maxmemory", "0")
    await until(lambda: top(server) == "1-3")
    await is_useful(log)
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "Runs go on" in warnings[0]


async def test_a_replica_is_written_to_when_it_is_the_primary(start_redis: StartRedis, open_log: OpenLog) -> None:
    primary, replica = start_redis(), start_redis()
    replica.do("REPLICAOF", "127.0.0.1", primary.port)
    log = await open_log(replica.url)
    say(log.open("run_1", attempt=1), "a")
    await until_wrong(log)
    replica.do("REPLICAOF", "NO", "ONE")
    await until(lambda: top(replica) == "1-1")
    await is_useful(log)


async def test_a_key_of_somebody_else_is_left_alone(redis_server: RedisServer, open_log: OpenLog) -> None:
    redis_server.do("SET", KEY, "mine")
    log = await open_log(redis_server.url)
    run = log.open("run_1", attempt=1)
    say(run, "a")
    say(log.open("run_2", attempt=1), "b")
    await until(lambda: redis_server.do("EXISTS", stream_key("run_2")))
    say(run, "c")
    await log.check()
    assert redis_server.do("GET", KEY) == "mine"


async def test_only_so_much_is_kept_of_what_cannot_be_written(
    start_redis: StartRedis, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "KEEP_BYTES", 250_000)
    server = start_redis()
    log = await open_log(server.url)
    server.stop()
    live = log.open("run_live", attempt=1)
    live.append("notice", b"x" * 400_000)
    for number in range(5):
        run = log.open(f"run_{number}", attempt=1)
        run.append("notice", b"x" * 100_000)
        run.append("run.ended", b"{}")
        await asyncio.sleep(0.2)
    await asyncio.sleep(2)
    server.start()
    await until(lambda: server.do("EXISTS", stream_key("run_4"), stream_key("run_live")) == 2)
    assert [server.do("EXISTS", stream_key(f"run_{number}")) for number in range(5)] == [0, 0, 0, 1, 1]
