"""The doorbell: heard in every process, and after a loss nobody waits for what was rung meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Callable

from tests.support.cutting import cutting
from tests.support.following import until
from tests.support.redis import RedisCluster, RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog

StartRedis = Callable[..., RedisServer]


class Heard(Counter[str]):
    """How often each name was heard."""

    def of(self, name: str) -> Callable[[], None]:
        def call() -> None:
            self[name] += 1

        return call


def listeners(server: RedisServer, name: str) -> int:
    """How many connections listen to a name."""
    return server.do("PUBSUB", "NUMSUB", f"ck:{name}")[1]


async def test_a_ring_is_heard_everywhere(redis_server: RedisServer, open_log: OpenLog) -> None:
    one, other = await open_log(redis_server.url), await open_log(redis_server.url)
    heard = Heard()
    one.doorbell.listen("a", heard.of("one"))
    other.doorbell.listen("a", heard.of("other"))
    other.doorbell.listen("b", heard.of("b"))
    await until(lambda: heard == {"one": 1, "other": 1, "b": 1})  # it may have been rung before
    one.doorbell.ring("a")
    await until(lambda: heard == {"one": 2, "other": 2, "b": 1})
    other.doorbell.ring("b")
    one.doorbell.ring("nobody")
    await until(lambda: heard == {"one": 2, "other": 2, "b": 2})


async def test_a_cluster_has_one_doorbell(redis_cluster: RedisCluster, open_log: OpenLog) -> None:
    logs = [await open_log(redis_cluster.url) for _ in range(6)]
    heard = Heard()
    for number, log in enumerate(logs):
        log.doorbell.listen("a", heard.of(str(number)))
    await until(lambda: len(heard) == 6)
    for rings, log in enumerate(logs, start=2):
        log.doorbell.ring("a")
        await until(lambda rings=rings: set(heard.values()) == {rings})


async def test_who_stops_listening_is_not_called(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    heard = Heard()
    first = heard.of("first")
    stops = [log.doorbell.listen("a", first), log.doorbell.listen("a", first)]
    log.doorbell.listen("a", heard.of("second"))
    await until(lambda: heard == {"first": 2, "second": 1})
    stops[0]()
    stops[0]()
    log.doorbell.ring("a")
    await until(lambda: heard == {"first": 3, "second": 2})


async def test_nothing_is_listened_to_for_nobody(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    heard = Heard()
    stop = log.doorbell.listen("a", heard.of("a"))
    await until(lambda: heard["a"])
    assert listeners(redis_server, "a") == 1
    stop()
    stop()
    await until(lambda: listeners(redis_server, "a") == 0)
    log.doorbell.listen("a", heard.of("a"))
    await until(lambda: heard["a"] == 2)


async def test_everybody_is_called_when_a_lost_connection_is_found_again(
    redis_server: RedisServer, open_log: OpenLog
) -> None:
    async with cutting(redis_server) as network:
        log, other = await open_log(f"redis://127.0.0.1:{network.port}"), await open_log(redis_server.url)
        heard = Heard()
        for name in "abc":
            log.doorbell.listen(name, heard.of(name))
        await until(lambda: heard == {"a": 1, "b": 1, "c": 1})
        network.away = True
        await network.close()
        await until(lambda: listeners(redis_server, "a") == 0)
        other.doorbell.ring("a")  # into the void
        await asyncio.sleep(0.2)
        assert heard == {"a": 1, "b": 1, "c": 1}
        network.away = False
        await until(lambda: heard == {"a": 2, "b": 2, "c": 2})
        other.doorbell.ring("c")
        await until(lambda: heard == {"a": 2, "b": 2, "c": 3})
        await log.close()


async def test_a_redis_that_hangs_is_found_out_and_its_doorbell_heard_again(
    start_redis: StartRedis, open_log: OpenLog
) -> None:
    server = start_redis()
    log = await open_log(server.url)
    heard = Heard()
    log.doorbell.listen("a", heard.of("a"))
    await until(lambda: heard["a"] == 1)
    server.freeze()
    await asyncio.sleep(5)
    server.thaw()
    await until(lambda: heard["a"] == 2)
    log.doorbell.ring("a")
    await until(lambda: heard["a"] == 3)


async def test_a_quiet_line_is_kept(redis_server: RedisServer, open_log: OpenLog) -> None:
    log = await open_log(redis_server.url)
    heard = Heard()
    log.doorbell.listen("a", heard.of("a"))
    await until(lambda: heard["a"])
    await asyncio.sleep(5)
    assert heard["a"] == 1  # it would have been called after another connection
    await log.check()
