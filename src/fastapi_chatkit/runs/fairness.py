"""A run's share of the event loop: an agent that never awaits must not keep it from the others."""

from __future__ import annotations

import asyncio


class TimeSlice:
    """Measures how long a task has run since it last gave way, by itself or by awaiting anything that waits."""

    __slots__ = ("_clock", "_end", "_gave_way", "_loop", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self._seconds = seconds
        self.begin()

    def begin(self) -> None:
        """A new slice starts now."""
        self._end = self._clock() + self._seconds
        self._gave_way = False
        self._loop.call_soon(self._mark)

    def is_over(self) -> bool:
        """Whether the task should let others run, and then :meth:`begin` anew."""
        if self._clock() < self._end:
            return False
        if self._gave_way:
            self.begin()
            return False
        return True

    def _mark(self) -> None:
        """Called by the loop, so the task is not running: it gave way."""
        self._gave_way = True
