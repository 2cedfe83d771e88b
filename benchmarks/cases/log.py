"""The event log by itself: what it adds to a delta that would else be sent as it comes."""

import json
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.cases.base import Case
from benchmarks.client import connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server

_COUNT = 2000


class Log(Case):
    """A sample is a difference: deltas appended, read and encoded, less the same frames made without a log."""

    name = "log"

    def __init__(self, *, times: int) -> None:
        self._times = times

    def figures(self) -> Sequence[Figure]:
        detail = f"{_COUNT} deltas, each appended, read, encoded"
        return [Figure(self.name, "CPU that the log adds to a delta", detail, "us", Target(3.0), "all {:.2f}")]

    def servers(self) -> Sequence[Contender]:
        return [contenders.log_alone()]

    async def sample(self, server: Server) -> dict[str, Sample]:
        logged, size = await self._work(server, log=True)
        bare, same = await self._work(server, log=False)
        if size != same:
            raise WrongAnswer(f"the log's frames have {size} bytes, and {same} without it")
        return {self.name: Sample(logged - bare, logged)}

    async def _work(self, server: Server, *, log: bool) -> tuple[float, int]:
        """Microseconds of CPU per delta, and the bytes of the frames."""
        connection = await connect(server.port)
        request = json.dumps({"count": _COUNT, "times": self._times, "log": log}).encode()
        before = server.cpu()
        reply = await connection.ask(post(request, "user"))
        cpu = server.cpu() - before
        connection.close()
        return cpu / self._times / _COUNT * 1e6, int(reply.body)
