"""The event log in this process's memory: for one process, gone with it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence

from ..events import LoggedEvent, Offset
from .base import LogGap
from .runlog import MemoryRunLog
from .waiting import Waiting

TIDY_SECONDS = 0.05
"""How far apart looks for what is old are at least, so that runs that ended one after the other go together."""


class MemoryReader(Waiting):
    """Replays from an index, then follows."""

    __slots__ = ("_log", "_next")

    def __init__(self, log: MemoryRunLog, start: int, heartbeat: float) -> None:
        super().__init__(heartbeat)
        self._log = log
        self._next = start
        log.followers.add(self)

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        return self

    async def __anext__(self) -> Sequence[LoggedEvent]:
        log = self._log
        if self._next >= log.count and not log.ended and not self._closed:
            await self._woken()
        batch = log.batch(self._next)
        if self._closed or (not batch and log.ended):
            self.close()
            raise LogGap if self._next > log.count else StopAsyncIteration
        self._next += len(batch)
        self._quiet_since = self._loop.time()
        return batch

    def close(self) -> None:
        """Stop, also while waiting."""
        super().close()
        self._log.followers.discard(self)


class SilentDoorbell:
    """Nobody else shares this process's memory."""

    def ring(self, name: str) -> None:
        """There is nobody to hear it."""

    def listen(self, name: str, call: Callable[[], None]) -> Callable[[], None]:
        """There is nobody to ring."""
        return _nothing


def _nothing() -> None:
    pass


class MemoryEventLog:
    """Logs by run id. Those of ended runs are kept for ``retain_seconds``, and the newest ``retain_bytes`` of them."""

    def __init__(self, retain_seconds: float = 1800.0, retain_bytes: int = 64 * 2**20) -> None:
        self._retain_seconds = retain_seconds
        self._retain_bytes = retain_bytes
        self._runs: dict[str, MemoryRunLog] = {}
        self._ended: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When it is to be forgotten, and how many bytes that frees; the oldest first."""
        self._bytes = 0
        self._timed_by: asyncio.AbstractEventLoop | None = None
        """The loop that will call :meth:`_tidy`, while anything is kept."""
        self.doorbell = SilentDoorbell()

    @property
    def is_shared(self) -> bool:
        """Nobody else sees it."""
        return False

    @property
    def identity(self) -> str | None:
        """There is no other that could be meant."""
        return None

    async def start(self) -> None:
        """There is nothing to begin."""

    async def close(self) -> None:
        """There is nothing to let go."""

    async def check(self) -> None:
        """It can be used always."""

    def fence(self, run_id: str, attempt: int) -> None:
        """Whoever wrote earlier attempts was another process, which does not read this log."""

    def open(self, run_id: str, attempt: int, refused: Callable[[], None] | None = None) -> MemoryRunLog:
        """Begin the log of an attempt. None is refused: there is no other writer."""
        self._forget_old()
        self.drop(run_id)
        log = self._runs[run_id] = MemoryRunLog(attempt, lambda ended: self._keep(run_id, ended))
        return log

    def is_here(self, run_id: str) -> bool:
        """Whether the log is kept."""
        self._forget_old()
        return run_id in self._runs

    async def last(self, run_id: str) -> Offset | None:
        """The offset of a run's newest event."""
        log = self.find(run_id)
        return log.last if log is not None and log.count else None

    async def end(self, run_id: str) -> Offset | None:
        """The offset of a run's end."""
        log = self.find(run_id)
        return log.last if log is not None and log.ended else None

    def find(self, run_id: str) -> MemoryRunLog | None:
        """The log of a run, while it is kept."""
        self._forget_old()
        return self._runs.get(run_id)

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> MemoryReader:
        """A reader of the run's events after ``after``. :raises LogGap: there is no log of them, also right here."""
        log = self._runs.get(run_id)
        if log is None or (after is not None and after.attempt != log.last.attempt):
            raise LogGap
        return MemoryReader(log, after.seq if after else 0, heartbeat)

    def drop(self, run_id: str) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)
        _, size = self._ended.pop(run_id, (0.0, 0))
        self._bytes -= size

    def _keep(self, run_id: str, log: MemoryRunLog) -> None:
        if self._runs.get(run_id) is not log:
            return  # dropped while it went on
        size = log.size()
        self._ended[run_id] = time.monotonic() + self._retain_seconds, size
        self._bytes += size
        self._forget_old()
        loop = asyncio.get_running_loop()
        if self._ended and self._timed_by is not loop:
            self._timed_by = loop
            loop.call_later(self._retain_seconds, self._tidy)

    def _tidy(self) -> None:
        """Forget what is old though nobody asks for anything; look again when the next one is."""
        self._forget_old()
        self._timed_by = asyncio.get_running_loop() if self._ended else None
        if self._timed_by is not None:
            until, _ = next(iter(self._ended.values()))
            self._timed_by.call_later(max(until - time.monotonic(), TIDY_SECONDS), self._tidy)

    def _forget_old(self) -> None:
        while self._ended:
            run_id, (until, _) = next(iter(self._ended.items()))
            if until > time.monotonic() and self._bytes <= self._retain_bytes:
                return
            self.drop(run_id)
