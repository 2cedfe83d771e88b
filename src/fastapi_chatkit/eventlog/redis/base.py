"""What one server and a cluster have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import Any

from redis.exceptions import RedisError

from .line import Command, Line, Word


class Connections(ABC):
    """The ways to Redis. Nothing is connected before it is used."""

    clustered: bool
    """Whether the keys of one command must share a hash slot."""

    shown: str
    """Where it is, for people."""

    @abstractmethod
    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands in one go, those to the same node in order, and not as a transaction: one may be refused and
        the next one not.

        The replies, each in its place, and in place of a reply its error: after a ``ResponseError`` the command was not
        carried out; after any other ``RedisError`` nobody knows. Raises none of them.
        """

    async def ask(self, key: str | None, *words: Word) -> Any:
        """The reply to one command. :raises RedisError: as in :meth:`send`."""
        reply = (await self.send([Command(key, words)]))[0]
        if isinstance(reply, RedisError):
            raise reply
        return reply

    @abstractmethod
    def place(self, key: str) -> Hashable:
        """What tells the node that has the key from others, as far as that is known."""

    @abstractmethod
    def line(self, key: str | None, seconds: float) -> Line:
        """A connection of its own to the node that has the key (``None``: any), where a reply may take ``seconds``."""

    @abstractmethod
    async def close(self) -> None:
        """Close what is ours; lines are closed by who asked for them."""
