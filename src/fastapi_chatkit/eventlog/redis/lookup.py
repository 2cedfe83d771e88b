"""Looking into a stream that is not followed, or not yet."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import ConnectionError

from ...events import Offset
from .connection import Connections, Word
from .packing import Entry, unpack

AT_ONCE = 4
"""How many look at the same time: some connections are left for what is written, however many come."""


class Lookup:
    """Asks Redis, each question by itself.

    Its errors are redis-py's; and :class:`Unreadable`, where an entry is none of ours.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def after(self, key: str, at: Offset | None, count: int) -> list[Any]:
        """At most ``count`` entries after an offset (``None``: from the first one), as they are: ids and fields."""
        return await self._ask(key, "XRANGE", key, f"({at}" if at else "-", "+", "COUNT", count)

    async def last(self, key: str) -> Entry | None:
        """The last entry."""
        found = await self._ask(key, "XREVRANGE", key, "+", "-", "COUNT", 1)
        return unpack(*found[0]) if found else None

    async def _ask(self, key: str, *words: Word) -> Any:
        async with self._turns:
            try:
                return await self._connections.ask(key, *words)
            except ConnectionError:  # perhaps one that was lost while it was idle
                return await self._connections.ask(key, *words)
