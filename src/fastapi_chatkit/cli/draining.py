"""Uvicorn that lets answers under way finish when it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import click
import uvicorn

from ..chatkit import ChatKit

logger = logging.getLogger(__name__)

STOPS = (signal.SIGINT, signal.SIGTERM)


class DrainingServer(uvicorn.Server):
    """Uvicorn that lets answers under way finish before it closes their connections.

    ``on_start`` is called when it serves. What it raises as ``UsageError`` ends it, and is ``refusal`` then.
    """

    def __init__(
        self, config: uvicorn.Config, chats: list[ChatKit], drain_seconds: float, on_start: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._chats = chats
        self._drain_seconds = drain_seconds
        self._on_start = on_start
        self.refusal: click.UsageError | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so. Then take what is loaded out of garbage collection: it stays, and looking at it costs a
        quarter of the time in which 1,000 streams open.
        """
        await super().startup(sockets)
        if self.started:
            try:
                self._on_start()
            except click.UsageError as refusal:
                self.refusal = refusal
                self.should_exit = True
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; after a second Ctrl-C, the next signal ends the process, even if nothing here has a turn any more."""
        super().handle_exit(sig, frame)
        if self.force_exit:
            end_at_once_at_the_next_signal()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more runs, wait, interrupt the rest, then close. A second Ctrl-C ends the waiting.

        Where other processes can serve who comes back, connections are refused from the beginning. Where there is one
        process, they are not: a client that comes back finds its answer nowhere else.
        """
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._drain_seconds
        if running := self._active_runs():
            logger.info(
                "waiting up to %g s for %d answers to finish; Ctrl-C again to stop now", self._drain_seconds, running
            )
        if self._chats and all(chat.settings.redis_url and not chat.is_alone for chat in self._chats):
            await self._hand_over(sockets or [], deadline)
        for chat in self._chats:
            chat.drain()
        while self._active_runs() and not self.force_exit and clock() < deadline:  # noqa: ASYNC110 - a signal sets force_exit
            await asyncio.sleep(0.1)
        for chat in self._chats:
            await chat.interrupt()
        await super().shutdown(sockets)
        if self.force_exit:  # uvicorn leaves it out then, and the end of the loop would cut the lifespan off
            await self.lifespan.shutdown()

    async def _hand_over(self, sockets: list[socket.socket], deadline: float) -> None:
        """Have proxies go on to other processes, and refuse no message meanwhile.

        A POST whose connection is refused goes to the next process. One that was sent must not be sent again: what is
        connected is served once more, and told then that the connection closes. To close it without having said so
        would lose what is on its way. Uvicorn closes those on which nothing comes for ``timeout_keep_alive``, which is
        longer than a proxy keeps them.
        """
        loop, state = asyncio.get_running_loop(), self.server_state
        arrived = [connection for listener in sockets for connection in _arrived_at(listener)]
        for server in self.servers:
            server.close()
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        for connection in arrived:
            await loop.connect_accepted_socket(self._protocol, connection)
        untold = [(connection, _request_of(connection)) for connection in state.connections]
        deadline = min(deadline, loop.time() + self.config.timeout_keep_alive)
        while not self.force_exit and loop.time() < deadline:
            untold = [(one, last) for one, last in untold if one in state.connections and _request_of(one) is last]
            if not untold:
                return
            await asyncio.sleep(0.05)
        for connection, last in untold:
            if last is not None and not last.response_complete:
                connection.shutdown()  # when it has answered

    def _protocol(self) -> asyncio.Protocol:
        """What uvicorn gives to a new connection."""
        make = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    def _active_runs(self) -> int:
        return sum(chat.active_runs for chat in self._chats)


def _arrived_at(listener: socket.socket) -> list[socket.socket]:
    """The connections that the system has made and nobody has taken: they would be reset."""
    arrived: list[socket.socket] = []
    listener.setblocking(False)
    with contextlib.suppress(OSError):  # there are no more, or no more can be held
        while True:
            arrived.append(listener.accept()[0])
    return arrived


def _request_of(connection: object) -> Any:
    """The last that came on it, as uvicorn keeps it."""
    return getattr(connection, "cycle", None)


def end_at_once_at_the_next_signal() -> None:
    """By what signals do by themselves: a handler would have to wait for what blocks the process."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_DFL)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Whether to log it: requests that the stop cuts off are no failure of the application's."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
