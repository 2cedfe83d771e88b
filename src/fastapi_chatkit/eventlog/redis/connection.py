"""From a URL to connections, alike for one server and for a cluster.

Nothing here repeats a command that may have been carried out. redis-py's clients would, up to ten times by default, and
for most programs that is right. Here it would hide what the log must see: that a write may have arrived already (its
second attempt is refused like one after another writer's), that a reader was away and has to look for what it missed,
and that nothing has been heard of Redis for as long as ten timeouts take. Who sends decides what to do next, at once.

Replies are as Redis sends them, in bytes. RESP 2 is spoken: a server that is too old speaks it too, and can be told.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from .address import Address, address_of
from .base import Connections
from .cluster import ClusterConnections
from .line import Command, Line, connection_to
from .pool import Pool


class ServerConnections(Connections):
    """The ways to one server."""

    clustered = False

    def __init__(self, address: Address) -> None:
        self.shown = address.shown
        self._address = address
        self._place = address.hosts[0] if address.hosts else None
        self._pool = Pool(address, self._place)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """As in :class:`Connections`."""
        return await self._pool.send(commands)

    def place(self, key: str) -> Hashable:
        """As in :class:`Connections`."""
        return self._place

    def line(self, key: str | None, seconds: float) -> Line:
        """As in :class:`Connections`."""

        async def find() -> AbstractConnection:
            return connection_to(self._address, self._place)

        return Line(find, _nothing, seconds)

    async def close(self) -> None:
        """As in :class:`Connections`."""
        await self._pool.close()


async def _nothing(error: RedisError) -> None:
    """There is nowhere else to go."""


def connections_to(url: str) -> Connections:
    """The ways to what a URL names. Connects to nothing yet.

    :raises LogUnavailable: it names no Redis; the message holds no password.
    """
    address = address_of(url)
    return ClusterConnections(address) if address.clustered else ServerConnections(address)
