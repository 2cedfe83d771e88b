"""Whatever happens to Redis, whenever: a reader gets each event once at most, in order, and knows of every gap.

``CHATKIT_TEST_GAPS`` says how many random stories are lived through.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi_chatkit.eventlog.base import LogGap
from fastapi_chatkit.eventlog.redis.keys import stream_key
from fastapi_chatkit.eventlog.redis.log import RedisEventLog
from fastapi_chatkit.eventlog.runlog import MemoryRunLog
from fastapi_chatkit.events import LoggedEvent, Offset
from tests.support.redis import RedisServer

STORIES = int(os.environ.get("CHATKIT_TEST_GAPS", "15"))
RUNS = ("run_1", "run_2", "run_3")
SAYING = st.tuples(st.just("say"), st.sampled_from(RUNS), st.one_of(st.integers(1, 60), st.integers(600, 1500)))
READING = st.one_of(
    st.tuples(st.just("read"), st.sampled_from(RUNS), st.floats(0, 1)),
    st.tuples(st.just("leave"), st.sampled_from(RUNS), st.integers(0, 20)),
)
WAITING = st.tuples(st.just("wait"), st.none(), st.integers(0, 15))
LOSING = st.one_of(
    st.tuples(st.just("cut"), st.none(), st.sampled_from(["normal", "pubsub"])),
    st.tuples(st.just("trim"), st.sampled_from(RUNS), st.integers(0, 3)),
    st.tuples(st.just("flush"), st.none(), st.just(0)),
    st.tuples(st.just("stop"), st.none(), st.integers(0, 100)),
)
QUIET_CHAPTER = st.tuples(SAYING, READING, SAYING, WAITING, READING)
CHAPTER = st.tuples(SAYING, WAITING, LOSING, SAYING, WAITING, READING, READING, st.one_of(SAYING, WAITING, LOSING))


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    started = RedisServer()
    yield started
    started.remove()


class Follower:
    """One who reads a run as the service does: from the log, over each gap with what the database has, to the end."""

    def __init__(self, log: RedisEventLog, run_id: str, run: MemoryRunLog, after: int, heartbeat: float) -> None:
        self._log = log
        self._heartbeat = heartbeat
        self._run_id = run_id
        self._run = run
        self._at = after
        self.got: list[LoggedEvent] = []
        self.gaps: list[tuple[int, int]] = [(0, after)]
        """The seqs after which and up to which something was skipped, knowing it."""
        self._reader: Any = None

    async def follow(self) -> None:
        while True:
            after = Offset(1, self._at) if self._at or self.gaps[1:] else None
            self._reader = self._log.read(self._run_id, after, self._heartbeat)
            try:
                async for batch in self._reader:
                    self._take(batch)
                    if not batch and self._run.ended:
                        raise LogGap  # the database says so
                if self.got and self.got[-1].type == "run.ended":
                    return
            except LogGap:
                # A checkpoint is not behind what the reader has, and perhaps not quite at what was said last.
                last = max(self._at, self._run.count - random.randrange(3))
                self.gaps.append((self._at, last))
                self._at = last
                if self._run.ended:
                    return
                await asyncio.sleep(0.02)

    def leave(self) -> None:
        """Lose the connection, and come back at once with what was read last."""
        if self._reader is not None:
            self._reader.close()

    def _take(self, batch: Any) -> None:
        self.got += batch
        if batch:
            self._at = batch[-1].offset.seq

    def check(self) -> None:
        """Compare what it got with what was said."""
        said: list[LoggedEvent] = []
        while batch := self._run.batch(len(said)):
            said += batch
        assert all(said[event.offset.seq - 1] == event for event in self.got)
        seqs = [event.offset.seq for event in self.got]
        assert seqs == sorted(set(seqs))
        skipped = {seq for first, last in self.gaps for seq in range(first + 1, last + 1)}
        seen = set(seqs)
        assert seen.isdisjoint(skipped)
        assert seen | skipped >= set(range(1, self._at + 1))


class Story:
    """Three runs in one process, those who follow them in another, and what happens to the Redis between."""

    def __init__(self, server: RedisServer, heartbeat: float) -> None:
        self._server = server
        self._heartbeat = heartbeat
        self._here, self._there = RedisEventLog(server.url), RedisEventLog(server.url)
        self._runs = {run_id: self._here.open(run_id, attempt=1) for run_id in RUNS}
        self._followers: list[tuple[str, Follower, asyncio.Task[None]]] = []

    @property
    def followers(self) -> list[Follower]:
        """Everyone who has read."""
        return [follower for _, follower, _ in self._followers]

    def live_through(self, actions: list[Any]) -> None:
        """Everything that happens, and then the end of every run; afterwards each reader's story is looked at."""
        self._server.flush()
        asyncio.run(self._live_through(actions))
        for follower in self.followers:
            follower.check()

    async def _live_through(self, actions: list[Any]) -> None:
        await self._here.start()
        await self._there.start()
        try:
            for action in [*[("read", run_id, 0.0) for run_id in RUNS], *actions]:
                await self._happens(action)
                await asyncio.sleep(0)
            for run in self._runs.values():
                run.append("run.ended", b"{}")
            async with asyncio.timeout(60):
                await asyncio.gather(*(task for _, _, task in self._followers))
        finally:
            for _, _, task in self._followers:
                task.cancel()
            await asyncio.gather(*(task for _, _, task in self._followers), return_exceptions=True)
            await self._there.close()
            await self._here.close()

    async def _happens(self, action: Any) -> None:
        match action:
            case "say", run_id, count:
                self._say(self._runs[run_id], count)
            case "read", run_id, where:
                run = self._runs[run_id]
                follower = Follower(self._there, run_id, run, round(where * run.count), self._heartbeat)
                self._followers.append((run_id, follower, asyncio.create_task(follower.follow())))
            case "leave", run_id, which:
                mine = [follower for of, follower, _ in self._followers if of == run_id]
                mine[which % len(mine)].leave()
            case "wait", _, milliseconds:
                await asyncio.sleep(milliseconds / 1000)
            case kind, where, how:
                await self._befalls(kind, where, how)

    def _say(self, run: MemoryRunLog, count: int) -> None:
        for number in range(count):
            if number % 7:
                run.append_text(f"msg_{number % 3}", 0, f"word{number}\n")
            else:
                run.append("notice", b'{"n":%d}' % number)

    async def _befalls(self, kind: str, run_id: Any, how: Any) -> None:
        """What happens to Redis."""
        match kind:
            case "cut":
                self._server.do("CLIENT", "KILL", "TYPE", how, "SKIPME", "yes")
            case "trim":
                self._server.do("XTRIM", stream_key(run_id), "MAXLEN", how)
            case "flush":
                self._server.flush()
            case "stop":
                self._server.stop()
                await asyncio.sleep(how / 1000)
                self._server.start()
            case _:
                raise AssertionError(kind)


@settings(max_examples=STORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHAPTER, min_size=1, max_size=8))
def test_readers_know_of_every_gap(server: RedisServer, chapters: list[Any]) -> None:
    Story(server, heartbeat=0.1).live_through([action for chapter in chapters for action in chapter])


@pytest.mark.alone
@settings(max_examples=STORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(QUIET_CHAPTER, min_size=1, max_size=20))
def test_there_is_no_gap_where_nothing_is_lost(server: RedisServer, chapters: list[Any]) -> None:
    story = Story(server, heartbeat=30.0)
    story.live_through([action for chapter in chapters for action in chapter])
    assert all(len(follower.gaps) == 1 for follower in story.followers)
