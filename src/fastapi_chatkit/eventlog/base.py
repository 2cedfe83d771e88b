"""The port to the event log: what a run said, in order, for every reader alike.

A run appends through a :class:`RunLog`; any number of readers replay after an offset and then follow. The first
response reads like every later one: there is no other path from an agent to a socket. The log of a run that has ended
is kept for a while, so that a reader who comes back sees the rest of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from ..events import EventType, LoggedEvent, Offset

MAX_BATCH = 512
"""How many events a reader is given at once: a long replay is sent in pieces, and others get their turn between."""

MAX_BATCH_BYTES = 48 * 1024
"""How much data they may have: so much, and what it becomes on its way, is what a reader holds that does not go on."""


class RunLog(Protocol):
    """The writing end of one run's log, held by the attempt that owns the run."""

    def append(self, kind: EventType, data: bytes) -> Offset:
        """Add an event; it is visible to readers in this order. ``run.ended`` closes the log."""
        ...

    def append_text(self, item_id: str, content_index: int, text: str) -> None:
        """Add a text delta, of which there are many: a log need not keep its JSON, ``text_delta_json``, but readers
        get that very JSON whenever they read it.
        """
        ...


class Reader(Protocol):
    """One reader of one run: iterates over batches of events until ``run.ended``, or until it is closed.

    A batch has at most :data:`MAX_BATCH` events with :data:`MAX_BATCH_BYTES` of data; an event with more than that
    comes by itself. An empty batch means that nothing happened for the heartbeat interval.
    """

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]: ...

    def close(self) -> None:
        """Stop, also while waiting; may be called from anywhere on the event loop, any number of times."""
        ...


class EventLog(Protocol):
    """All runs' logs."""

    def open(self, run_id: str, attempt: int) -> RunLog:
        """Begin the log of an attempt."""
        ...

    def last(self, run_id: str) -> Offset | None:
        """The offset of a run's newest event; ``None`` where the log has nothing of it any more."""
        ...

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> Reader:
        """Read a run's events after an offset (``None``: from the start).

        :raises RunNotFound: the log has nothing of this run.
        """
        ...

    def drop(self, run_id: str) -> None:
        """Forget a run, ended or not; readers at work finish."""
        ...
