"""The event log in Redis: what runs say here, other processes follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from secrets import token_hex

from redis.exceptions import RedisError

from ...events import Offset
from ..base import LogUnavailable, Reader
from ..memory import MemoryEventLog
from ..runlog import MemoryRunLog
from .connection import connections_to
from .doorbell import RedisDoorbell
from .health import Health
from .identity import NAMING, Identity
from .keys import partition_of, stream_key, wake_key
from .letters import Fence
from .lookup import Lookup
from .outbox import Outbox
from .outgoing import Outgoing
from .packing import Entry, Unreadable
from .reader import RemoteReader
from .steady import Steady
from .tail import BLOCK_SECONDS, PATIENCE_SECONDS, Tail

STREAM_SECONDS = 4e-6
"""How far apart reads begin for each stream in them: it costs Redis a tenth of that."""

TAIL_SECONDS = 250e-6
"""And for each other tail: reads cost this process about a third of that, whatever they bring."""

CHECK_SECONDS = 1.0
"""How long a check waits for an answer."""

FLUSH_SECONDS = 5.0
"""How long closing waits for what is not written yet."""

KEEP_BYTES = 64 * 2**20
"""How much is kept of runs that have ended, where Redis cannot take them."""


WRITING = "writing"


class RedisEventLog:
    """A memory log, whose runs are written to Redis as well; other processes' runs are read from there.

    :raises LogUnavailable: the URL names no Redis; the message holds no password.
    """

    def __init__(self, url: str, memory: MemoryEventLog | None = None) -> None:
        self._memory = memory or MemoryEventLog()
        self._connections = connections_to(url)
        self._health = Health(self._connections.shown)
        self._outbox = Outbox(self._connections, self._health, WRITING, KEEP_BYTES)
        self._writing = Steady(self._outbox.run, _nothing, self._health, WRITING)
        self._identity = Identity(self._connections, self._health)
        self._naming = Steady(self._identity.keep, _nothing, self._health, NAMING)
        self._lookup = Lookup(self._connections)
        self._process = token_hex(8)
        self._tails: dict[int, Tail] = {}
        self.doorbell = RedisDoorbell(self._connections, self._health, self._outbox.post)

    @property
    def is_shared(self) -> bool:
        """Others read it."""
        return True

    @property
    def identity(self) -> str | None:
        """What is kept in Redis to tell it from others; what it was, while Redis cannot be asked."""
        return self._identity.value

    async def start(self) -> None:
        """Begin to write what there is, and to listen."""
        self._writing.start()
        self._naming.start()
        self.doorbell.listening.start()

    async def close(self) -> None:
        """Write what is left, for a few seconds, and let go."""
        self._lookup.close()
        self._outbox.close()
        await self._writing.wait(FLUSH_SECONDS)
        await self._writing.close()
        await self._naming.close()
        for tail in list(self._tails.values()):
            await tail.close()
        await self.doorbell.listening.close()
        await self._connections.close()

    async def check(self) -> None:
        """:raises LogUnavailable: with words for the operator."""
        self._health.check()
        for part in self._writing, self._naming, self.doorbell.listening, *self._tails.values():
            part.check()
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._connections.ask(None, "PING")
        except (RedisError, TimeoutError) as error:
            raise LogUnavailable(self._health.words_for(error)) from error

    def open(self, run_id: str, attempt: int, refused: Callable[[], None] | None = None) -> MemoryRunLog:
        """Begin the log of an attempt, here and, a moment later, in Redis."""
        log = self._memory.open(run_id, attempt)
        Outgoing(stream_key(run_id), log, refused, self._outbox.post)
        return log

    def fence(self, run_id: str, attempt: int) -> None:
        """Write that earlier attempts are over."""
        self._outbox.post(Fence(stream_key(run_id), attempt))

    def is_here(self, run_id: str) -> bool:
        """Whether it is in this process's memory."""
        return self._memory.is_here(run_id)

    async def last(self, run_id: str) -> Offset | None:
        """The offset of a run's newest event."""
        if self._memory.is_here(run_id):
            return await self._memory.last(run_id)
        entry = await self._last_entry(run_id)
        return entry.last if entry is not None and entry.events else None

    async def end(self, run_id: str) -> Offset | None:
        """The offset of a run's end."""
        if self._memory.is_here(run_id):
            return await self._memory.end(run_id)
        entry = await self._last_entry(run_id)
        return entry.last if entry is not None and entry.ended else None

    async def _last_entry(self, run_id: str) -> Entry | None:
        try:
            async with self._lookup.turn(stream_key(run_id)):
                return await self._lookup.last(stream_key(run_id))
        except (RedisError, Unreadable):
            return None

    def read(self, run_id: str, after: Offset | None, heartbeat: float) -> Reader:
        """A reader of this process's memory, or of Redis."""
        if self._memory.is_here(run_id):
            return self._memory.read(run_id, after, heartbeat)
        return RemoteReader(stream_key(run_id), after, heartbeat, self._lookup, self._tail_of(run_id))

    def _tail_of(self, run_id: str) -> Tail:
        """Who reads a run's stream: one for all, where one command may name them all."""
        group = partition_of(run_id) if self._connections.clustered else 0
        tail = self._tails.get(group)
        if tail is None:
            key = wake_key(group, self._process)
            line = self._connections.line(key, BLOCK_SECONDS + PATIENCE_SECONDS)
            part = f"reading (partition {group})" if self._connections.clustered else "reading"
            tail = self._tails[group] = Tail(part, line, self._health, key, self._outbox.post, self._pace)
        return tail

    def _pace(self, streams: int) -> float:
        others = sum(tail.is_following for tail in self._tails.values()) - 1
        return streams * STREAM_SECONDS + max(0, others) * TAIL_SECONDS


async def _nothing() -> None:
    """Nothing is lost with a connection."""
