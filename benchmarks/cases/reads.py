"""The reads of a chat page: 20 threads, the 20 newest items of a thread, a thread with its first 20 items."""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import WrongAnswer, check_items, check_page, check_stream, thread_id
from benchmarks.cases.base import Case, Work
from benchmarks.client import Connection, Reply, connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, add_message, create_thread, operation

_CONNECTIONS = 16
_THREADS = 40
_TURNS = 20
_SCRIPT = Script(60)
_USER = "reader"
_KINDS = ("threads.list", "items.list", "threads.get_by_id")


class Reads(Case):
    """One read is repeated on 16 keep-alive connections; nothing writes, so that every answer must equal the first."""

    name = "reads"

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._threads: dict[int, str] = {}

    def figures(self) -> Sequence[Figure]:
        target, detail = Target(0.1, "pattern"), f"pages of 20, {_CONNECTIONS} connections"
        return [Figure(kind, f"CPU per {kind}", detail, "ms", target, "{:,.0f}/s") for kind in _KINDS]

    def servers(self) -> Sequence[Contender]:
        return contenders.stores()

    async def prepare(self, server: Server) -> None:
        connection = await connect(server.port)
        replies = [await connection.ask(post(create_thread(_SCRIPT), _USER)) for _ in range(_THREADS)]
        self._threads[server.port] = thread = thread_id(replies[-1], server.name)
        replies += [await connection.ask(post(add_message(thread, _SCRIPT), _USER)) for _ in range(_TURNS)]
        connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, server.name)
        for kind in _KINDS:
            await self._read(server, kind, self._seconds / 10)

    async def sample(self, server: Server) -> dict[str, Sample]:
        samples: dict[str, Sample] = {}
        for kind in _KINDS:
            work = await self._read(server, kind, self._seconds)
            samples[kind] = work.per_unit(1e3)
        return samples

    async def _read(self, server: Server, kind: str, seconds: float) -> Work:
        request = post(self._body(server, kind), _USER)
        connections = [await connect(server.port) for _ in range(_CONNECTIONS)]
        first = await connections[0].ask(request)
        check_page(first, server.name)
        if kind != "threads.list":
            check_items(first, _SCRIPT, server.name)
        loop = asyncio.get_running_loop()
        before, started = server.cpu(), loop.time()
        readers = [_repeat(connection, request, started + seconds) for connection in connections]
        replies = [reply for part in await asyncio.gather(*readers) for reply in part]
        work = Work(len(replies), server.cpu() - before, loop.time() - started)
        for connection in connections:
            connection.close()
        if any(reply.raw != first.raw and reply.body != first.body for reply in replies):
            raise WrongAnswer(f"{server.name}: two answers to one `{kind}` differ")
        return work

    def _body(self, server: Server, kind: str) -> bytes:
        if kind == "threads.list":
            return operation(kind, limit=20, order="desc")
        thread = self._threads[server.port]
        if kind == "items.list":
            return operation(kind, thread_id=thread, limit=20, order="desc")
        return operation(kind, thread_id=thread)


async def _repeat(connection: Connection, request: bytes, until: float) -> list[Reply]:
    loop = asyncio.get_running_loop()
    replies: list[Reply] = []
    while loop.time() < until:
        replies.append(await connection.ask(request))
    return replies
