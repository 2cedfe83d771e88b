"""Turns of 20 deltas on threads that exist, one after the other on each of 16 connections: what a turn costs."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_stream, thread_id
from benchmarks.cases.base import Case, Work
from benchmarks.client import Connection, Reply, connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, add_message, create_thread

_CONNECTIONS = 16
_SCRIPT = Script(20)


class Turns(Case):
    """Each connection is a user with a thread of its own, new for each sample."""

    name = "turns"

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds

    def figures(self) -> Sequence[Figure]:
        return [Figure(self.name, "CPU per turn", "20 deltas, stored", "ms", Target(0.1, "pattern"), "{:,.0f}/s")]

    def servers(self) -> Sequence[Contender]:
        return contenders.stores()

    async def prepare(self, server: Server) -> None:
        await self._turns(server, self._seconds / 10)

    async def sample(self, server: Server) -> dict[str, Sample]:
        work = await self._turns(server, self._seconds)
        return {self.name: work.per_unit(1e3)}

    async def _turns(self, server: Server, seconds: float) -> Work:
        users = [f"user-{number}" for number in range(_CONNECTIONS)]
        talks = [await _Talk.begin(server, user) for user in users]
        loop = asyncio.get_running_loop()
        before, started = server.cpu(), loop.time()
        parts = await asyncio.gather(*(talk.go_on(started + seconds) for talk in talks))
        replies = [reply for part in parts for reply in part]
        work = Work(len(replies), server.cpu() - before, loop.time() - started)
        for talk in talks:
            talk.connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, server.name)
        return work


class _Talk:
    """A user on a connection, in a thread."""

    def __init__(self, connection: Connection, request: bytes) -> None:
        self.connection = connection
        self._request = request

    @classmethod
    async def begin(cls, server: Server, user: str) -> "_Talk":
        connection = await connect(server.port)
        reply = await connection.ask(post(create_thread(_SCRIPT), user))
        check_stream(reply, _SCRIPT, server.name)
        return cls(connection, post(add_message(thread_id(reply, server.name), _SCRIPT), user))

    async def go_on(self, until: float) -> list[Reply]:
        loop = asyncio.get_running_loop()
        replies: list[Reply] = []
        while loop.time() < until:
            replies.append(await self.connection.ask(self._request))
        return replies
