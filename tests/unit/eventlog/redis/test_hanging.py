"""A Redis that hangs: connections stay and nobody answers, the worst that it can do. Nobody is silent for it."""

import asyncio
from collections.abc import Callable

import pytest

from fastapi_chatkit.eventlog.base import LogGap
from fastapi_chatkit.eventlog.redis.keys import stream_key
from fastapi_chatkit.eventlog.redis.log import RedisEventLog
from fastapi_chatkit.eventlog.runlog import MemoryRunLog
from fastapi_chatkit.events import Offset
from tests.support.following import until
from tests.support.redis import RedisCluster, RedisServer
from tests.unit.eventlog.redis.conftest import OpenLog

READERS = 100
HEARTBEAT = 1.0
LOOK_SECONDS = 1.0
SILENT_SECONDS = 5.0
"""How long a reader may hear nothing: a heartbeat and a look, generously."""

StartRedis = Callable[..., RedisServer]


class Follower:
    """One who reads as the service does: at each gap, and after some silence, from elsewhere, and then again."""

    def __init__(self, log: RedisEventLog, run_id: str, run: MemoryRunLog) -> None:
        self._log = log
        self._run_id = run_id
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self.at = 0
        self.longest = 0.0
        self.is_live = False
        """Whether what came last came from the log."""

    async def follow(self) -> None:
        while self.at < self._run.count or not self._run.ended:
            try:
                reader = self._log.read(self._run_id, Offset(1, self.at) if self.at else None, HEARTBEAT)
                async for batch in reader:
                    self._hear()
                    self.is_live = bool(batch)
                    if not batch:
                        reader.close()
                    else:
                        self.at = batch[-1].offset.seq
            except LogGap:
                self._hear()
                self.is_live = False
                self.at = self._run.count
                await asyncio.sleep(LOOK_SECONDS)

    def _hear(self) -> None:
        now = self._loop.time()
        self.longest, self._heard = max(self.longest, now - self._heard), now


async def hang(server: RedisServer, followers: list[Follower], run: MemoryRunLog) -> None:
    """Freeze a server for a while, in which runs go on, and let it go on; the followers are live before and after."""
    await until(lambda: all(follower.is_live for follower in followers))
    server.freeze()
    try:
        for _ in range(12):
            run.append_text("msg_1", 0, "said meanwhile ")
            await asyncio.sleep(1)
    finally:
        server.thaw()
    assert not any(follower.is_live for follower in followers)


async def say_until_live(run: MemoryRunLog, followers: list[Follower]) -> None:
    async with asyncio.timeout(20):
        while not all(follower.is_live for follower in followers):
            run.append_text("msg_1", 0, "live again ")
            await asyncio.sleep(0.2)


async def test_readers_are_not_silent_for_long_and_live_again_afterwards(
    start_redis: StartRedis, open_log: OpenLog
) -> None:
    server = start_redis()
    here, there = await open_log(server.url), await open_log(server.url)
    run = here.open("run_1", attempt=1)
    run.append("run.started", b"{}")
    followers = [Follower(there, "run_1", run) for _ in range(READERS)]
    tasks = [asyncio.create_task(follower.follow()) for follower in followers]
    await hang(server, followers, run)
    assert max(follower.longest for follower in followers) < SILENT_SECONDS
    await say_until_live(run, followers)
    run.append("run.ended", b"{}")
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks)


async def test_only_one_asks_a_redis_that_does_not_answer(start_redis: StartRedis, open_log: OpenLog) -> None:
    server = start_redis()
    log = await open_log(server.url)
    assert await log.last("run_1") is None
    server.freeze()
    try:
        assert await log.last("run_1") is None
        clock = asyncio.get_running_loop().time
        began = clock()
        trial = asyncio.create_task(log.last("run_1"))
        await asyncio.sleep(0)
        for _ in range(READERS):
            with pytest.raises(LogGap):
                await anext(aiter(log.read("run_1", None, HEARTBEAT)))
        assert not trial.done()
        assert await trial is None
        assert clock() - began < SILENT_SECONDS
    finally:
        server.thaw()
    server.do("XADD", stream_key("run_1"), "1-1", "run.ended", "{}")
    async with asyncio.timeout(20):
        assert [event.offset async for batch in log.read("run_1", None, HEARTBEAT) for event in batch] == [Offset(1, 1)]


async def test_a_node_that_hangs_keeps_only_its_own_readers_waiting(open_log: OpenLog) -> None:
    cluster = RedisCluster()
    try:
        for node in cluster.nodes:
            node.do("CONFIG", "SET", "cluster-require-full-coverage", "no")
        here, there = await open_log(cluster.url), await open_log(cluster.url)
        by_node: dict[int, str] = {}
        for number in range(60):
            by_node.setdefault(cluster.node_of(stream_key(f"run_{number}")).port, f"run_{number}")
        (hung_port, hung), (_, other), _ = by_node.items()
        runs = {run_id: here.open(run_id, attempt=1) for run_id in (hung, other)}
        for run in runs.values():
            run.append("run.started", b"{}")
        followers = {run_id: [Follower(there, run_id, run) for _ in range(20)] for run_id, run in runs.items()}
        tasks = [asyncio.create_task(one.follow()) for some in followers.values() for one in some]
        node = next(node for node in cluster.nodes if node.port == hung_port)
        hanging = asyncio.create_task(hang(node, followers[hung], runs[hung]))
        await asyncio.sleep(3)
        for _ in range(2):
            # The others are live all the while, and so is one who comes just now.
            late = Follower(there, other, runs[other])
            tasks.append(asyncio.create_task(late.follow()))
            followers[other].append(late)
            for one in followers[other]:
                one.is_live = False
            await say_until_live(runs[other], followers[other])
            assert not hanging.done()
        await hanging
        assert max(one.longest for some in followers.values() for one in some) < SILENT_SECONDS
        await say_until_live(runs[hung], followers[hung])
        for run in runs.values():
            run.append("run.ended", b"{}")
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)
        await here.close()
        await there.close()
    finally:
        cluster.remove()
