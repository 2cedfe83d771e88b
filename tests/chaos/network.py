"""A network that a test can break: a TCP proxy between one process and one server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Literal

State = Literal["up", "cut", "silent"]


class Link:
    """Passes bytes on to ``port`` of this machine. Its own address is ``port`` of the answer of :meth:`listen`.

    ``cut``: every connection is reset, and every new one. ``silent``: connections stay open and nothing passes, as when
    a cable is pulled; a new connection is accepted and hears nothing.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self.state: State = "up"
        self._target = target
        self._pipes: set[_End] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Take connections on a free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _End(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset all, and refuse more."""
        self.state = "cut"
        self._reset_all()

    def silence(self) -> None:
        """Let nothing through, and keep everything open."""
        self.state = "silent"
        for pipe in self._pipes:
            pipe.hold()

    def heal(self, *, reset: bool = False) -> None:
        """Let everything through; with ``reset`` what was held back is lost with its connections."""
        self.state = "up"
        if reset:
            self._reset_all()
        for pipe in list(self._pipes):
            pipe.go_on()

    async def close(self) -> None:
        """Take no more, and end what there is."""
        if self._server is not None:
            self._server.close()
        self._reset_all()
        await asyncio.sleep(0)  # a transport closes its socket a moment after it is told to

    def add(self, pipe: _End) -> None:
        """One end of a connection is there."""
        self._pipes.add(pipe)
        if self.state == "cut":
            pipe.reset()
        elif self.state == "silent":
            pipe.hold()
        else:
            pipe.go_on()

    def forget(self, pipe: _End) -> None:
        """It is gone."""
        self._pipes.discard(pipe)

    def connect(self, pipe: _End) -> asyncio.Task[None]:
        """Make the other half of a connection that a client has made."""
        return asyncio.create_task(self._connect(pipe))

    async def _connect(self, pipe: _End) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _End(self, pipe), "127.0.0.1", self._target)
        except OSError:
            pipe.reset()

    def _reset_all(self) -> None:
        for pipe in list(self._pipes):
            pipe.reset()


class _End(asyncio.Protocol):
    """One end of a connection through a link: the client's, or with ``other`` the one to the server."""

    def __init__(self, link: Link, other: _End | None = None) -> None:
        self._link = link
        self.other = other
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.other is None:
            transport.pause_reading()
        else:
            self.other.other = self
        self._link.add(self)
        if self.other is not None and self._link.state == "up":
            self.other.go_on()

    def data_received(self, data: bytes) -> None:
        if self.other is not None and self.other._transport is not None:
            self.other._transport.write(data)

    def eof_received(self) -> bool:
        return False  # closes: what was written before is still sent

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.forget(self)
        other = self.other
        if other is not None and other._transport is not None:
            if exc is None:
                other._transport.close()
            else:
                other.reset()
        elif self._connecting is not None:
            self._connecting.cancel()

    def pause_writing(self) -> None:
        self._full = True
        if self.other is not None:
            self.other.hold()

    def resume_writing(self) -> None:
        self._full = False
        if self.other is not None and self._link.state == "up":
            self.other.go_on()

    def hold(self) -> None:
        """Read nothing."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # it is paused, or closes
                self._transport.pause_reading()

    def go_on(self) -> None:
        """Read, if there is somewhere to pass it on to and that is not full; else see to it that there is."""
        if self.other is None:
            self._connecting = self._connecting or self._link.connect(self)
        elif self._transport is not None and not self.other._full:
            with contextlib.suppress(RuntimeError):
                self._transport.resume_reading()

    def reset(self) -> None:
        """End the connection as a failing network does."""
        if self._transport is None:
            return
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
