"""A run for whoever comes back to it: its state, its events from an offset on, its end on request."""

from __future__ import annotations

import asyncio
from typing import Any

from ..errors import FieldError, InvalidParams, RunNotFound
from ..eventlog.base import EventLog, Reader
from ..events import Offset, dumps
from ..identity import Owner, RequestContext
from ..operations import CancelRun, RunQuery
from ..store.base import RunRow, Store
from .engine import Leave, RunEngine
from .following import Followed, FollowingReader
from .snapshot import END_SEQ

LOOKS = 8
"""How many readers of other processes' runs look into the database at once: without a log, all of them do."""


def _leave(dropped: bool) -> None:
    """Whoever reads what is over, or elsewhere, may go."""


class RunAccess:
    """Finds runs by their owner, and answers what is asked about them."""

    def __init__(self, *, store: Store, log: EventLog, engine: RunEngine, heartbeat_seconds: float) -> None:
        self._store = store
        self._log = log
        self._engine = engine
        self._heartbeat_seconds = heartbeat_seconds
        self._looks = asyncio.Semaphore(LOOKS)
        self._following: set[FollowingReader] = set()
        self._closed = False

    def close(self) -> None:
        """The process ends, and the runs that it only follows go on: their readers come back to another one."""
        self._closed = True
        for reader in self._following:
            reader.close()

    async def answer(self, query: RunQuery, context: RequestContext) -> bytes:
        """The run's state as native JSON; a run that is to be cancelled has been told so.

        :raises ThreadNotFound, RunNotFound: for this owner.
        """
        row = await self.find(context.owner, query.thread_id, query.run_id)
        if isinstance(query, CancelRun):
            await self._cancel(context.owner, row)
        return dumps({"run": await self._state(row)})

    async def _cancel(self, owner: Owner, row: RunRow) -> None:
        """At once where the run goes on here; another process looks when it is rung, and every second."""
        if not self._engine.cancel(row.id) and row.ended_at is None:
            await self._engine.elsewhere.stop(owner, row.id, "cancelled")

    async def find(self, owner: Owner, thread_id: str | None, run_id: str | None) -> RunRow:
        """The run; or the thread's that goes on, or waits first, or came last.

        :raises ThreadNotFound, RunNotFound: for this owner, or in this thread.
        """
        if run_id is None:
            if thread_id is None:
                raise RunNotFound
            return await self._store.current_run(owner, thread_id)
        row = await self._store.get_run(owner, run_id)
        if thread_id is not None and row.thread_id != thread_id:
            raise RunNotFound
        return row

    async def has_seen_all(self, row: RunRow, after: Offset | None) -> bool:
        """Whether a reader with these events has the whole run, so that it would get nothing."""
        if row.ended_at is None or after is None:
            return False
        return after in (Offset(row.attempt, END_SEQ), await self._log.end(row.id))

    async def attach(
        self, owner: Owner, row: RunRow, after: Offset | None, *, whole: bool = False, named: bool = True
    ) -> tuple[Reader, Leave]:
        """The run's events after an offset, then those to come, and what to call when the reader leaves.

        Where the log has not all of them, there are snapshots, or for readers that do not know those (not ``named``)
        the items. ``whole`` is for a reader that wants the events from the start all the same.

        :raises InvalidParams: the offset is not one that this run has had.
        """
        last = await self._log.last(row.id)
        if last is None and row.ended_at is None:
            await self._engine.started(row.id)
            last = await self._log.last(row.id)
        if last is not None and row.attempt > last.attempt:
            last = None  # another process has ended the run: what was said here is not all
        is_here = last is not None and self._log.is_here(row.id)
        if after is not None and after > (last if is_here and last else Offset(row.attempt, END_SEQ)):
            raise InvalidParams(errors=(FieldError("params.after", "is no offset that this run has had"),))
        start = None if whole else after
        if is_here and (start is None or last is None or start.attempt == last.attempt):
            return self._engine.follow(row.id, start) or (
                self._log.read(row.id, start, self._heartbeat_seconds),
                _leave,
            )
        run = Followed(self._store, self._log, owner, row, self._looks)
        reader = FollowingReader(run, start, self._heartbeat_seconds, named=named, has_log=last is not None)
        return reader, _leave if whole else self._followed(reader)

    def _followed(self, reader: FollowingReader) -> Leave:
        """It is closed with this; one that needs the whole run is not, for a part of it would be taken for all."""
        self._following.add(reader)
        if self._closed:
            reader.close()

        def leave(dropped: bool) -> None:
            self._following.discard(reader)

        return leave

    async def _state(self, row: RunRow) -> dict[str, Any]:
        last = await self._log.last(row.id)
        state = {name: value for name, value in row._asdict().items() if value is not None}
        return {**state, "last_event_id": str(last) if last else None}
