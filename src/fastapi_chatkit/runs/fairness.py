"""A run's share of the event loop: an agent that never awaits must not keep it from the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator
from typing import Any

from ..events import AgentEvent


class TimeSlice:
    """An agent's stream, and how long it has held the loop since it last waited for anything.

    Whether it waits is seen from within its task: a callback that sees it from the loop costs a slow stream a sixth of
    each token. A stream that is no generator is not seen waiting: it lets others run all the more often.
    """

    __slots__ = ("_clock", "_end", "_seconds", "_stream", "_waited")

    def __init__(self, stream: AsyncIterator[AgentEvent], seconds: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._stream = stream
        self._seconds = seconds
        self._waited = False
        self.begin()

    def begin(self) -> None:
        """A new slice starts now."""
        self._end = self._clock() + self._seconds

    def is_over(self) -> bool:
        """Whether the task should let others run, and then :meth:`begin` anew."""
        if self._waited:
            self._waited = False
            self.begin()
            return False
        return self._clock() >= self._end

    def __aiter__(self) -> AsyncIterator[AgentEvent]:
        return self if isinstance(self._stream, AsyncGenerator) else self._stream

    def __anext__(self) -> Awaitable[AgentEvent]:
        return self

    def __await__(self) -> Generator[Any, Any, AgentEvent]:
        """Wait for the next event; as ``yield from`` would, but that whatever is waited for is seen."""
        step = self._stream.__anext__().__await__()
        try:
            waits_for = step.send(None)
            self._waited = True
            while True:
                try:
                    sent = yield waits_for
                except GeneratorExit:
                    step.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - whatever is thrown is the stream's to handle
                    waits_for = step.throw(error)
                else:
                    waits_for = step.send(sent)
        except StopIteration as stop:
            return stop.value
