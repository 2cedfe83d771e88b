"""A reader that comes back to a run of 2,000 deltas, none of them merged: what it costs to send them again."""

from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_stream, thread_id
from benchmarks.cases.base import Case, Work
from benchmarks.client import connect, post, stream
from benchmarks.figures import LIMIT, Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, create_thread, operation

_SCRIPT = Script(2000)
_USER = "reader"


class Resume(Case):
    """Whole replays of a run that has ended, one after the other; the limit sends the frames of a new reply."""

    name = "resume"

    def __init__(self, *, times: int) -> None:
        self._times = times
        self._requests: dict[int, bytes] = {}

    def figures(self) -> Sequence[Figure]:
        detail = f"{_SCRIPT.count} unmerged deltas, replayed"
        return [Figure(self.name, "CPU per resume", detail, "ms", Target(50.0), "{:,.0f}/s")]

    def servers(self) -> Sequence[Contender]:
        return [contenders.unmerged(), contenders.batched(LIMIT)]

    async def prepare(self, server: Server) -> None:
        request = post(create_thread(_SCRIPT), _USER)
        reply = await stream(server.port, request)
        check_stream(reply, _SCRIPT, server.name)
        again = (
            request
            if server.name == LIMIT
            else post(operation("runs.attach", thread_id=thread_id(reply, server.name)), _USER)
        )
        self._requests[server.port] = again
        await self._replay(server, 2)

    async def sample(self, server: Server) -> dict[str, Sample]:
        return {self.name: (await self._replay(server, self._times)).per_unit(1e3)}

    async def _replay(self, server: Server, times: int) -> Work:
        connection = await connect(server.port)
        before = server.cpu()
        replies = [await connection.ask(self._requests[server.port]) for _ in range(times)]
        work = Work(times, server.cpu() - before, replies[-1].ended - replies[0].sent)
        connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, server.name)
        return work
