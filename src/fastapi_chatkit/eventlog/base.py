"""The port to the event log: what a run said, in order, for every reader alike, in whichever process.

A run appends through a :class:`RunLog`; any number of readers replay after an offset and then follow. The first
response reads like every later one: there is no other path from an agent to a socket. The log of a run that has ended
is kept for a while, so that a reader who comes back sees the rest of it.

The log carries what is said; what was said is in the database. Where a log has not what comes next, readers are told so
(:class:`LogGap`), and go on from there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from ..events import EventType, LoggedEvent, Offset

MAX_BATCH = 512
"""How many events a reader is given at once: a long replay is sent in pieces, and others get their turn between."""

MAX_BATCH_BYTES = 48 * 1024
"""How much data they may have: so much, and what it becomes on its way, is what a reader holds that does not go on."""


class LogGap(Exception):
    """The log has not what comes next for a reader: it is not kept any more, was never here, belongs to a later
    attempt, or cannot be had now. The database knows what became of the run.
    """


class LogUnavailable(Exception):
    """The log cannot be used now; the message is for the operator and says what to do."""


class RunLog(Protocol):
    """The writing end of one run's log, held by the attempt that owns the run. It never waits."""

    @property
    def last(self) -> Offset:
        """The newest event's offset; before the first, that of no event, with ``seq`` 0."""
        ...

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
    comes by itself. An empty batch means that nothing happened for the heartbeat interval. Offsets have no gaps: where
    the log has one, iterating raises :class:`LogGap`.
    """

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]: ...

    def close(self) -> None:
        """Stop, also while waiting; may be called from anywhere on the event loop, any number of times."""
        ...


class Doorbell(Protocol):
    """Tells processes that there is something to look at. A ring may be lost: whoever listens also looks by itself."""

    def ring(self, name: str) -> None:
        """Tell every process that listens to the name, at once and as well as it can be; never waits."""
        ...

    def listen(self, name: str, call: Callable[[], None]) -> Callable[[], None]:
        """Call on this event loop whenever the name is rung, or may have been; the answer ends that."""
        ...


class EventLog(Protocol):
    """All runs' logs. ``doorbell`` reaches the processes that share it."""

    @property
    def doorbell(self) -> Doorbell: ...

    @property
    def is_shared(self) -> bool:
        """Whether other processes read what is written here."""
        ...

    @property
    def identity(self) -> str | None:
        """What tells a log that is shared from others, the same in all processes that share it; "" while that is not
        known. ``None``: it is not shared.
        """
        ...

    async def start(self) -> None:
        """Begin what goes on beside the runs. Does not wait for what cannot be reached: that is tried again."""
        ...

    async def close(self) -> None:
        """Write what is left, within reason, and let go; idempotent."""
        ...

    async def check(self) -> None:
        """:raises LogUnavailable: runs cannot be followed in other processes now."""
        ...

    def open(self, run_id: str, attempt: int, refused: Callable[[], None] | None = None) -> RunLog:
        """Begin the log of an attempt; ``refused`` is called once where a later attempt turns out to have begun."""
        ...

    def fence(self, run_id: str, attempt: int) -> None:
        """An attempt has ended the run in the database: readers and writers of earlier ones are to hear of it, as well
        as they can be told.
        """
        ...

    def is_here(self, run_id: str) -> bool:
        """Whether this process has the run's log itself, because it writes it or wrote it lately."""
        ...

    async def last(self, run_id: str) -> Offset | None:
        """The offset of a run's newest event; ``None`` where the log has nothing of it, or cannot be asked.

        Of another process's run it may be one that is a little older.
        """
        ...

    async def end(self, run_id: str) -> Offset | None:
        """The offset of a run's ``run.ended``; ``None`` where the log has it not, or cannot be asked."""
        ...

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> Reader:
        """Read a run's events after an offset (``None``: from the start).

        :raises LogGap: there is a gap right here, or, while iterating, where one is come to.
        """
        ...
