"""The event log in this process's memory: for one process, gone with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from ..errors import RunNotFound
from ..events import EventType, LoggedEvent, Offset


class MemoryRunLog:
    """One run's events in a list; a reader is an index into it, so a slow one costs nothing more."""

    __slots__ = ("_attempt", "_waiting", "ended", "events")

    def __init__(self, attempt: int) -> None:
        self._attempt = attempt
        self._waiting: set[asyncio.Future[None]] = set()
        self.events: list[LoggedEvent] = []
        self.ended = False

    def append(self, kind: EventType, data: bytes) -> Offset:
        """Add an event and wake the readers."""
        if self.ended:
            raise RuntimeError("the run's log has ended")
        offset = Offset(self._attempt, len(self.events) + 1)
        self.events.append(LoggedEvent(offset, kind, data))
        self.ended = kind == "run.ended"
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        return offset

    async def changed(self, waiter: asyncio.Future[None], seconds: float) -> None:
        """Wait for an append, for somebody to set the waiter, or for ``seconds`` to pass."""
        self._waiting.add(waiter)
        timer = waiter.get_loop().call_later(seconds, _set, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiting.discard(waiter)


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class MemoryReader:
    """Replays from an index, then follows."""

    __slots__ = ("_closed", "_heartbeat", "_log", "_next", "_waiter")

    def __init__(self, log: MemoryRunLog, start: int, heartbeat: float) -> None:
        self._log = log
        self._next = start
        self._heartbeat = heartbeat
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        return self

    async def __anext__(self) -> Sequence[LoggedEvent]:
        log = self._log
        if self._next >= len(log.events) and not log.ended and not self._closed:
            self._waiter = asyncio.get_running_loop().create_future()
            await log.changed(self._waiter, self._heartbeat)
        batch = log.events[self._next :]
        if self._closed or (log.ended and not batch):
            raise StopAsyncIteration
        self._next += len(batch)
        return batch

    def close(self) -> None:
        """Stop, also while waiting."""
        self._closed = True
        if self._waiter is not None:
            _set(self._waiter)


class MemoryEventLog:
    """Logs by run id."""

    def __init__(self) -> None:
        self._runs: dict[str, MemoryRunLog] = {}

    def open(self, run_id: str, attempt: int) -> MemoryRunLog:
        """Begin the log of an attempt."""
        log = self._runs[run_id] = MemoryRunLog(attempt)
        return log

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> MemoryReader:
        """A reader of the run's events after ``after``."""
        log = self._runs.get(run_id)
        if log is None:
            raise RunNotFound
        return MemoryReader(log, after.seq if after else 0, heartbeat)

    def drop(self, run_id: str) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)
