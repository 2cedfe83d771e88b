"""A network that fails: a TCP proxy that resets connections after as many bytes as a test says."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit


class Target(Protocol):
    """A server, by where it is on this machine."""

    @property
    def url(self) -> str:
        """With its port."""
        ...


class Cutting:
    """Passes bytes on between clients and ``server``, which may be replaced by another.

    Each connection takes the next of ``cuts``: after so many bytes of the server's it is reset, on both sides. None,
    and what comes after the last: never. ``cut`` counts the resets. While ``away``, every connection is reset at once.
    """

    def __init__(self, server: Target, cuts: Iterable[int | None] = ()) -> None:
        self.server = server
        self.away = False
        self.cut = 0
        self.port = 0
        self._cuts = iter(cuts)
        self._connections: set[asyncio.Task[None]] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        ends = [writer]
        try:
            if self.away:
                return
            upstream, request = await asyncio.open_connection("127.0.0.1", urlsplit(self.server.url).port)
            ends.append(request)
            await self._pass(reader, request, upstream, writer)
        except (OSError, asyncio.CancelledError):
            pass  # one side has gone, and so does the other; or the test is over
        finally:
            for end in ends:
                _reset(end)
            self._connections.discard(task)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        request: asyncio.StreamWriter,
        upstream: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        sending = asyncio.create_task(_pump(reader, request, None))
        try:
            self.cut += not await _pump(upstream, writer, next(self._cuts, None))
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    @property
    def url(self) -> str:
        """The endpoint of a chat server behind it."""
        return f"http://127.0.0.1:{self.port}/chatkit"

    async def close(self) -> None:
        """End what is under way."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # a transport closes its socket a moment after it is told to


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, limit: int | None) -> bool:
    """Pass on until the source ends; False where the limit came first."""
    passed = 0
    while chunk := await source.read(65_536):
        whole = limit is None or passed + len(chunk) <= limit
        target.write(chunk if whole else chunk[: (limit or 0) - passed])
        await target.drain()
        if not whole:
            return False
        passed += len(chunk)
    return True


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a failing network does. What was written before has been handed to the kernel."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def cutting(server: Target, cuts: Iterable[int | None] = ()) -> AsyncGenerator[Cutting]:
    """The proxy in front of ``server``, on a loopback port of its own."""
    proxy = Cutting(server, cuts)
    listener = await asyncio.start_server(proxy.connected, "127.0.0.1", 0)
    proxy.port = listener.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listener.close()
        await proxy.close()
