"""32 streams of 2,000 deltas at once: what a streamed delta costs, with and without a yield per token."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_frames, check_stream
from benchmarks.cases.base import Case, until_cpu
from benchmarks.client import Reply, post, stream
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Pace, Script, create_thread


class Deltas(Case):
    """A function agent whose text deltas are all there at once."""

    def __init__(self, name: str, pace: Pace, *, streams: int, count: int, least_cpu: float) -> None:
        self.name = name
        self._script = Script(count, pace)
        self._streams = streams
        self._least_cpu = least_cpu

    def figures(self) -> Sequence[Figure]:
        manner = ", a yield per token" if self._script.pace is Pace.YIELD else ""
        detail = f"{self._streams} streams x {self._script.count}{manner}"
        target = Target(7.0) if self._script.pace is Pace.PLAIN else None
        return [Figure(self.name, "CPU per delta", detail, "us", target, "{:,.0f}/s")]

    def servers(self) -> Sequence[Contender]:
        more = [contenders.batched()] if self._script.pace is Pace.PLAIN else []
        return [*contenders.function_agents(), *more]

    async def prepare(self, server: Server) -> None:
        for reply in await self._batch(server):
            check_frames(reply, server.name)

    async def sample(self, server: Server) -> dict[str, Sample]:
        def check(reply: Reply) -> int:
            check_stream(reply, self._script, server.name)
            return self._script.count

        work = await until_cpu(server, self._least_cpu, lambda: self._batch(server), check)
        return {self.name: work.per_unit(1e6)}

    async def _batch(self, server: Server) -> list[Reply]:
        body = create_thread(self._script)
        users = [f"user-{number}" for number in range(self._streams)]
        return await asyncio.gather(*(stream(server.port, post(body, user)) for user in users))
