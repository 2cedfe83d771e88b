"""Which Redis this is: a URL does not tell, for one has many names and many databases."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from secrets import token_hex

from redis.exceptions import NoPermissionError, RedisError

from .base import Connections
from .health import Health
from .keys import LOG_KEY
from .line import Command

LOOK_SECONDS = 10.0
"""How often it is looked at: a Redis that was flushed is another one, and so may be one that a name leads to later."""

NAMING = "looking which log it is"


class Identity:
    """A random id, kept in Redis by whichever process comes first. ``value`` is "" until it is known."""

    def __init__(self, connections: Connections, health: Health) -> None:
        self._connections = connections
        self._health = health
        self.value = ""

    async def keep(self) -> None:
        """Read it, over and over, and at once when Redis can be used again. :raises RedisError: it cannot be read."""
        while True:
            self._health.recovered.clear()
            self.value = await self._read()
            self._health.works(NAMING)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._health.recovered.wait()

    async def _read(self) -> str:
        """What is there, once we have made sure that something is; "" where Redis takes no writes now."""
        commands = ("SET", LOG_KEY, token_hex(16), "NX"), ("GET", LOG_KEY)
        made, found = await self._connections.send([Command(LOG_KEY, words) for words in commands])
        if isinstance(found, RedisError):
            raise found
        if isinstance(made, NoPermissionError):
            raise made
        return found.decode(errors="replace") if found else ""
