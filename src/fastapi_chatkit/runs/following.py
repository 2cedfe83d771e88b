"""A run that another process drives, or that is over: its log, and the database where that has not what comes next.

There is no moment at which a reader has to choose: it reads the log until there is a gap (nobody keeps these events any
more, the log cannot be reached, or the run was ended by another attempt), takes a snapshot of what is stored, and goes
on in the log from the event at which that was stored. A log that is silent is not trusted for long: whoever writes it
may be dead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from ..errors import NotFound, Overloaded
from ..eventlog.base import EventLog, LogGap, Reader
from ..events import LoggedEvent, Offset
from ..identity import Owner
from ..rows import ItemRow
from ..store.base import RunRow, RunSoFar, Store
from .snapshot import ending, items_done, snapshot

LOOK_SECONDS = 1.0
"""How often the database is looked at where there is no log, and after how much silence of the log it is."""

MAX_LOOK_SECONDS = 4.0
"""How rarely it is while the log stays silent, and the run goes on."""

Batch = Sequence[LoggedEvent]


class Followed(NamedTuple):
    """Which run of whom, and where it is read from; ``looks`` bounds how many readers look at the database at once."""

    store: Store
    log: EventLog
    owner: Owner
    row: RunRow
    looks: asyncio.Semaphore


class FollowingReader:
    """Reads a run's events after an offset, to its end.

    ``named`` readers know snapshots; others, once there was a gap, are told of each item when the run has ended.
    ``has_log`` is false where the log is known to have nothing of the run.
    """

    def __init__(
        self, run: Followed, after: Offset | None, heartbeat: float, *, named: bool, has_log: bool = True
    ) -> None:
        self._run = run
        self._after = after
        self._heartbeat = heartbeat
        self._named = named
        self._in_log = has_log
        self._gap = not has_log
        self._over = False
        self._shown: Sequence[ItemRow] | None = None
        """The items of the last snapshot, while nothing came after it."""
        self._looked = False
        """Whether the database was asked since the log last had something."""
        self._ready: deque[Batch] = deque()
        """What is to be given next."""
        self._reader: Reader | None = None
        self._events: AsyncIterator[Batch] | None = None
        self._patience = LOOK_SECONDS
        self._look_at = 0.0
        self._closed = asyncio.Event()
        self._heard = asyncio.get_running_loop().time()

    def __aiter__(self) -> AsyncIterator[Batch]:
        return self

    async def __anext__(self) -> Batch:
        """The next batch. Nothing of it is held on to: its reader may take long to go on."""
        while not self._ready:
            if self._over or self._closed.is_set():
                self.close()
                raise StopAsyncIteration
            if self._in_log:
                await self._read_log()
            else:
                await self._read_store()
        return self._ready.popleft()

    def close(self) -> None:
        """Stop, also while waiting."""
        self._closed.set()
        self._leave_log()

    # --- the log --------------------------------------------------------------------------------------------------

    async def _read_log(self) -> None:
        """What it has next; where there is a gap, or it is silent and the database knows more, it is left."""
        clock = asyncio.get_running_loop().time
        try:
            batch = await anext(self._log_reader())
        except LogGap:
            self._leave_log()
        except StopAsyncIteration:
            self._over = True
        else:
            if batch:
                self._patience, self._look_at = LOOK_SECONDS, clock() + LOOK_SECONDS
                await self._take(batch)
                return
            self._beat()
            if clock() >= self._look_at:
                if await self._knows_more():
                    self._leave_log()
                self._patience = min(2 * self._patience, MAX_LOOK_SECONDS)
                self._look_at = clock() + self._patience

    def _log_reader(self) -> AsyncIterator[Batch]:
        if self._events is None:
            run = self._run
            self._reader = run.log.read(run.row.id, self._after, min(LOOK_SECONDS, self._heartbeat))
            self._events = aiter(self._reader)
            self._patience = LOOK_SECONDS
            self._look_at = asyncio.get_running_loop().time() + LOOK_SECONDS
        return self._events

    def _leave_log(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._events = None
        self._in_log, self._gap = False, True

    async def _take(self, batch: Batch) -> None:
        """Give a batch of the log. A reader that has seen a gap gets the items as they are in the end, before the end:
        what was changed in the gap, and is in no checkpoint, is among them.
        """
        self._after, self._over = batch[-1].offset, batch[-1].type == "run.ended"
        self._heard = asyncio.get_running_loop().time()
        self._shown, self._looked = None, False
        found = await self._look() if self._over and self._gap and self._named else None
        if found is None:
            self._ready.append(batch)
            return
        row, so_far = found
        *before, end = batch
        if before:
            self._ready.append(before)
        self._ready.append([snapshot(row, so_far.items, Offset(end.offset.attempt, end.offset.seq - 1)), end])

    async def _knows_more(self) -> bool:
        """Whether the database has what the silent log has not."""
        found = await self._look()
        if found is None:
            return False
        row, so_far = found
        return row.ended_at is not None or Offset(row.attempt, so_far.seq) > (self._after or Offset(1, 0))

    # --- the database ---------------------------------------------------------------------------------------------

    async def _read_store(self) -> None:
        """What it knows now, and back to the log. Where that had nothing since the last time, not before a while."""
        if self._looked:
            self._beat()
            if self._ready:
                return
            await self._pause()
        found = await self._look()
        if found is None:
            await self._pause()
            return
        row, so_far = found
        self._over, self._in_log = row.ended_at is not None, self._named and self._run.log.is_shared
        self._looked = True
        offset = Offset(row.attempt, so_far.seq)
        if self._named:
            is_newer = self._after is None or offset > self._after  # else the reader knows as much, or more
            if is_newer or (self._over and so_far.items != self._shown):
                self._after = max(offset, self._after or offset)
                self._shown = so_far.items
                self._ready.append([snapshot(row, so_far.items, self._after)])
                self._heard = asyncio.get_running_loop().time()
        elif self._over:
            self._ready.append(list(items_done(so_far.items, offset)))
        if self._over:
            self._ready.append(list(ending(row, max(offset, self._after or offset))))

    async def _look(self) -> tuple[RunRow, RunSoFar] | None:
        """The run, then its items: of one that has ended, all. ``None`` while the database cannot be asked."""
        store, owner, row = self._run.store, self._run.owner, self._run.row
        async with self._run.looks:
            try:
                now = await store.get_run(owner, row.id)
                return now, await store.run_so_far(owner, row.thread_id, row.id)
            except NotFound:  # with its thread
                return row._replace(status="cancelled", ended_at="", stop_reason="thread_deleted"), RunSoFar([], 0)
            except Overloaded:
                return None

    # --- time -----------------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        """An empty batch, where a heartbeat is due."""
        now = asyncio.get_running_loop().time()
        if now - self._heard >= self._heartbeat:
            self._heard = now
            self._ready.append(())

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._closed.wait()
