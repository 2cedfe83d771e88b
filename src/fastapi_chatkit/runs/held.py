"""A finished item that waits a moment for company: the last item of a run is stored in the transaction of its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from ..events import EventType
from ..rows import ItemRow

Publish = Callable[[EventType, ItemRow], Awaitable[None]]
"""Stores an item, then logs the event that carries it."""


class Finished(NamedTuple):
    """An item and the event that is to carry it."""

    kind: EventType
    row: ItemRow


class Held:
    """Holds one finished item for at most ``window`` seconds, until anything else happens in the run, or to its end."""

    def __init__(self, window: float, publish: Publish) -> None:
        self._loop = asyncio.get_running_loop()
        self._window = window
        self._publish = publish
        self._timer: asyncio.TimerHandle | None = None
        self._publishing: asyncio.Task[None] | None = None
        self.item: Finished | None = None

    @property
    def busy(self) -> bool:
        """Whether :meth:`release` has something to do."""
        return self.item is not None or self._publishing is not None

    def hold(self, item: Finished) -> None:
        """Take an item; the one before must have been released."""
        self.item = item
        self._timer = self._loop.call_later(self._window, self._start_publishing)

    async def release(self) -> None:
        """Publish what is held, and wait for it."""
        self._stop_timer()
        if self._publishing is None and self.item is not None:
            await self._publish_now()
        elif self._publishing is not None:
            try:
                await self._publishing
            finally:
                self._publishing = None

    async def take(self) -> Finished | None:
        """Give up what is held, to whoever ends the run; it is not published here any more."""
        self._stop_timer()
        if self._publishing is not None:
            await asyncio.wait([self._publishing])
            self._publishing = None
        item, self.item = self.item, None
        return item

    def _start_publishing(self) -> None:
        self._publishing = self._loop.create_task(self._publish_now())

    async def _publish_now(self) -> None:
        """Publish; an item whose publication failed or was cancelled is still held, for the run's end."""
        if self.item is not None:
            await self._publish(*self.item)
            self.item = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
