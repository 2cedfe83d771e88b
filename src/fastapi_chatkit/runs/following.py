"""A run that another process drives, or that is over: its log, and the database where that has not what comes next.

There is no moment at which a reader has to choose: it reads the log until there is a gap (nobody keeps these events any
more, the log cannot be reached, or the run was ended by another attempt), takes a snapshot of what is stored, and goes
on in the log from the event at which that was stored. A log that is silent is not trusted for long: whoever writes it
may be dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
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
        self._reader: Reader | None = None
        self._closed = asyncio.Event()
        self._heard = asyncio.get_running_loop().time()

    async def __aiter__(self) -> AsyncIterator[Batch]:
        while not self._over and not self._closed.is_set():
            if self._in_log:
                async for batch in self._from_log():
                    yield batch
            if not self._over and not self._closed.is_set():
                async for batch in self._from_store():
                    yield batch

    def close(self) -> None:
        """Stop, also while waiting."""
        self._closed.set()
        if self._reader is not None:
            self._reader.close()

    # --- the log --------------------------------------------------------------------------------------------------

    async def _from_log(self) -> AsyncGenerator[Batch, None]:
        """Its events, until there is a gap, or it is silent and the database knows more."""
        clock = asyncio.get_running_loop().time
        patience, look_at = LOOK_SECONDS, clock() + LOOK_SECONDS
        try:
            self._reader = self._run.log.read(self._run.row.id, self._after, min(LOOK_SECONDS, self._heartbeat))
            async for batch in self._reader:
                if batch:
                    patience, look_at = LOOK_SECONDS, clock() + LOOK_SECONDS
                    self._in_order(batch)
                    async for part in self._with_snapshot(batch):
                        yield part
                    continue
                if self._is_quiet():
                    yield ()
                if clock() >= look_at:
                    if await self._knows_more():
                        break
                    patience = min(2 * patience, MAX_LOOK_SECONDS)
                    look_at = clock() + patience
            else:
                self._over = True
        except LogGap:
            pass
        finally:
            if self._reader is not None:
                self._reader.close()
        self._gap = True

    def _in_order(self, batch: Batch) -> None:
        self._after, self._over = batch[-1].offset, batch[-1].type == "run.ended"
        self._heard = asyncio.get_running_loop().time()
        self._shown, self._looked = None, False

    async def _with_snapshot(self, batch: Batch) -> AsyncGenerator[Batch, None]:
        """A reader that has seen a gap gets the items as they are in the end, before the end: what was changed in the
        gap, and is in no checkpoint, is among them.
        """
        found = await self._look() if self._over and self._gap and self._named else None
        if found is None:
            yield batch
            return
        if batch[:-1]:
            yield batch[:-1]
        row, so_far = found
        end = batch[-1]
        yield [snapshot(row, so_far.items, Offset(end.offset.attempt, end.offset.seq - 1)), end]

    async def _knows_more(self) -> bool:
        """Whether the database has what the silent log has not."""
        found = await self._look()
        if found is None:
            return False
        row, so_far = found
        return row.ended_at is not None or Offset(row.attempt, so_far.seq) > (self._after or Offset(1, 0))

    # --- the database ---------------------------------------------------------------------------------------------

    async def _from_store(self) -> AsyncGenerator[Batch, None]:
        """What it knows now. Where the log had nothing since the last time, not before a while has passed."""
        if self._looked:
            if self._is_quiet():
                yield ()
            await self._pause()
        found = await self._look()
        if found is None:
            await self._pause()
            return
        row, so_far = found
        self._over, self._in_log = row.ended_at is not None, self._named and self._run.log.is_shared
        offset = Offset(row.attempt, so_far.seq)
        if self._named:
            is_newer = self._after is None or offset > self._after  # else the reader knows as much, or more
            if is_newer or (self._over and so_far.items != self._shown):
                self._after = max(offset, self._after or offset)
                self._shown = so_far.items
                yield [snapshot(row, so_far.items, self._after)]
                self._heard = asyncio.get_running_loop().time()
        elif self._over:
            yield list(items_done(so_far.items, offset))
        self._looked = True
        if self._over:
            yield list(ending(row, max(offset, self._after or offset)))

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

    def _is_quiet(self) -> bool:
        """Whether a heartbeat is due."""
        now = asyncio.get_running_loop().time()
        due = now - self._heard >= self._heartbeat
        if due:
            self._heard = now
        return due

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._closed.wait()
