"""The doorbell in Redis: pub/sub, on a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .base import Connections
from .ending import end
from .health import Health
from .keys import channel
from .letters import Letter, Ring
from .steady import Steady

PING_SECONDS = 2.0
"""How often something is said on the connection, at least."""

SILENCE_SECONDS = 2 * PING_SECONDS
"""How long nothing may be heard, before it is taken for dead."""

NOBODY = channel("").encode()
"""A channel that nobody rings: a connection that listens to something is told apart from one that does not."""

PART = "listening"


class RedisDoorbell:
    """Rings by PUBLISH. Who listens is called also when the name begins to be heard, first or again: it may have
    been rung before.
    """

    def __init__(self, connections: Connections, health: Health, post: Callable[[Letter], None]) -> None:
        self._line = connections.line(None, SILENCE_SECONDS)
        self._health = health
        self.listening = Steady(self._listen, self._line.close, health, PART)
        self._post = post
        self._calls: dict[bytes, dict[object, Callable[[], None]]] = {}
        self._changes = asyncio.Event()

    def ring(self, name: str) -> None:
        """With the next round of what is written."""
        self._post(Ring(name))

    def listen(self, name: str, call: Callable[[], None]) -> Callable[[], None]:
        """Call whenever the name is rung, or may have been."""
        key, this = channel(name).encode(), object()
        self._calls.setdefault(key, {})[this] = call
        self._changes.set()

        def stop() -> None:
            calls = self._calls.get(key, {})
            if calls.pop(this, None) and not calls:
                del self._calls[key]
                self._changes.set()

        return stop

    async def _listen(self) -> None:
        await self._line.send("SUBSCRIBE", NOBODY)
        await self._both(self._say(), self._hear())

    async def _both(self, *parts: Coroutine[Any, Any, None]) -> None:
        """Until one of them raises."""
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            await end(tasks)
            await asyncio.gather(*tasks, return_exceptions=True)  # of two that failed at once, one is enough

    async def _say(self) -> None:
        """Ask for the names that somebody listens to."""
        asked: set[bytes] = set()
        while True:
            self._changes.clear()
            wanted = set(self._calls)
            for command, names in ("SUBSCRIBE", wanted - asked), ("UNSUBSCRIBE", asked - wanted):
                if names:
                    await self._line.send(command, *names)
            asked = wanted
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._changes.wait()
            except TimeoutError:
                await self._line.send("PING")

    async def _hear(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            kind, name, *_ = await self._line.receive()
            self._health.works(PART)
            if kind in (b"message", b"subscribe"):
                for call in self._calls.get(name, {}).values():
                    loop.call_soon(call)
