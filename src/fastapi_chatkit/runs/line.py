"""A run's place in its thread's line: it starts when the database says that nothing comes before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ..agents.base import Turn
from ..errors import Overloaded
from ..rows import ThreadRow
from ..store.base import Admitted

LOOK_SECONDS = 1.0
"""How often the database is asked without being told to: the run before may have ended in another process."""


class Place:
    """``start`` makes the run the active one and answers, or ``None`` while others come before it. ``turn_of`` is the
    turn for the agent, from the thread as it is then. ``listen`` is told what to call when a run of the thread has
    ended in any process, and answers what ends that.
    """

    def __init__(
        self,
        start: Callable[[], Awaitable[Admitted | None]],
        turn_of: Callable[[Admitted], Turn],
        listen: Callable[[Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._start = start
        self._turn_of = turn_of
        self._listen = listen
        self._awake = asyncio.Event()
        self._left = False

    async def turn(self) -> tuple[Turn, ThreadRow] | None:
        """The turn and the thread, when it has come; ``None`` when the place was left before."""
        stop_listening = self._listen(self.wake)
        try:
            return await self._wait()
        finally:
            stop_listening()

    async def _wait(self) -> tuple[Turn, ThreadRow] | None:
        while not self._left:
            self._awake.clear()
            with suppress(Overloaded):
                admitted = await self._start()
                if admitted is not None:
                    return self._turn_of(admitted), admitted.thread
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._awake.wait()
        return None

    def wake(self) -> None:
        """The run before may have ended."""
        self._awake.set()

    def leave(self) -> None:
        """Wait no more."""
        self._left = True
        self._awake.set()
