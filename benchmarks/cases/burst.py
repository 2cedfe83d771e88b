"""1,000 streams opened at once, each a new thread with a short answer: how long each waits for its first event."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_stream
from benchmarks.cases.base import Case
from benchmarks.client import Reply, post, stream
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, create_thread

_WARM_UP = 50


class Burst(Case):
    """The wait is a stream's own, from its connect to its first event; the median is held, p99 is shown beside it."""

    name = "burst"

    def __init__(self, *, streams: int, count: int) -> None:
        self._script = Script(count)
        self._streams = streams

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._streams} streams opened at once"
        return [Figure(self.name, "time to first event", detail, "s", Target(0.5), "p99 {:.2f}")]

    def servers(self) -> Sequence[Contender]:
        return contenders.function_agents()

    async def prepare(self, server: Server) -> None:
        await self._open(server, _WARM_UP)

    async def sample(self, server: Server) -> dict[str, Sample]:
        replies = await self._open(server, self._streams)
        waits = sorted(reply.wait for reply in replies)
        return {self.name: Sample(waits[len(waits) // 2], waits[len(waits) * 99 // 100])}

    async def _open(self, server: Server, streams: int) -> list[Reply]:
        body = create_thread(self._script)
        requests = [post(body, f"user-{number}") for number in range(streams)]
        replies = await asyncio.gather(*(stream(server.port, request) for request in requests))
        for reply in replies:
            check_stream(reply, self._script, server.name)
        return replies
