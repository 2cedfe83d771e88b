"""How one run's log gets into Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from redis.exceptions import RedisError, ResponseError

from ...events import Offset
from ..runlog import MemoryRunLog
from .letters import ENDED_SECONDS, LIVE_SECONDS, MISSING, NOT_ABOVE, WRONG_TYPE, Letter, entry, expire
from .line import Command
from .packing import pack, parse

RENEW_SECONDS = 600.0
"""How often a stream that is written to is told how long it is kept: it may have been flushed, and begun anew."""


class Outgoing(Letter):
    """What of a run's log is in Redis, and what is not yet. The log itself is the queue."""

    __slots__ = (
        "_attempt",
        "_done",
        "_doubtful",
        "_epoch",
        "_key",
        "_log",
        "_post",
        "_posted",
        "_refused",
        "_renew_at",
        "_sent",
        "_size",
    )

    def __init__(
        self, key: str, log: MemoryRunLog, refused: Callable[[], None] | None, post: Callable[[Outgoing], None]
    ) -> None:
        self._key = key
        self._log = log
        self._attempt = log.last.attempt
        self._refused = refused
        self._post = post
        self._posted = False
        self._sent = 0
        """The seq of the last event that Redis has."""
        self._doubtful = False
        """Whether Redis is to be asked what it has, before anything is written."""
        self._epoch: int | None = None
        self._renew_at = 0.0
        self._done = False
        self._size = 0
        log.followers.add(self)

    def wake(self) -> None:
        """The run has said something."""
        if not self._posted:
            self._posted = True
            self._post(self)

    def write(self, epoch: int) -> tuple[list[Command], int]:
        """The next entry; or the question what there is, where a connection was lost since the last one."""
        key, log, to = self._key, self._log, self._sent
        if epoch != self._epoch:
            self._doubtful = self._doubtful or self._epoch is not None
            self._epoch = epoch
        if self._doubtful:
            return [Command(key, ("XINFO", "STREAM", key))], 0
        commands, size = list[Command](), 0
        if to < log.count:
            fields, events = pack(log.pieces(to))
            to += events
            commands.append(entry(key, Offset(self._attempt, to), fields))
            size = sum(map(len, fields))
        now = asyncio.get_running_loop().time()
        if log.ended and to == log.count:
            commands.append(expire(key, ENDED_SECONDS))
        elif now >= self._renew_at:
            self._renew_at = now + RENEW_SECONDS
            commands.append(expire(key, LIVE_SECONDS))
        return commands, size

    def answered(self, replies: Sequence[Any]) -> bool:
        """Whether there is more to write."""
        match replies[0] if replies else None:
            case None:
                self._posted = False  # there was nothing new, and it was not time to say how long it is kept
                return False
            case bytes() as entry_id:
                self._sent = parse(entry_id).seq
            case RedisError() as wrong:
                self._fail(wrong)
            case int():
                pass  # it was to expire, and nothing else
            case found:
                self._compare(found)
        if isinstance(replies[-1], RedisError):
            self._renew_at = 0.0
        elif self._log.ended and self._sent == self._log.count and not self._doubtful:
            self.give_up()
        more = self._doubtful or self._sent < self._log.count or self._log.ended
        self._posted = self._done or more
        return more and not self._done

    def excess(self) -> int:
        """A log that has ended may be kept for nobody else."""
        if self._log.ended and not self._size:
            self._size = self._log.size()
        return self._size

    def give_up(self) -> None:
        """Write nothing any more."""
        self._done = True
        self._log.followers.discard(self)

    def _compare(self, found: list[Any]) -> None:
        """Go on from what Redis has of this attempt: that may be more than was known, or less, if it lost some."""
        last = parse(found[found.index(b"last-generated-id") + 1])
        self._doubtful = False
        if last > Offset(self._attempt, self._log.count):
            self.give_up()
            if self._refused is not None:
                asyncio.get_running_loop().call_soon(self._refused)
        elif last.attempt == self._attempt:
            self._sent = last.seq

    def _fail(self, wrong: RedisError) -> None:
        if isinstance(wrong, ResponseError) and MISSING in str(wrong):
            self._doubtful = False  # it was flushed: what comes next is written on, and readers look for the rest
        elif isinstance(wrong, ResponseError) and WRONG_TYPE in str(wrong):
            self.give_up()
        elif not isinstance(wrong, ResponseError) or NOT_ABOVE in str(wrong):
            self._doubtful = True
