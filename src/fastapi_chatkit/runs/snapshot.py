"""A run as the database knows it, as events: for readers where its log has not what they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..events import EventType, LoggedEvent, Offset, dumps
from ..rows import ItemRow
from ..store.base import RunRow
from .failure import GENERAL, INTERRUPTED, TIMED_OUT

END_SEQ = 10**12 - 1
"""Where the end of a run is whose events are not known: after all that it may have had."""

ERRORS: dict[str | None, dict[str, Any]] = {"interrupted": INTERRUPTED, "failed": GENERAL}
"""What is said of a run that did not come to its end; the words of its own are gone with the log."""


def snapshot(row: RunRow, items: Sequence[ItemRow], offset: Offset) -> LoggedEvent:
    """The run's items so far; its log goes on after ``offset``."""
    return LoggedEvent(offset, "run.snapshot", snapshot_json(row, items, offset))


def snapshot_json(row: RunRow, items: Sequence[ItemRow], offset: Offset) -> bytes:
    """The native JSON of a snapshot."""
    head = {"type": "run.snapshot", "run_id": row.id, "thread_id": row.thread_id, "last_event_id": str(offset)}
    return b'%b,"items":[%b]}' % (dumps(head)[:-1], ",".join(item.public for item in items).encode())


def items_done(items: Sequence[ItemRow], offset: Offset) -> Iterator[LoggedEvent]:
    """The items of a run that has ended, for readers that know no snapshots."""
    for item in items:
        yield LoggedEvent(offset, "thread.item.done", f'{{"type":"thread.item.done","item":{item.public}}}'.encode())


def ending(row: RunRow, offset: Offset) -> Iterator[LoggedEvent]:
    """How a run ended, for who has it up to ``offset``: its error, if it is one, and the end."""
    error = TIMED_OUT if row.stop_reason == "timeout" else ERRORS.get(row.status)
    if error is not None:
        yield _event(offset, "error", error)
    end = {"run_id": row.id, "status": row.status, "stop_reason": row.stop_reason}
    yield _event(Offset(row.attempt, END_SEQ), "run.ended", end)


def _event(offset: Offset, kind: EventType, fields: dict[str, Any]) -> LoggedEvent:
    return LoggedEvent(offset, kind, dumps({"type": kind, **fields}))
