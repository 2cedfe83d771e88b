"""Looking into a stream that is not followed, or not yet.

A Redis that hangs keeps nobody waiting: a look may take a second, and where one takes longer, all who wait for a turn
are told at once. From then on one looks at a time, and finds out when it answers again; whoever else comes is told at
once too. While it answers, one who comes with many others waits for them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import ConnectionError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from ...events import Offset
from .base import Connections
from .line import Word
from .packing import Entry, unpack

AT_ONCE = 4
"""How many look into one node at the same time: some connections are left for what is written, however many come."""

LOOK_SECONDS = 1.0
"""How long a look may take, with all its questions."""

WAIT_SECONDS = 5.0
"""How long a turn is waited for, of a Redis that answers."""


class Turns:
    """Who may look into one node now."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._is_silent = False
        """Whether the last look had no answer."""
        self._is_tried = False
        """Whether somebody finds out if that is still so."""

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[None]:
        """A turn, for as long as a look may take. :raises RedisError: there is none, or the look took longer."""
        if self._is_silent and self._is_tried:
            raise RedisTimeoutError("it has not answered, and somebody is trying")
        is_trial = self._is_tried = self._is_silent
        has_turn = False
        try:
            async with asyncio.timeout(WAIT_SECONDS) as deadline, self._free:
                if self._is_silent and not is_trial:
                    raise RedisTimeoutError("it has not answered those before")
                has_turn = True
                deadline.reschedule(asyncio.get_running_loop().time() + LOOK_SECONDS)
                yield
                self._is_silent = False
        except ResponseError:
            self._is_silent = False
            raise
        except (TimeoutError, RedisError) as error:
            self._is_silent = self._is_silent or has_turn
            raise RedisTimeoutError("no answer in time") from error
        finally:
            if is_trial:
                self._is_tried = False


class Lookup:
    """Asks Redis, each question by itself, in a turn.

    Its errors are redis-py's; and :class:`Unreadable`, where an entry is none of ours.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._turns: defaultdict[Hashable, Turns] = defaultdict(Turns)
        self._is_closed = False

    def close(self) -> None:
        """Give no turn any more."""
        self._is_closed = True

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncGenerator[None]:
        """To ask in. :raises RedisError: there is none now, or what is asked in it takes too long."""
        if self._is_closed:
            raise ConnectionError("the log is closed")
        async with self._turns[self._connections.place(key)].one():
            yield

    async def after(self, key: str, at: Offset | None, count: int) -> list[Any]:
        """At most ``count`` entries after an offset (``None``: from the first one), as they are: ids and fields."""
        return await self._ask(key, "XRANGE", key, f"({at}" if at else "-", "+", "COUNT", count)

    async def last(self, key: str) -> Entry | None:
        """The last entry."""
        found = await self._ask(key, "XREVRANGE", key, "+", "-", "COUNT", 1)
        return unpack(*found[0]) if found else None

    async def _ask(self, key: str, *words: Word) -> Any:
        try:
            return await self._connections.ask(key, *words)
        except ConnectionError:  # perhaps one that was lost while it was idle
            return await self._connections.ask(key, *words)
