"""Losing Redis costs liveness only: runs go on, readers are told, and all goes on by itself when it is back."""

import asyncio
from collections.abc import Callable

import pytest

from fastapi_chatkit.eventlog.base import LogGap
from fastapi_chatkit.eventlog.redis.keys import stream_key
from fastapi_chatkit.events import Offset
from tests.support.cutting import cutting
from tests.support.following import read_all, read_until_gap, until
from tests.support.redis import RedisCluster, RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog, is_useful, says

KEY = stream_key("run_1")
LONG = 60.0
StartRedis = Callable[..., RedisServer]


@pytest.mark.parametrize("kept", [False, True])
async def test_redis_is_stopped_and_started_again(start_redis: StartRedis, open_log: OpenLog, kept: bool) -> None:
    server = start_redis(settings=["appendonly yes", "appendfsync always"] if kept else [])
    here, there = await open_log(server.url), await open_log(server.url)
    run = here.open("run_1", attempt=1)
    run.append("run.started", b"{}")
    following = asyncio.create_task(read_until_gap(there.read("run_1", None, LONG)))
    local = asyncio.create_task(read_all(here.read("run_1", None, LONG)))
    await until(lambda: server.do("EXISTS", KEY))
    await asyncio.sleep(0.1)
    server.kill()
    events, gap = await following
    assert (len(events), gap) == (1, True)
    with pytest.raises(LogGap):
        await read_all(there.read("run_1", Offset(1, 1), LONG))
    assert await there.last("run_1") is None
    run.append_text("msg_1", 0, "said while it was away")
    await says(here, "nothing listens there")
    await says(there, "nothing listens there")
    server.start()
    await until(lambda: server.do("EXISTS", KEY))
    run.append("run.ended", b"{}")
    assert [event.offset.seq for event in await read_all(there.read("run_1", Offset(1, 1), LONG))] == [2, 3]
    events, gap = await read_until_gap(there.read("run_1", None, LONG))
    assert (len(events), gap) == ((3, False) if kept else (0, True))
    assert len(await local) == 3
    await is_useful(here)
    await is_useful(there)


async def test_redis_is_flushed(redis_server: RedisServer, open_log: OpenLog) -> None:
    here, there = await open_log(redis_server.url), await open_log(redis_server.url)
    run = here.open("run_1", attempt=1)
    following = asyncio.create_task(read_all(there.read("run_1", None, LONG)))
    for number in range(50):
        run.append("notice", b"%d" % number)
        if number in (20, 40):
            await until(lambda: redis_server.do("EXISTS", KEY))
            await asyncio.sleep(0.1)
            redis_server.flush()
        await asyncio.sleep(0.003)
    run.append("run.ended", b"{}")
    assert len(await following) == 51  # it had what was lost
    assert await read_until_gap(there.read("run_1", None, LONG)) == ([], True)
    assert len(await read_all(there.read("run_1", Offset(1, 49), LONG))) == 2


async def test_redis_hangs(start_redis: StartRedis, open_log: OpenLog) -> None:
    server = start_redis()
    here, there = await open_log(server.url), await open_log(server.url)
    run = here.open("run_1", attempt=1)
    run.append("run.started", b"{}")
    following = asyncio.create_task(read_until_gap(there.read("run_1", None, LONG)))
    await until(lambda: server.do("INFO", "clients")["blocked_clients"])
    server.freeze()
    try:
        run.append_text("msg_1", 0, "it is asked to write this")
        events, gap = await following
        assert (len(events), gap) == (1, True)
        assert await there.last("run_1") is None
        assert await read_until_gap(there.read("run_1", Offset(1, 1), LONG)) == ([], True)
        await says(here, "does not answer")
        run.append_text("msg_1", 0, "and this")
    finally:
        server.thaw()
    run.append("run.ended", b"{}")
    assert [event.offset.seq for event in await read_all(there.read("run_1", Offset(1, 1), LONG))] == [2, 3, 4]
    await is_useful(here)
    await is_useful(there)


async def test_a_log_begins_without_redis(start_redis: StartRedis, open_log: OpenLog) -> None:
    server = start_redis()
    server.stop()
    here, there = await open_log(server.url), await open_log(server.url)
    assert await there.last("run_1") is None
    run = here.open("run_1", attempt=1)
    run.append("run.started", b"{}")
    await says(here, "nothing listens there")
    server.start()
    following = asyncio.create_task(read_all(there.read("run_1", None, LONG)))
    run.append("run.ended", b"{}")
    assert len(await following) == 2


async def test_the_name_leads_to_another_primary(start_redis: StartRedis, open_log: OpenLog) -> None:
    """As after a failover: the old one is a replica now, and keeps its connections."""
    old, new = start_redis(), start_redis()
    async with cutting(old) as network:
        url = f"redis://127.0.0.1:{network.port}"
        here = await open_log(url)
        run = here.open("run_1", attempt=1)
        run.append("run.started", b"{}")
        await until(lambda: old.do("EXISTS", KEY))
        assert await asyncio.gather(*(here.last("run_2") for _ in range(8))) == [None] * 8
        network.server = new
        old.do("REPLICAOF", "127.0.0.1", new.port)
        await until(lambda: old.do("ROLE")[3] == "connected")
        run.append_text("msg_1", 0, "said to the new one")
        await until(lambda: new.do("EXISTS", KEY))
        old.do("REPLICAOF", "NO", "ONE")  # what it says from now on is its own
        old.flush()
        new.do("XADD", stream_key("run_2"), "1-1", "notice", "{}")
        assert await asyncio.gather(*(here.last("run_2") for _ in range(8))) == [Offset(1, 1)] * 8
        there = await open_log(url)
        following = asyncio.create_task(read_all(there.read("run_1", Offset(1, 1), LONG)))
        run.append("run.ended", b"{}")
        assert [event.offset.seq for event in await following] == [2, 3]
        await is_useful(here)
        await is_useful(there)
        await here.close()
        await there.close()


async def test_a_node_of_a_cluster_is_killed_and_the_others_go_on(open_log: OpenLog) -> None:
    cluster = RedisCluster()
    try:
        here, there = await open_log(cluster.url), await open_log(cluster.url)
        by_node: dict[int, str] = {}
        for number in range(60):
            by_node.setdefault(cluster.node_of(stream_key(f"run_{number}")).port, f"run_{number}")
        (lost_port, lost), (_, kept), _ = by_node.items()
        runs = {run_id: here.open(run_id, attempt=1) for run_id in (lost, kept)}
        readers = {run_id: asyncio.create_task(read_until_gap(there.read(run_id, None, LONG))) for run_id in runs}
        for run in runs.values():
            run.append("run.started", b"{}")
        await asyncio.sleep(0.3)
        node = next(node for node in cluster.nodes if node.port == lost_port)
        node.kill()
        events, gap = await readers[lost]
        assert (len(events), gap) == (1, True)
        for run in runs.values():
            run.append("run.ended", b"{}")
        assert len((await readers[kept])[0]) == 2
        node.start()
        async with asyncio.timeout(30):
            while await read_until_gap(there.read(lost, Offset(1, 1), LONG)) == ([], True):
                await asyncio.sleep(0.1)
        await is_useful(here)
        await here.close()
        await there.close()
    finally:
        cluster.remove()
