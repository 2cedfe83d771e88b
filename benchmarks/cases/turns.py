"""Turns of 20 deltas on threads that exist, one after the other on each of 16 connections: what a turn costs."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_stream, thread_id
from benchmarks.cases.base import Case, Work, repeat
from benchmarks.client import connect, post, stream
from benchmarks.contenders import Database
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.transactions import count_transactions
from benchmarks.workload import Script, add_message, create_thread

_CONNECTIONS = 16
_SCRIPT = Script(20)
_DETAIL = "20 deltas, stored"


class Turns(Case):
    """Each connection is a user with a thread of its own, new for each sample."""

    name = "turns"
    database = Database.SQLITE
    target = Target(0.1, "pattern")

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds

    def figures(self) -> Sequence[Figure]:
        detail = f"{self.database}, {_DETAIL}"
        return [Figure(self.name, "CPU per turn", detail, "ms", self.target, "{:,.0f}/s")]

    def servers(self) -> Sequence[Contender]:
        return contenders.stores(self.database)

    async def prepare(self, server: Server) -> None:
        talks = await _Talks.begin(server)
        await talks.go_on(self.seconds / 10)

    async def sample(self, server: Server) -> dict[str, Sample]:
        talks = await _Talks.begin(server)
        work = await talks.go_on(self.seconds)
        return {self.name: work.per_unit(1e3)}


class TurnsOnPostgres(Turns):
    """The same on PostgreSQL, which counts the transactions of a second row of turns. That takes 20 s for each server.

    A statement by itself is a transaction too, and so is each that a driver sends on its own.
    """

    name = f"turns{Database.POSTGRES.suffix}"
    database = Database.POSTGRES
    target = Target(0.9)
    counted = "transactions"

    def __init__(self, *, seconds: float) -> None:
        super().__init__(seconds=seconds)
        self._transactions: dict[int, Sample] = {}

    def figures(self) -> Sequence[Figure]:
        detail = f"{self.database}, {_DETAIL}"
        counted = Figure(self.counted, "transactions per turn", detail, "", Target(3.0), "{:.2f} rolled back")
        return [*super().figures(), counted]

    async def prepare(self, server: Server) -> None:
        await super().prepare(server)
        talks = await _Talks.begin(server)
        before = await count_transactions(server.place)
        work = await talks.go_on(self.seconds)
        after = await count_transactions(server.place)
        rolled_back = after.rollbacks - before.rollbacks
        self._transactions[server.port] = Sample((after.all - before.all) / work.units, rolled_back / work.units)

    async def sample(self, server: Server) -> dict[str, Sample]:
        return {**await super().sample(server), self.counted: self._transactions[server.port]}


class _Talks:
    """16 users, each in a thread of its own, which is there from the start."""

    def __init__(self, server: Server, requests: list[bytes]) -> None:
        self._server = server
        self._requests = requests

    @classmethod
    async def begin(cls, server: Server) -> "_Talks":
        return cls(server, [await _begin(server, f"user-{number}") for number in range(_CONNECTIONS)])

    async def go_on(self, seconds: float) -> Work:
        """Turn after turn, for so many seconds, each user on a connection."""
        connections = [await connect(self._server.port) for _ in self._requests]
        loop = asyncio.get_running_loop()
        before, started = self._server.cpu(), loop.time()
        talks = [repeat(*talk, started + seconds) for talk in zip(connections, self._requests, strict=True)]
        replies = [reply for talk in await asyncio.gather(*talks) for reply in talk]
        work = Work(len(replies), self._server.cpu() - before, loop.time() - started)
        for connection in connections:
            connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, self._server.name)
        return work


async def _begin(server: Server, user: str) -> bytes:
    """Create a thread; the request that adds another turn to it."""
    reply = await stream(server.port, post(create_thread(_SCRIPT), user))
    check_stream(reply, _SCRIPT, server.name)
    return post(add_message(thread_id(reply, server.name), _SCRIPT), user)
