"""500 streams of 20 tokens a second: what a token costs when they come one by one, and how late they are.

Not part of a whole run, for it takes minutes: `--only paced`.
"""

import asyncio
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from benchmarks import contenders
from benchmarks.answers import check_stream
from benchmarks.cases.base import Case
from benchmarks.client import Reply, post, stream
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import TOKENS_PER_SECOND, Pace, Script, create_thread

_DELTA = re.compile(rb'"delta":"([^"]*)"')
_RAMP_SECONDS = 5
"""The streams begin one after the other, so that their tokens do not all come in the same moment."""
_REST_SECONDS = 1


class Paced(Case):
    """CPU over the seconds in which all streams run; lateness is measured against each stream's own best moment."""

    name = "paced"

    def __init__(self, *, streams: int, seconds: int) -> None:
        self._streams = streams
        self._seconds = seconds
        length = _RAMP_SECONDS + _REST_SECONDS + seconds + _REST_SECONDS
        self._script = Script(length * TOKENS_PER_SECOND, Pace.PACED)

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._streams} streams x {TOKENS_PER_SECOND} tokens/s"
        return [Figure(self.name, "CPU per token", detail, "us", Target(30.0), "p99 late {:.0f} ms")]

    def servers(self) -> Sequence[Contender]:
        return contenders.function_agents()

    async def prepare(self, server: Server) -> None:
        script = Script(TOKENS_PER_SECOND, Pace.PACED)
        check_stream(await stream(server.port, post(create_thread(script), "warm-up")), script, server.name)

    async def sample(self, server: Server) -> dict[str, Sample]:
        loop = asyncio.get_running_loop()
        running = [asyncio.create_task(self._one(server, number)) for number in range(self._streams)]
        await asyncio.sleep(_RAMP_SECONDS + _REST_SECONDS)
        before, begun = server.cpu(), loop.time()
        await asyncio.sleep(self._seconds)
        cpu, ended = server.cpu() - before, loop.time()
        replies = await asyncio.gather(*running)
        late: list[float] = []
        for reply in replies:
            check_stream(reply, self._script, server.name)
            late += _lateness(reply, begun, ended)
        late.sort()
        return {self.name: Sample(cpu / len(late) * 1e6, late[len(late) * 99 // 100] * 1e3)}

    async def _one(self, server: Server, number: int) -> Reply:
        await asyncio.sleep(_RAMP_SECONDS * number / self._streams)
        return await stream(server.port, post(create_thread(self._script), f"user-{number}"))


def _lateness(reply: Reply, begun: float, ended: float) -> list[float]:
    """How many seconds after its time each token came, for the tokens that came between `begun` and `ended`."""
    arrivals = list(_arrivals(reply))
    slack = [came - number / TOKENS_PER_SECOND for number, came in enumerate(arrivals)]
    best = min(slack)
    return [own - best for own, came in zip(slack, arrivals, strict=True) if begun <= came < ended]


def _arrivals(reply: Reply) -> Iterator[float]:
    """When each token came, also where several came as one delta."""
    ends = list(accumulate(len(piece) for piece in reply.raw))
    for match in _DELTA.finditer(b"".join(reply.raw)):
        came = reply.times[bisect_left(ends, match.end())]
        for _ in range(match[1].count(b" ")):
            yield came
