"""A run as the database knows it, for readers where there is no log of it: it has been forgotten, or is another
process's, which may be dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from ..errors import NotFound, Overloaded
from ..events import EventType, LoggedEvent, Offset, dumps
from ..identity import Owner
from ..rows import ItemRow
from ..store.base import RunRow, Store
from .failure import GENERAL, INTERRUPTED, TIMED_OUT

LOOK_SECONDS = 1.0

END_SEQ = 10**12 - 1
"""Where the end of a run is whose events are not known: after all that it may have had."""

ERRORS: dict[str | None, dict[str, Any]] = {"interrupted": INTERRUPTED, "failed": GENERAL}
"""What is said of a run that did not come to its end; the words of its own are gone with the log."""


class StoredReader:
    """Snapshots of the run whenever there is something new, every second at most, and then its end.

    ``named`` readers know snapshots; others are told of each item when the run has ended.
    """

    def __init__(self, store: Store, owner: Owner, row: RunRow, heartbeat: float, *, named: bool) -> None:
        self._store = store
        self._owner = owner
        self._row = row
        self._heartbeat = heartbeat
        self._named = named
        self._closed = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        clock = asyncio.get_running_loop().time
        shown: list[LoggedEvent] = []
        quiet_since = clock()
        while not self._closed.is_set():
            found = await self._look()
            if found is not None:
                row, items = found
                events = list(self._events(row, items))
                if events != shown and events:
                    yield events
                    shown, quiet_since = events, clock()
                if row.ended_at is not None:
                    return
            if clock() - quiet_since >= self._heartbeat:
                yield ()
                quiet_since = clock()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._closed.wait()
            except TimeoutError:
                pass

    def close(self) -> None:
        """Stop, also while waiting."""
        self._closed.set()

    async def _look(self) -> tuple[RunRow, list[ItemRow]] | None:
        """The run, then its items: of one that has ended, all. ``None`` while the database cannot be asked."""
        try:
            row = await self._store.get_run(self._owner, self._row.id)
            return row, await self._store.items_of_run(self._owner, row.thread_id, row.id)
        except NotFound:  # with its thread
            return self._row._replace(status="cancelled", ended_at="", stop_reason="thread_deleted"), []
        except Overloaded:
            return None

    def _events(self, row: RunRow, items: list[ItemRow]) -> Iterator[LoggedEvent]:
        offset = Offset(row.attempt, 0)
        if self._named:
            yield LoggedEvent(offset, "run.snapshot", _snapshot(row, items, offset))
        elif row.ended_at is not None:
            for item in items:
                data = f'{{"type":"thread.item.done","item":{item.public}}}'
                yield LoggedEvent(offset, "thread.item.done", data.encode())
        if row.ended_at is not None:
            error = TIMED_OUT if row.stop_reason == "timeout" else ERRORS.get(row.status)
            if error is not None:
                yield _event(offset, "error", error)
            end = {"run_id": row.id, "status": row.status, "stop_reason": row.stop_reason}
            yield _event(Offset(row.attempt, END_SEQ), "run.ended", end)


def _snapshot(row: RunRow, items: list[ItemRow], offset: Offset) -> bytes:
    head = {"type": "run.snapshot", "run_id": row.id, "thread_id": row.thread_id, "last_event_id": str(offset)}
    return b'%b,"items":[%b]}' % (dumps(head)[:-1], ",".join(item.public for item in items).encode())


def _event(offset: Offset, kind: EventType, fields: dict[str, Any]) -> LoggedEvent:
    return LoggedEvent(offset, kind, dumps({"type": kind, **fields}))
