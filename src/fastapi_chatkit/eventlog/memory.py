"""The event log in this process's memory: for one process, gone with it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence

from ..errors import RunNotFound
from ..events import EventType, LoggedEvent, Offset

MAX_BATCH = 512
"""How many events a reader is given at once: a long replay is sent in pieces, and others get their turn between."""


EVENT_BYTES = 200
"""What an event takes in memory besides its data."""


class MemoryRunLog:
    """One run's events in a list; a reader is an index into it, so a slow one costs nothing more."""

    __slots__ = ("_attempt", "_on_end", "ended", "events", "readers")

    def __init__(self, attempt: int, on_end: Callable[[int], None]) -> None:
        self._attempt = attempt
        self._on_end = on_end
        self.readers: set[MemoryReader] = set()
        self.events: list[LoggedEvent] = []
        self.ended = False

    def append(self, kind: EventType, data: bytes) -> Offset:
        """Add an event and wake the readers."""
        if self.ended:
            raise RuntimeError("the run's log has ended")
        offset = Offset(self._attempt, len(self.events) + 1)
        self.events.append(LoggedEvent(offset, kind, data))
        self.ended = kind == "run.ended"
        for reader in self.readers:
            reader.wake()
        if self.ended:
            self._on_end(sum(len(event.data) + EVENT_BYTES for event in self.events))
        return offset


class MemoryReader:
    """Replays from an index, then follows. One timer a heartbeat long serves all its waits."""

    __slots__ = ("_closed", "_heartbeat", "_log", "_loop", "_next", "_quiet_since", "_timer", "_waiter")

    def __init__(self, log: MemoryRunLog, start: int, heartbeat: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._log = log
        self._next = start
        self._heartbeat = heartbeat
        self._quiet_since = self._loop.time()
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        log.readers.add(self)

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        return self

    async def __anext__(self) -> Sequence[LoggedEvent]:
        log = self._log
        if self._next >= len(log.events) and not log.ended and not self._closed:
            self._timer = self._timer or self._loop.call_later(self._heartbeat, self._beat)
            self._waiter = self._loop.create_future()
            await self._waiter
        batch = log.events[self._next : self._next + MAX_BATCH]
        if self._closed or (not batch and log.ended):
            self.close()
            raise StopAsyncIteration
        self._next += len(batch)
        self._quiet_since = self._loop.time()
        return batch

    def wake(self) -> None:
        """End the wait, if there is one."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Stop, also while waiting."""
        self._closed = True
        self._log.readers.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self.wake()

    def _beat(self) -> None:
        """Wake the reader if it has been quiet for a whole heartbeat; look again when it next may have been."""
        quiet = self._loop.time() - self._quiet_since
        if quiet >= self._heartbeat:
            quiet = 0.0
            self.wake()
        self._timer = self._loop.call_later(self._heartbeat - quiet, self._beat)


class MemoryEventLog:
    """Logs by run id. Those of ended runs are kept for ``retain_seconds``, and the newest ``retain_bytes`` of them."""

    def __init__(self, retain_seconds: float = 1800.0, retain_bytes: int = 64 * 2**20) -> None:
        self._retain_seconds = retain_seconds
        self._retain_bytes = retain_bytes
        self._runs: dict[str, MemoryRunLog] = {}
        self._ended: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When it is to be forgotten, and how many bytes that frees; the oldest first."""
        self._bytes = 0

    def open(self, run_id: str, attempt: int) -> MemoryRunLog:
        """Begin the log of an attempt."""
        self._forget_old()
        self.drop(run_id)
        log = self._runs[run_id] = MemoryRunLog(attempt, lambda size: self._keep(run_id, size))
        return log

    def last(self, run_id: str) -> Offset | None:
        """The offset of a run's newest event."""
        self._forget_old()
        log = self._runs.get(run_id)
        return log.events[-1].offset if log is not None and log.events else None

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> MemoryReader:
        """A reader of the run's events after ``after``."""
        log = self._runs.get(run_id)
        if log is None:
            raise RunNotFound
        return MemoryReader(log, after.seq if after else 0, heartbeat)

    def drop(self, run_id: str) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)
        _, size = self._ended.pop(run_id, (0.0, 0))
        self._bytes -= size

    def _keep(self, run_id: str, size: int) -> None:
        if run_id in self._runs:
            self._ended[run_id] = time.monotonic() + self._retain_seconds, size
            self._bytes += size
            self._forget_old()

    def _forget_old(self) -> None:
        while self._ended:
            run_id, (until, _) = next(iter(self._ended.items()))
            if until > time.monotonic() and self._bytes <= self._retain_bytes:
                return
            self.drop(run_id)
