"""The ends of other processes' streams: one blocking read for all that are followed here.

A blocking read is never broken off, for what it was about to answer would be lost with its connection. What is new to
follow is taken up by ending it: it also reads a stream of this process's own, to which then something is added.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ...events import Offset
from ..base import LogGap
from .health import Health
from .letters import Letter, Wake
from .line import Line
from .packing import Entry, Unreadable, parse, unpack
from .steady import Steady

BLOCK_SECONDS = 1.0
"""How long a read waits for something to come."""

PATIENCE_SECONDS = 3.0
"""How much later than that its answer may come, before the connection is taken for dead."""

MAX_ENTRIES = 16
"""How many entries of each stream one read takes."""

IDLE_SECONDS = 30.0
"""How long the connection is kept when nothing is followed."""


class Following(Protocol):
    """Who is given what comes."""

    def give(self, entry: Entry) -> bool:
        """An entry, in order; whether there is room for more. If not, its giver forgets who followed."""
        ...

    def fail(self) -> None:
        """There will be no more, and perhaps there was some."""
        ...


class Stream:
    """A stream, those here who follow it, and the id of the last entry that they were given."""

    def __init__(self, at: bytes) -> None:
        self.at = at
        self.readers: set[Following] = set()

    def take(self, entries: Sequence[Any]) -> bool:
        """Give out what was read; whether anybody still follows."""
        for entry_id, fields in entries:
            self.at = entry_id
            try:
                entry = unpack(entry_id, fields)
            except Unreadable:
                self.fail()
                return False
            self.readers = {reader for reader in self.readers if reader.give(entry)}
            if entry.ended:
                return False
        return bool(self.readers)

    def fail(self) -> None:
        """Tell everyone that there is no more."""
        readers, self.readers = self.readers, set()
        for reader in readers:
            reader.fail()


class Tail:
    """Follows streams that may be named in one read. It has a task and a connection while it follows any, and a while
    longer; where Redis could not be read, until it can.
    """

    def __init__(
        self,
        part: str,
        line: Line,
        health: Health,
        wake_key: str,
        post: Callable[[Letter], None],
        pace: Callable[[int], float],
    ) -> None:
        self._part = part
        self._line = line
        self._health = health
        self._reading = Steady(self._follow, self._lost, health, part)
        self._wake_key = wake_key
        self._post = post
        self._pace = pace
        """How many seconds apart reads of so many streams begin, at least."""
        self._wake_at = b"0-0"
        self._streams: dict[bytes, Stream] = {}
        self._news = asyncio.Event()
        self._is_blocked = False
        self._is_closed = False

    @property
    def is_following(self) -> bool:
        """Whether it reads."""
        return bool(self._streams)

    def follow(self, reader: Following, key: str, at: Offset) -> Offset:
        """Give a reader a stream's entries. After which one is answered: ``at``, or where those are who follow it.

        :raises LogGap: it is closed.
        """
        if self._is_closed:
            raise LogGap
        stream = self._streams.get(key.encode())
        if stream is None:
            stream = self._streams[key.encode()] = Stream(b"%d-%d" % at)
            self._begin()
        stream.readers.add(reader)
        return parse(stream.at)

    def leave(self, reader: Following, key: str) -> None:
        """Give it no more."""
        stream = self._streams.get(key.encode())
        if stream is not None:
            stream.readers.discard(reader)
            if not stream.readers:
                del self._streams[key.encode()]

    def check(self) -> None:
        """:raises LogUnavailable: nobody reads what is followed."""
        if self._streams:
            self._reading.check()

    async def close(self) -> None:
        """Stop; whoever follows is told."""
        self._is_closed = True
        await self._reading.close()

    def _begin(self) -> None:
        self._news.set()
        self._reading.start()
        if self._is_blocked:
            self._is_blocked = False  # it is awake before long
            self._post(Wake(self._wake_key))

    async def _follow(self) -> None:
        """Read, until there has been nothing to follow for a while."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self._read()
            self._health.works(self._part)
            await asyncio.sleep(began + self._pace(len(self._streams)) - loop.time())
            if not self._streams and not await self._has_news():
                await self._line.close()
                if not self._streams:
                    return

    async def _has_news(self) -> bool:
        """Wait for a stream to follow."""
        self._news.clear()
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return bool(self._streams)
        return True

    async def _read(self) -> None:
        streams = self._streams.copy()
        ids = [stream.at for stream in streams.values()]
        block = ("XREAD", "COUNT", MAX_ENTRIES, "BLOCK", round(BLOCK_SECONDS * 1000), "STREAMS")
        self._is_blocked = True
        try:
            found = await self._line.ask(*block, self._wake_key, *streams, self._wake_at, *ids)
        finally:
            self._is_blocked = False
        for key, entries in found or ():
            stream = streams.get(key)
            if stream is None:
                self._wake_at = entries[-1][0]
            elif self._streams.get(key) is stream and not stream.take(entries):
                del self._streams[key]

    async def _lost(self) -> None:
        """There will be no more, and perhaps there was some."""
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.fail()
        await self._line.close()
