"""An event loop whose clock nearly stands while there is work, and jumps to the next timer when there is none."""

import asyncio
import selectors
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TURN_SECONDS = 1e-6
"""What a turn of the loop takes. Not nothing: a timer that is set anew for the rest of its time must come to an end."""


class _Selector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """What is ready, at once; where nothing is, the time has passed. Only without a timer it really waits."""
        self.now += TURN_SECONDS
        ready = super().select(timeout if timeout is None else 0)
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


@contextmanager
def virtual_time() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that sleeps for hours in no time, and for the same schedule does the same in the same order."""
    loop = _Loop()
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
