"""How a reader waits: for what comes next, or until it has been quiet for a heartbeat."""

from __future__ import annotations

import asyncio


class Waiting:
    """One who waits, many times. One timer a heartbeat long serves all the waits."""

    __slots__ = ("_closed", "_heartbeat", "_loop", "_quiet_since", "_timer", "_waiter")

    def __init__(self, heartbeat: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._heartbeat = heartbeat
        self._quiet_since = self._loop.time()
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def wake(self) -> None:
        """End the wait, if there is one."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Stop, also while waiting; may be called from anywhere on the event loop, any number of times."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.wake()

    def _woken(self) -> asyncio.Future[None]:
        """To be awaited: done on :meth:`wake`, or after a heartbeat since ``_quiet_since``."""
        self._timer = self._timer or self._loop.call_later(self._heartbeat, self._beat)
        self._waiter = self._loop.create_future()
        return self._waiter

    def _beat(self) -> None:
        """Wake the reader if it has been quiet for a whole heartbeat; look again when it next may have been."""
        quiet = self._loop.time() - self._quiet_since
        if quiet >= self._heartbeat:
            quiet = 0.0
            self.wake()
        self._timer = self._loop.call_later(self._heartbeat - quiet, self._beat)
