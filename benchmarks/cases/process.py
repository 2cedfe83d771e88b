"""The process itself: how soon it is ready, what it holds when idle, and what an open stream adds."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_partial, streamed_text
from benchmarks.cases.base import Case
from benchmarks.client import Connection, connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Pace, Script, create_thread

_SHORT, _LONG = Script(20, Pace.HOLD), Script(2000, Pace.HOLD)
_WARM_UP = 20
_SETTLE_SECONDS = 0.5
_AT_ONCE = 10
"""How many streams are opened at a time: what a server holds is looked for, not what passes through it in a rush."""
_GLANCE_SECONDS = 0.02
_PATIENCE = 3000
"""How often the streams are looked at before they are given up."""


class Process(Case):
    """Each sample is a new process; the streams that are counted have sent their deltas and wait for more."""

    name = "process"
    fresh = True

    def __init__(self, *, streams: int, rehearsed: bool = True) -> None:
        self._streams = streams
        self.rehearsed = rehearsed

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._streams} open, {_SHORT.count} deltas"
        return [
            Figure("ready", "start to first answer", "function agent", "s", Target(0.5, "pattern"), "CPU {:.2f} s"),
            Figure("idle", "idle memory", "function agent, RSS", "MiB", Target(90.0), "PSS {:.0f}"),
            Figure("open", "memory per open stream", detail, "KiB", Target(30.0)),
        ]

    def servers(self) -> Sequence[Contender]:
        return contenders.function_agents()

    async def sample(self, server: Server) -> dict[str, Sample]:
        await asyncio.sleep(_SETTLE_SECONDS)
        idle = Sample(server.resident(), server.own())
        per_stream = await _per_stream(server, _SHORT, self._streams)
        return {"ready": Sample(server.ready, server.ready_cpu), "idle": idle, "open": Sample(per_stream)}


class Long(Case):
    """The same with long answers, none of whose deltas ours merges. Their text is not counted, once: whoever answers
    holds it.
    """

    name = "long"
    fresh = True

    def __init__(self, *, streams: int, rehearsed: bool = True) -> None:
        self._streams = streams
        self.rehearsed = rehearsed

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._streams} open, {_LONG.count} unmerged deltas"
        return [Figure(self.name, "memory per open stream, besides the text", detail, "KiB", Target(30.0))]

    def servers(self) -> Sequence[Contender]:
        _, *others = contenders.function_agents()
        return [contenders.unmerged(), *others]

    async def sample(self, server: Server) -> dict[str, Sample]:
        per_stream = await _per_stream(server, _LONG, self._streams)
        return {self.name: Sample(per_stream - len(_LONG.text) / 1024)}


async def _per_stream(server: Server, script: Script, streams: int) -> float:
    """KiB of memory that an open stream takes. Those of the warm-up stay open: what they would free is not reused."""
    warm = await _hold(server, script, _WARM_UP)
    before = server.resident()
    held = await _hold(server, script, streams)
    memory = server.resident() - before
    for connection in [*warm, *held]:
        connection.close()
    return memory * 1024 / streams


async def _hold(server: Server, script: Script, streams: int) -> list[Connection]:
    """Open the streams and wait until each has sent its part."""
    connections: list[Connection] = []
    for first in range(0, streams, _AT_ONCE):
        opened = [await connect(server.port) for _ in range(min(_AT_ONCE, streams - first))]
        body = create_thread(script)
        replies = [connection.start(post(body, f"user-{first + n}")) for n, connection in enumerate(opened)]
        for _ in range(_PATIENCE):
            if all(streamed_text(reply.body) == script.text for reply in replies):
                break
            await asyncio.sleep(_GLANCE_SECONDS)
        for reply in replies:
            check_partial(reply, script, server.name)
        connections += opened
    await asyncio.sleep(_SETTLE_SECONDS)
    return connections
