"""Readers that read nothing of a long reply: what each of them makes a server hold."""

import asyncio
import socket
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import WrongAnswer, thread_id
from benchmarks.cases.base import Case
from benchmarks.client import connect, post
from benchmarks.figures import OURS, Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Pace, Script, create_thread, operation, words

_USER = "reader"
_RECEIVE_BUFFER = 4096
_SETTLE_SECONDS = 1.0
_PATIENCE = 120


class Stalled(Case):
    """Each sample is a new process. Ours follows one run with all its readers, so that its log is not counted.

    It merges no deltas, so that the frames are more than the system takes from whoever sends them. The others have no
    such readers: each has a reply of its own, which goes no further than its reader lets it.
    """

    name = "stalled"
    fresh = True

    def __init__(self, *, readers: int, count: int, rehearsed: bool = True) -> None:
        self._readers = readers
        self._script = Script(count, Pace.HOLD)
        self.rehearsed = rehearsed

    def figures(self) -> Sequence[Figure]:
        size = sum(map(len, words(self._script.count))) / 1e6
        detail = f"{self._readers} that read nothing of {size:.1f} MB"
        return [Figure(self.name, "memory per stalled reader", detail, "KiB", Target(256.0))]

    def servers(self) -> Sequence[Contender]:
        _, *others = contenders.function_agents()
        return [contenders.unmerged(), *others]

    async def sample(self, server: Server) -> dict[str, Sample]:
        request = post(create_thread(self._script), _USER)
        source = await connect(server.port)
        if server.name == OURS:
            reply = source.start(request)
            last = words(self._script.count)[-1].encode()
            for _ in range(_PATIENCE):
                if last in b"".join(reply.raw[-3:]):
                    break
                await asyncio.sleep(_SETTLE_SECONDS / 10)
            request = post(operation("runs.attach", thread_id=thread_id(reply, server.name)), _USER)
        warm = await self._open(server, request, self._readers)  # they take what was free
        before = server.resident()
        stalled = await self._open(server, request, self._readers)
        held = server.resident() - before
        for reader in [*warm, *stalled]:
            if not reader.recv(64).startswith(b"HTTP/1.1 200"):
                raise WrongAnswer(f"{server.name}: a stalled reader was not sent a stream")
            reader.close()
        source.close()
        return {self.name: Sample(held * 1024 / self._readers)}

    async def _open(self, server: Server, request: bytes, readers: int) -> list[socket.socket]:
        """So many readers that have asked and read nothing, each with all that it can be sent on its way."""
        opened = [_reader(server.port) for _ in range(readers)]
        for reader in opened:
            reader.sendall(request)
        await asyncio.sleep(_SETTLE_SECONDS + readers / 20)
        return opened


def _reader(port: int) -> socket.socket:
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    reader.connect(("127.0.0.1", port))
    return reader
