"""Streams whose source is the OpenAI Agents SDK: what a delta costs, with a model in the process and over HTTP.

The first shows what a server adds to the Agents SDK. Over HTTP, OpenAI's client costs three times what the Agents SDK
does, for it tries each event against every kind of event that there is. The limit takes both as they are, so that it
is none for a server that takes less of them.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from benchmarks import contenders
from benchmarks.answers import WrongAnswer, check_stream
from benchmarks.beside import beside, counts
from benchmarks.cases.base import Case, until_cpu
from benchmarks.client import Reply, post, stream
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Harness, Server
from benchmarks.workload import Script, create_thread


class Agents(Case):
    """An Agents SDK agent on each server, with the same model in its process."""

    name = "agents"
    source = "Agents SDK"

    def __init__(self, *, streams: int, count: int, least_cpu: float) -> None:
        self.script = Script(count)
        self.streams = streams
        self._least_cpu = least_cpu

    def figures(self) -> Sequence[Figure]:
        title, detail = f"CPU per delta, {self.source}", f"{self.streams} streams x {self.script.count}"
        return [Figure(self.name, title, detail, "us", Target(50.0), "{:,.0f}/s")]

    def servers(self) -> Sequence[Contender]:
        return contenders.agents_sdk()

    async def sample(self, server: Server) -> dict[str, Sample]:
        def check(reply: Reply) -> int:
            check_stream(reply, self.script, server.name)
            return self.script.count

        work = await until_cpu(server, self._least_cpu, lambda: self._batch(server), check)
        return {self.name: work.per_unit(1e6)}

    async def _batch(self, server: Server) -> list[Reply]:
        body = create_thread(self.script)
        users = [f"user-{number}" for number in range(self.streams)]
        return await asyncio.gather(*(stream(server.port, post(body, user)) for user in users))


class AgentsOverHTTP(Agents):
    """The same with a model on the other core that speaks OpenAI's wire format, once per turn for each server."""

    name = "wire"
    source = "Agents SDK over HTTP"
    _model_port = 0

    @asynccontextmanager
    async def contenders(self, harness: Harness) -> AsyncIterator[Sequence[Contender]]:
        """The contenders, while the model runs."""
        async with beside("benchmarks.model", harness.cores) as self._model_port:
            yield contenders.agents_sdk_over_http(self._model_port)

    async def prepare(self, server: Server) -> None:
        before = await counts(self._model_port)
        for reply in await self._batch(server):
            check_stream(reply, self.script, server.name)
        after = await counts(self._model_port)
        asked = {kind: after[kind] - before[kind] for kind in after}
        if asked != {"responses": self.streams, "completions": 0}:
            raise WrongAnswer(f"{server.name}: {self.streams} turns asked the model {asked}, not for a response each")
