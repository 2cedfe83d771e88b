"""A run for whoever comes back to it: its state, its events from an offset on, its end on request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from ..errors import FieldError, InvalidParams, RunNotFound
from ..eventlog.base import EventLog, Reader
from ..events import EventType, LoggedEvent, Offset, dumps
from ..identity import Owner, RequestContext
from ..operations import CancelRun, RunQuery
from ..store.base import RunRow, Store
from .driver import INTERRUPTED
from .engine import Leave, RunEngine
from .failure import GENERAL

MAX_SEQ = 10**12

ERRORS: dict[str, dict[str, Any]] = {"interrupted": INTERRUPTED, "failed": GENERAL}
"""What a snapshot says of a run that did not come to its end; the words of its own are gone with the log."""


def _leave(dropped: bool) -> None:
    """Whoever reads what is over may go."""


class RunAccess:
    """Finds runs by their owner, and answers what is asked about them."""

    def __init__(self, *, store: Store, log: EventLog, engine: RunEngine, heartbeat_seconds: float) -> None:
        self._store = store
        self._log = log
        self._engine = engine
        self._heartbeat_seconds = heartbeat_seconds

    async def answer(self, query: RunQuery, context: RequestContext) -> bytes:
        """The run's state as native JSON; a run that is to be cancelled has been told so.

        :raises ThreadNotFound, RunNotFound: for this owner.
        """
        row = await self.find(context.owner, query.thread_id, query.run_id)
        if isinstance(query, CancelRun):
            self._engine.cancel(row.id)
        return dumps({"run": self._state(row)})

    async def find(self, owner: Owner, thread_id: str | None, run_id: str | None) -> RunRow:
        """The run, or the thread's newest one. Of a store that keeps no runs, those that go on.

        :raises ThreadNotFound, RunNotFound: for this owner, or in this thread.
        """
        try:
            return await self._stored(owner, thread_id, run_id)
        except RunNotFound:
            run = self._engine.live(owner, thread_id, run_id)
            if run is None:
                raise
            return RunRow(run.id, run.thread_id, run.status, 1, run.created_at, None, run.stop_reason)

    async def _stored(self, owner: Owner, thread_id: str | None, run_id: str | None) -> RunRow:
        if run_id is None:
            if thread_id is None:
                raise RunNotFound
            return await self._store.newest_run(owner, thread_id)
        row = await self._store.get_run(owner, run_id)
        if thread_id is not None and row.thread_id != thread_id:
            raise RunNotFound
        return row

    def has_seen_all(self, row: RunRow, after: Offset | None) -> bool:
        """Whether a reader with these events has the whole run."""
        return row.ended_at is not None and after is not None and after == self._log.last(row.id)

    async def attach(
        self, owner: Owner, row: RunRow, after: Offset | None, *, whole: bool = False
    ) -> tuple[Reader, Leave]:
        """The run's events after an offset, then those to come, and what to call when the reader leaves.

        Where they are no longer kept, there is a snapshot. ``whole`` is for a reader that wants them from the start all
        the same.

        :raises InvalidParams: the offset is not one that this run has had.
        """
        last = self._log.last(row.id)
        if last is None and row.ended_at is None:
            await self._engine.started(row.id)
            last = self._log.last(row.id)
        if after is not None and after > (last or Offset(row.attempt, MAX_SEQ)):
            raise InvalidParams(errors=(FieldError("params.after", "is no offset that this run has had"),))
        if last is None or (after is not None and after.attempt < last.attempt):
            return await self._snapshot(owner, row), _leave
        start = None if whole else after
        return self._engine.follow(row.id, start) or (self._log.read(row.id, start, self._heartbeat_seconds), _leave)

    async def _snapshot(self, owner: Owner, row: RunRow) -> Reader:
        """The items that the run has stored, and its end. A run whose log is gone does not go on."""
        items = await self._store.items_of_run(owner, row.thread_id, row.id)
        row = await self._store.get_run(owner, row.id)  # it may have ended since it was found
        offset = Offset(row.attempt, 0)
        status, reason = (row.status, row.stop_reason) if row.ended_at else ("interrupted", "shutdown")
        head = {"type": "run.snapshot", "run_id": row.id, "thread_id": row.thread_id, "last_event_id": str(offset)}
        snapshot = b'%b,"items":[%b]}' % (dumps(head)[:-1], ",".join(item.public for item in items).encode())
        events = [LoggedEvent(offset, "run.snapshot", snapshot)]
        if status in ERRORS:
            events.append(_event(offset, "error", ERRORS[status]))
        events.append(_event(offset, "run.ended", {"run_id": row.id, "status": status, "stop_reason": reason}))
        return ListReader(events)

    def _state(self, row: RunRow) -> dict[str, Any]:
        last = self._log.last(row.id)
        state = {name: value for name, value in row._asdict().items() if value is not None}
        return {**state, "last_event_id": str(last) if last else None}


def _event(offset: Offset, kind: EventType, fields: dict[str, Any]) -> LoggedEvent:
    return LoggedEvent(offset, kind, dumps({"type": kind, **fields}))


class ListReader:
    """Events that are known already."""

    def __init__(self, events: Sequence[LoggedEvent]) -> None:
        self._events = events

    async def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        yield self._events

    def close(self) -> None:
        """Nothing waits."""
