"""Work that belongs to nobody who waits for it: it goes on when they are cancelled, and ends with the application."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from .failures import Unreachable

T = TypeVar("T")


class Tasks:
    """A task that is spawned has the context of its moment, the current caller included."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start it. Whoever is interested in how it ends joins it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def join(self, task: asyncio.Task[T]) -> T:
        """How a task ends. Cancelling who waits leaves it running.

        :raises Unreachable: it was ended with the application.
        """
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if task.cancelled() and waiting is not None and not waiting.cancelling():
                raise Unreachable(begun=False) from None
            raise

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # read, for where those who waited have gone: asyncio would report it as lost
