"""What goes on beside the runs goes on whatever goes wrong: an error of our own is logged, and costs little."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import ConnectionError

from fastapi_chatkit.eventlog.base import LogUnavailable
from fastapi_chatkit.eventlog.redis.connection import ServerConnections
from fastapi_chatkit.eventlog.redis.keys import stream_key
from fastapi_chatkit.eventlog.redis.line import Line
from fastapi_chatkit.eventlog.redis.outgoing import Outgoing
from fastapi_chatkit.events import Offset
from tests.support.following import read_all, read_until_gap, until
from tests.support.redis import RedisCluster, RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog, is_useful, says

LONG = 60.0


class Trouble:
    """Makes a method raise the next time it is called with what it is to be called with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, word: str) -> None:
        self.times = 0
        original: Any = getattr(owner, name)

        async def raises_once(this: Any, *args: Any) -> Any:
            if not self.times and word in str(args):
                self.times += 1
                raise ValueError("trouble")
            return await original(this, *args)

        monkeypatch.setattr(owner, name, raises_once)


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.exc_info]


async def test_writing_goes_on_and_loses_nothing(
    redis_server: RedisServer, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log, other = await open_log(redis_server.url), await open_log(redis_server.url)
    Trouble(monkeypatch, ServerConnections, "send", "XADD")
    run = log.open("run_1", attempt=1)
    run.append("run.started", b"{}")
    log.fence("run_2", 2)
    await says(log, "an error of our own (ValueError); see this server's log")
    run.append("run.ended", b"{}")
    assert len(await read_all(other.read("run_1", None, LONG))) == 2
    await until(lambda: redis_server.do("EXISTS", stream_key("run_2")))
    await is_useful(log)
    assert tracebacks(caplog) == ["an error of our own while writing in Redis; it goes on"]


async def test_what_cannot_be_made_is_given_up_alone(
    redis_server: RedisServer, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log, other = await open_log(redis_server.url), await open_log(redis_server.url)
    no_kind: Any = "\ud800"
    log.open("run_1", attempt=1).append(no_kind, b"{}")
    run = log.open("run_2", attempt=1)
    run.append("run.ended", b"{}")
    assert len(await read_all(other.read("run_2", None, LONG))) == 1
    await log.check()
    assert tracebacks(caplog) == ["what could not be made for Redis is given up"]


async def test_nothing_to_write_is_answered_by_nothing(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    posted: list[Outgoing] = []
    run = log._memory.open("run_1", attempt=1)
    outgoing = Outgoing(stream_key("run_1"), run, None, posted.append)
    assert [str(command.words[0]) for command in outgoing.write(0)[0]] == ["EXPIRE"]
    assert not outgoing.answered([0])
    assert outgoing.write(0) == ([], 0)
    assert not outgoing.answered([])
    run.append("notice", b"{}")
    assert posted == [outgoing]


async def test_reading_goes_on(
    redis_server: RedisServer, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = await open_log(redis_server.url)
    Trouble(monkeypatch, Line, "ask", "XREAD")
    assert await read_until_gap(log.read("run_1", None, LONG)) == ([], True)
    await says(log, "an error of our own (ValueError)")
    following = asyncio.create_task(read_all(log.read("run_1", None, LONG)))
    redis_server.do("XADD", stream_key("run_1"), "1-1", "run.ended", "{}")
    assert [event.offset for event in await following] == [Offset(1, 1)]
    await is_useful(log)
    assert tracebacks(caplog) == ["an error of our own while reading in Redis; it goes on"]


async def test_listening_goes_on(
    redis_server: RedisServer, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Trouble(monkeypatch, Line, "send", "SUBSCRIBE")
    log = await open_log(redis_server.url)
    heard: list[str] = []
    log.doorbell.listen("a", lambda: heard.append("a"))
    await says(log, "an error of our own (ValueError)")
    await until(lambda: heard)
    await is_useful(log)
    assert tracebacks(caplog) == ["an error of our own while listening in Redis; it goes on"]


@pytest.mark.parametrize("part", ["_writing", "doorbell.listening"])
async def test_a_task_that_has_ended_says(redis_server: RedisServer, open_log: OpenLog, part: str) -> None:
    log = await open_log(redis_server.url)
    await log.check()
    steady: Any = log
    for name in part.split("."):
        steady = getattr(steady, name)
    await steady.close()
    with pytest.raises(LogUnavailable, match=r"nothing is (writing|listening) in Redis"):
        await log.check()


async def test_in_a_cluster_one_tail_does_not_hide_another(
    open_log: OpenLog, redis_cluster: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong with one node is said until it works there, however well the others do."""
    log = await open_log(redis_cluster.url)
    runs = {log._tail_of(f"run_{number}"): f"run_{number}" for number in range(8)}
    (bad, bad_run), (_, good_run), *_ = runs.items()
    original = Line.ask

    async def ask(line: Line, *words: Any) -> Any:
        if line is bad._line:
            raise ConnectionError("lost")
        return await original(line, *words)

    monkeypatch.setattr(Line, "ask", ask)
    good = asyncio.create_task(read_until_gap(log.read(good_run, None, LONG)))
    await read_until_gap(log.read(bad_run, None, LONG))
    for _ in range(30):
        with pytest.raises(LogUnavailable):
            await log.check()
        await asyncio.sleep(0.1)
    good.cancel()
