"""A limit on silence that costs nothing per event: no timer is moved while there is something to read."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self


class Stalled(TimeoutError):
    """Nothing came for ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no event for {seconds:g} s")
        self.seconds = seconds


class Watch:
    """Raises :class:`Stalled` in the ``with`` block when ``seen`` (the loop's time) was not set for ``seconds``.

    Like :func:`asyncio.timeout`, it cancels the task that entered the block, and turns that into the error.
    """

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._expired = False
        self.seen = 0.0

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._resume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()
        if not self._expired or self._task is None:
            return
        if self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise Stalled(self._seconds) from None

    @contextmanager
    def paused(self) -> Generator[None]:
        """Silence in here is not the other side's."""
        self._stop()
        try:
            yield
        finally:
            self._resume()

    def _resume(self) -> None:
        self.seen = self._loop.time()
        self._timer = self._loop.call_later(self._seconds, self._check)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        quiet = self._loop.time() - self.seen
        if quiet < self._seconds:
            self._timer = self._loop.call_later(self._seconds - quiet, self._check)
        elif self._task is not None:
            self._expired = True
            self._task.cancel()
