"""Where a reader is in a run's stream."""

from __future__ import annotations

from ...events import LoggedEvent, Offset
from ..base import LogGap
from .packing import Entry


class Place:
    """The last event that a reader has (``None``: it has none, of no attempt), and whether that was the run's end."""

    __slots__ = ("at", "ended")

    def __init__(self, at: Offset | None) -> None:
        self.at = at
        self.ended = False

    def take(self, entry: Entry) -> list[LoggedEvent]:
        """What an entry brings that the reader has not: nothing, some of its events, or all.

        :raises LogGap: it does not follow; it is of a later attempt; or the run has ended before what the reader has.
        """
        last, at = entry.last, self.at or Offset(entry.last.attempt, 0)
        if last.attempt < at.attempt:
            return []
        known = at.seq + 1 - entry.seq
        if last.attempt > at.attempt or known < 0:
            raise LogGap
        if self.at is None and not entry.events:
            raise LogGap  # a fence
        if last <= at:
            if entry.ended and last < at:
                raise LogGap
            self.ended = entry.ended
            return []
        self.at, self.ended = last, entry.ended
        return entry.events[known:] if known else entry.events
