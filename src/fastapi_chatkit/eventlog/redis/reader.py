"""Readers of runs that other processes write.

A reader first asks for what there is, piece by piece, and then is given what comes by the tail. So does one again that
took so little that more was to be kept for it than is kept for one: Redis has it, for as long as the stream's length
allows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence

from redis.exceptions import RedisError

from ...events import LoggedEvent, Offset
from ..base import MAX_BATCH, MAX_BATCH_BYTES, LogGap
from ..waiting import Waiting
from .lookup import Lookup
from .packing import Entry, Unreadable, unpack
from .place import Place
from .tail import Tail

HELD_EVENTS = 512
HELD_BYTES = 256 * 1024
"""How much is kept for a reader that it has not taken, about."""

MAX_PAGE = 512
"""How many entries it asks for at once at most. It begins with a few, for nobody knows how large they are."""


class RemoteReader(Waiting):
    """Reads a stream after an offset (``None``: from the start of whichever attempt is there)."""

    __slots__ = (
        "_failed",
        "_held",
        "_held_bytes",
        "_held_events",
        "_is_following",
        "_key",
        "_lookup",
        "_page",
        "_place",
        "_tail",
    )

    def __init__(self, key: str, after: Offset | None, heartbeat: float, lookup: Lookup, tail: Tail) -> None:
        super().__init__(heartbeat)
        self._key = key
        self._place = Place(after)
        self._lookup = lookup
        self._tail = tail
        self._held: deque[Entry] = deque()
        self._held_events = 0
        self._held_bytes = 0
        self._page = 16
        self._is_following = False
        """Whether the tail gives it what comes after what is held."""
        self._failed = False

    def __aiter__(self) -> AsyncIterator[Sequence[LoggedEvent]]:
        return self

    async def __anext__(self) -> Sequence[LoggedEvent]:
        while not self._closed:
            if self._held:
                events = self._take()
                if events:
                    self._quiet_since = self._loop.time()
                    return events
            elif self._failed:
                self.close()
                raise LogGap
            elif self._place.ended:
                break
            elif not self._is_following:
                await self._catch_up()
            else:
                await self._woken()
                if not (self._held or self._failed or self._closed):
                    self._quiet_since = self._loop.time()
                    return ()
        self.close()
        raise StopAsyncIteration

    def give(self, entry: Entry) -> bool:
        """Hold an entry; whether it goes on following."""
        self._is_following = self._hold(entry) and not entry.ended
        self.wake()
        return self._is_following

    def fail(self) -> None:
        """Raise :class:`LogGap` after what is held."""
        self._failed = True
        self._is_following = False
        self.wake()

    def close(self) -> None:
        """Stop, also while waiting."""
        super().close()
        self._leave()
        self._held.clear()

    def _leave(self) -> None:
        if self._is_following:
            self._is_following = False
            self._tail.leave(self, self._key)

    def _hold(self, entry: Entry) -> bool:
        """Hold an entry, unless there is enough."""
        if self._held_events >= HELD_EVENTS or self._held_bytes >= HELD_BYTES:
            return False
        self._held.append(entry)
        self._held_events += len(entry.events)
        self._held_bytes += entry.size
        return True

    def _let_go(self, entry: Entry) -> Entry:
        self._held_events -= len(entry.events)
        self._held_bytes -= entry.size
        return entry

    def _take(self) -> list[LoggedEvent]:
        """The next events, as many as may be given at once; none, where what is held next says nothing new."""
        entry = self._let_go(self._held.popleft())
        events, size = self._new_in(entry), entry.size
        while events and self._held:
            entry = self._held[0]
            size += entry.size
            if size > MAX_BATCH_BYTES or len(events) + len(entry.events) > MAX_BATCH:
                break
            self._let_go(self._held.popleft())
            events = [*events, *self._new_in(entry)]  # an entry's list is other readers' too
        return events

    def _new_in(self, entry: Entry) -> list[LoggedEvent]:
        """What of an entry was not given yet; where it does not follow what was, nothing, and then nothing any more."""
        try:
            return self._place.take(entry)
        except LogGap:
            self._leave()
            self._held.clear()
            self._failed = True
            return []

    async def _catch_up(self) -> None:
        """Hold what there is, and follow if that is all."""
        try:
            async with self._lookup.turn(self._key):
                if not await self._look() or self._closed:
                    return
                start = await self._start()
                if start is None or self._closed:
                    return
                at = self._tail.follow(self, self._key, start)
                self._is_following = True
                if at > start:
                    await self._look()  # others who follow have been given more
        except (RedisError, Unreadable, LogGap):
            self._leave()
            self.fail()

    async def _look(self) -> bool:
        """Hold what comes after what is held; whether that is all that there is."""
        before, self._held = self._held, deque()
        try:
            after = before[-1].last if before else self._place.at
            page = await self._lookup.after(self._key, after, self._page)
        finally:
            meanwhile, self._held = self._held, before
        taken = 0
        for entry_id, fields in page:
            if self._closed or not self._hold(unpack(entry_id, fields)):
                break
            taken += 1
        is_all = taken == len(page) < self._page
        if is_all:
            self._held.extend(meanwhile)
        else:
            self._leave()
            for entry in meanwhile:
                self._let_go(entry)
        if taken < len(page):
            self._page = max(1, taken)
        elif taken == self._page:
            self._page = min(MAX_PAGE, 2 * taken)
        return is_all

    async def _start(self) -> Offset | None:
        """After which entry to follow: none beyond the last, or the run's end would go by. ``None``: it has ended."""
        if self._held:
            last = self._held[-1]
            return None if last.ended else last.last
        at = self._place.at
        last = await self._lookup.last(self._key) if at else None
        if last is None or at is None:
            return Offset(0, 0)
        if last.ended and last.last <= at and last.last.attempt == at.attempt:
            self._new_in(last)
            return None
        return min(at, last.last)
