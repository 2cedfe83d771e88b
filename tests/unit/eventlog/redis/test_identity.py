"""What tells one Redis from another, whatever it is called."""

from collections.abc import Callable

import pytest

from fastapi_chatkit.eventlog.redis import identity
from tests.support.following import until
from tests.support.redis import RedisCluster, RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog

StartRedis = Callable[..., RedisServer]


async def test_it_is_the_same_under_all_names(redis_server: RedisServer, open_log: OpenLog) -> None:
    urls = [redis_server.url, redis_server.url.replace("127.0.0.1", "localhost"), redis_server.unix_url]
    logs = [await open_log(url) for url in urls]
    await until(lambda: all(log.identity for log in logs))
    assert len({log.identity for log in logs}) == 1
    assert redis_server.do("TTL", "ck:log") == -1


async def test_it_is_another_one_elsewhere(
    redis_server: RedisServer, start_redis: StartRedis, open_log: OpenLog
) -> None:
    logs = [await open_log(url) for url in (redis_server.url, f"{redis_server.url}/1", start_redis().url)]
    await until(lambda: all(log.identity for log in logs))
    assert len({log.identity for log in logs}) == 3


async def test_a_cluster_has_one(redis_cluster: RedisCluster, open_log: OpenLog) -> None:
    urls = [node.url.replace("redis:", "redis+cluster:") for node in redis_cluster.nodes]
    logs = [await open_log(url) for url in urls]
    await until(lambda: all(log.identity for log in logs))
    assert len({log.identity for log in logs}) == 1


async def test_it_is_read_when_redis_comes_and_again_when_it_is_back(
    start_redis: StartRedis, open_log: OpenLog
) -> None:
    server = start_redis()
    server.stop()
    log = await open_log(server.url)
    assert log.identity == ""
    server.start()
    await until(lambda: log.identity)
    before = log.identity
    server.stop()
    log.open("run_1", attempt=1).append("notice", b"{}")
    server.start()  # and it has forgotten everything
    await until(lambda: log.identity != before)
    assert log.identity == server.do("GET", "ck:log")


async def test_after_a_flush_it_is_another_one_for_everybody(
    redis_server: RedisServer, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "LOOK_SECONDS", 0.2)
    logs = [await open_log(redis_server.url) for _ in range(2)]
    await until(lambda: all(log.identity for log in logs))
    before = logs[0].identity
    redis_server.flush()
    await until(lambda: before not in {log.identity for log in logs} and logs[0].identity == logs[1].identity)
    for log in logs:
        await log.check()
