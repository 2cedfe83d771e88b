"""What a turn has to say, in order: filled by the model's stream and by tools, emptied by the run."""

from __future__ import annotations

import asyncio
from collections import deque

from ...events import AgentEvent


class Outbox:
    """A queue with one reader, without a task or a lock per event; used on one event loop.

    The reader takes ``events`` from the left until there are none, then waits with :meth:`ready`.
    """

    __slots__ = ("_waiter", "closed", "events")

    def __init__(self) -> None:
        self.events: deque[AgentEvent] = deque()
        self.closed = False
        self._waiter: asyncio.Future[None] | None = None

    def put(self, event: AgentEvent) -> None:
        """Append; ignored once closed, for a tool that outlives its run."""
        if self.closed:
            return
        self.events.append(event)
        if self._waiter is not None:
            self._wake(self._waiter)

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        if self._waiter is not None:
            self._wake(self._waiter)

    async def ready(self) -> bool:
        """Wait until there are events; ``False`` when there will be none."""
        if not self.events and not self.closed:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return bool(self.events)

    def _wake(self, waiter: asyncio.Future[None]) -> None:
        self._waiter = None
        if not waiter.done():  # its reader may have been cancelled
            waiter.set_result(None)
