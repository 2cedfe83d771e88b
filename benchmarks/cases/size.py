"""The same work on a short thread and on one of 100,000 items: whether what it costs depends on the thread's length.

The short threads have 100 items. A retry that goes back 1,000 items needs 1,000 that are there, and has to delete them
wherever it is: it is compared with the same retry on a thread of 1,100.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import contenders
from benchmarks.answers import check_page, check_stream
from benchmarks.cases.base import Case
from benchmarks.cases.retry import BACK, LongThread
from benchmarks.client import Connection, connect, post
from benchmarks.contenders import Database
from benchmarks.figures import Figure, Sample, Target
from benchmarks.fill import Part, Thread, fill, tables_of
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, add_message, operation

_LARGE = 100_000
_SMALL = 100
_SMALL_THREADS = 20
"""A turn adds to its thread: they take turns, so that none of them grows much."""
_SCRIPT = Script(20)
_USER = "owner"
_TIMES = {"items.list": 200, "add_user_message": 60, "retry": 15}
"""How often each work is done on each of the two sizes, for a sample."""
_MOST_SECONDS = 8
"""Whoever takes longer for that does it less often."""


@dataclass(frozen=True, slots=True)
class _Threads:
    """What a server has been filled with."""

    small: list[str]
    retried: LongThread
    large: LongThread


class Size(Case):
    """Wall clock, one request at a time, small and large in turn; a sample is the ratio of the two medians."""

    name = "size"

    def __init__(self, *, share: float = 1.0) -> None:
        self._share = share
        self._threads: dict[int, _Threads] = {}

    def figures(self) -> Sequence[Figure]:
        small = {kind: f"{_SMALL + BACK:,}" if kind == "retry" else str(_SMALL) for kind in _TIMES}
        return [
            Figure(
                f"size of {kind}",
                f"{kind}, large / small",
                f"{Database.POSTGRES}, {_LARGE:,} / {small[kind]} items",
                "x",
                Target(1.2),
                "large {:.3g} ms",
            )
            for kind in _TIMES
        ]

    def servers(self) -> Sequence[Contender]:
        return contenders.stores(Database.POSTGRES)

    async def prepare(self, server: Server) -> None:
        tables = tables_of(server.name)
        small = [Thread(_USER, number) for number in range(10, 10 + _SMALL_THREADS)]
        retried = LongThread(server, Thread(_USER, 2), _SMALL + BACK)
        large = LongThread(server, Thread(_USER, 3), _LARGE)
        parts = [Part.now(thread, 0, _SMALL, _SCRIPT) for thread in small]
        await fill(server.place, tables, [*parts, retried.begin(), large.begin()])
        self._threads[server.port] = _Threads([tables.thread_id(thread) for thread in small], retried, large)
        await self._sample(server, 0.1)

    async def sample(self, server: Server) -> dict[str, Sample]:
        return await self._sample(server, self._share)

    async def _sample(self, server: Server, share: float) -> dict[str, Sample]:
        """Both sizes take turns, `share` as often as they usually do."""
        samples: dict[str, Sample] = {}
        connection, loop = await connect(server.port), asyncio.get_running_loop()
        for kind, times in _TIMES.items():
            small: list[float] = []
            large: list[float] = []
            until = loop.time() + _MOST_SECONDS * share
            for number in range(max(1, int(times * share))):
                if small and loop.time() > until:
                    break
                small.append(await self._once(server, connection, kind, number, large=False))
                large.append(await self._once(server, connection, kind, number, large=True))
            samples[f"size of {kind}"] = Sample(median(large) / median(small), median(large) * 1e3)
        connection.close()
        return samples

    async def _once(self, server: Server, connection: Connection, kind: str, number: int, *, large: bool) -> float:
        """Do the work once; seconds until the answer, or its first event."""
        threads = self._threads[server.port]
        if kind == "retry":
            return await (threads.large if large else threads.retried).retry()
        thread = threads.large.id if large else threads.small[number % _SMALL_THREADS]
        if kind == "items.list":
            reply = await connection.ask(post(operation(kind, thread_id=thread, limit=20, order="desc"), _USER))
            check_page(reply, server.name)
            return reply.ended - reply.sent
        reply = await connection.ask(post(add_message(thread, _SCRIPT), _USER))
        check_stream(reply, _SCRIPT, server.name)
        return reply.wait
