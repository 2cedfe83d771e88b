"""The process itself: how soon it is ready, what it holds when idle, and what an open stream adds."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_partial, streamed_text
from benchmarks.cases.base import Case
from benchmarks.client import connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Pace, Script, create_thread

_SCRIPT = Script(20, Pace.HOLD)
_WARM_UP = 20
_SETTLE_SECONDS = 0.5
_PATIENCE = 120
"""How often the streams are looked at before they are given up."""


class Process(Case):
    """Each sample is a new process; the streams that are counted have sent 20 deltas and wait for more."""

    name = "process"
    fresh = True

    def __init__(self, *, streams: int, rehearsed: bool = True) -> None:
        self._streams = streams
        self.rehearsed = rehearsed

    def figures(self) -> Sequence[Figure]:
        return [
            Figure("ready", "start to first answer", "function agent", "s", Target(0.5, "pattern"), "CPU {:.2f} s"),
            Figure("idle", "idle memory", "function agent, RSS", "MiB", Target(90.0), "PSS {:.0f}"),
            Figure("open", "memory per open stream", f"{self._streams} open", "KiB", Target(30.0)),
        ]

    def servers(self) -> Sequence[Contender]:
        return contenders.function_agents()

    async def sample(self, server: Server) -> dict[str, Sample]:
        await asyncio.sleep(_SETTLE_SECONDS)
        idle = Sample(server.resident(), server.own())
        await self._hold(server, _WARM_UP)
        before = server.resident()
        held = await self._hold(server, self._streams)
        per_stream = (held - before) * 1024 / self._streams
        return {"ready": Sample(server.ready, server.ready_cpu), "idle": idle, "open": Sample(per_stream)}

    async def _hold(self, server: Server, streams: int) -> float:
        """Open the streams, wait until each has sent its part, return the memory in MiB and leave them."""
        connections = [await connect(server.port) for _ in range(streams)]
        body = create_thread(_SCRIPT)
        replies = [connection.start(post(body, f"user-{number}")) for number, connection in enumerate(connections)]
        for _ in range(_PATIENCE):
            if all(streamed_text(reply.body) == _SCRIPT.text for reply in replies):
                break
            await asyncio.sleep(_SETTLE_SECONDS)
        for reply in replies:
            check_partial(reply, _SCRIPT, server.name)
        await asyncio.sleep(_SETTLE_SECONDS)
        memory = server.resident()
        for connection in connections:
            connection.close()
        await asyncio.sleep(_SETTLE_SECONDS)
        return memory
