"""What is written to Redis, and the streams that it is written to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError, ResponseError

from ...events import Offset
from .keys import channel
from .line import Command
from .packing import FENCE

MAX_ENTRIES = 4096
"""How many entries a stream keeps, about: for readers that come late, or back."""

LIVE_SECONDS = 26 * 3600
"""How long a stream is kept that nothing is written to: longer than any run may take."""

ENDED_SECONDS = 1800
"""How long it is kept after the run's end."""

WAKE_SECONDS = 3600
"""How long the stream that ends reads is kept."""

NOT_ABOVE = "equal or smaller"
"""Redis refuses an entry: there is, or was, one with its id or a higher one."""

MISSING = "no such key"

WRONG_TYPE = "WRONGTYPE"


def is_of_one_key(error: RedisError) -> bool:
    """Whether an error says something of one key alone, and nothing of Redis."""
    return isinstance(error, ResponseError) and any(text in str(error) for text in (NOT_ABOVE, MISSING, WRONG_TYPE))


def entry(key: str, offset: Offset, fields: Sequence[bytes]) -> Command:
    """Add an entry to a stream."""
    return Command(key, ("XADD", key, "MAXLEN", "~", MAX_ENTRIES, str(offset), *fields))


def expire(key: str, seconds: int) -> Command:
    """Keep a stream for so long."""
    return Command(key, ("EXPIRE", key, seconds))


class Letter(ABC):
    """Something that is to be written, once or again and again."""

    __slots__ = ()

    @abstractmethod
    def write(self, epoch: int) -> tuple[list[Command], int]:
        """What it comes to now, and about how many bytes that is. Between two epochs a connection was lost."""

    @abstractmethod
    def answered(self, replies: Sequence[Any]) -> bool:
        """The replies and errors to what :meth:`write` gave last, if that was anything; whether there is more."""

    def excess(self) -> int:
        """How many bytes are kept because it has not been written yet."""
        return 0

    def give_up(self) -> None:  # noqa: B027 - most keep nothing
        """It will not be written: too much is kept for what cannot be."""


class Fence(Letter):
    """Says that an attempt has ended a run without saying anything."""

    __slots__ = ("_attempt", "_key")

    def __init__(self, key: str, attempt: int) -> None:
        self._key = key
        self._attempt = attempt

    def write(self, epoch: int) -> tuple[list[Command], int]:
        """Its entry, below everything that the attempt could say."""
        fence = entry(self._key, Offset(self._attempt, 0), (FENCE, b""))
        return [fence, expire(self._key, ENDED_SECONDS)], 0

    def answered(self, replies: Sequence[Any]) -> bool:
        """Whether it is to be written again; not where a later one is there."""
        return any(isinstance(reply, RedisError) and not is_of_one_key(reply) for reply in replies)


class Ring(Letter):
    """A doorbell's ring."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def write(self, epoch: int) -> tuple[list[Command], int]:
        """To everyone who listens."""
        return [Command(None, ("PUBLISH", channel(self._name), b""))], 0

    def answered(self, replies: Sequence[Any]) -> bool:
        """It may be lost."""
        return False


class Wake(Letter):
    """Ends the blocking read."""

    def __init__(self, key: str) -> None:
        self._key = key

    def write(self, epoch: int) -> tuple[list[Command], int]:
        """Something new in its stream."""
        added = Command(self._key, ("XADD", self._key, "MAXLEN", 1, "*", "wake", ""))
        return [added, expire(self._key, WAKE_SECONDS)], 0

    def answered(self, replies: Sequence[Any]) -> bool:
        """Once is enough: the read ends by itself before long."""
        return False
