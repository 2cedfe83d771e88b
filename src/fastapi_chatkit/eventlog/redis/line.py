"""Connections, and how commands go over them: redis-py's connections, without its clients.

Its clients take twice the time for a command, and they repeat commands: see :mod:`.connection`. Nor are its connections
told how long to wait: they would do so with ``asyncio.wait_for``, in which Python 3.11 may lose a cancellation.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeAlias, cast

import hiredis
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, MovedError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from .address import Address

COMMAND_SECONDS = 2.0
"""How long connecting may take, and a reply to a command that does not block."""

MOVES = 5
"""How often a command follows a key from node to node before it fails."""

Word: TypeAlias = bytes | str | int | float

pack: Callable[[tuple[Word, ...]], bytes] = cast("Any", hiredis).pack_command  # which is typed for commands of one word
"""A command as it is sent: made by the parser's library in C, at a fifth of what it costs redis-py."""


class Command(NamedTuple):
    """A command, and the key that decides which node of a cluster it goes to (``None``: any)."""

    key: str | None
    words: tuple[Word, ...]


def arguments(address: Address, seconds: float | None = None) -> dict[str, Any]:
    """redis-py's arguments for connections; the place is not among them."""
    return {
        **address.options,
        "socket_timeout": seconds,
        "socket_connect_timeout": COMMAND_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,  # or each connection begins with two commands that Redis 6.2 does not know
    }


def kind_and_place(
    address: Address, place: tuple[str, int] | None
) -> tuple[type[AbstractConnection], dict[str, str | int]]:
    """A class of connections, and its arguments for a host and a port (``None``: for the Unix socket)."""
    if place is None:
        return UnixDomainSocketConnection, {"path": address.path}
    return SSLConnection if address.tls else Connection, {"host": place[0], "port": place[1]}


def connection_to(address: Address, place: tuple[str, int] | None) -> AbstractConnection:
    """A connection, not made yet."""
    kind, where = kind_and_place(address, place)
    return kind(**where, **arguments(address))


@asynccontextmanager
async def within(seconds: float) -> AsyncGenerator[None]:
    """Using a connection, which is closed where that is not done in time.

    :raises RedisError: then too, and where it is lost in the midst of it: its writer is ``None`` then, or closed.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise RedisTimeoutError(f"no reply for {seconds:g} s") from error
    except (AttributeError, RuntimeError) as error:
        raise ConnectionError(str(error)) from error


class Line:
    """A connection of its own, for commands that block and for pub/sub. It connects when it is first used, and again
    after an error.

    One task may send while another receives; otherwise it is for one task at a time. ``find`` makes a connection to
    where it leads now; ``failed`` is told of errors, for some mean that it leads elsewhere.
    """

    def __init__(
        self,
        find: Callable[[], Awaitable[AbstractConnection]],
        failed: Callable[[RedisError], Awaitable[None]],
        seconds: float,
    ) -> None:
        self._find = find
        self._failed = failed
        self._seconds = seconds
        self._connection: AbstractConnection | None = None

    async def ask(self, *words: Word) -> Any:
        """The reply to one command.

        :raises RedisError: it was refused (``ResponseError``: the line stays), or the line is broken.
        """
        moves = 0
        while True:
            try:
                await self.send(*words)
                return await self.receive()
            except MovedError:  # so it was not carried out
                await self.close()
                moves += 1
                if moves == MOVES:
                    raise

    async def send(self, *words: Word) -> None:
        """Send a command. What comes back is received one by one.

        :raises RedisError: the line is broken, or cannot be had.
        """
        try:
            async with within(COMMAND_SECONDS):
                connection = await self._connected()
                await connection.send_packed_command(pack(words), check_health=False)
        except RedisError as error:
            await self._broken(error)
            raise

    async def receive(self) -> Any:
        """The next reply or message.

        :raises RedisError: it is an error, or the line is broken; also where nothing comes in its time.
        """
        connection: Any = self._connection
        if connection is None:
            raise ConnectionError("the line was closed")
        try:
            async with within(self._seconds):
                return await connection.read_response()
        except RedisError as error:
            await self._broken(error)
            raise

    async def close(self) -> None:
        """Let go; it connects again when it is used."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _connected(self) -> AbstractConnection:
        if self._connection is None or not self._connection.is_connected:
            self._connection = await self._find()  # known already while it connects, so that it can be closed
            await self._connection.connect()
        return self._connection

    async def _broken(self, error: RedisError) -> None:
        if isinstance(error, ReadOnlyError) or not isinstance(error, ResponseError):
            await self.close()  # of a replica, the name may lead to another server by now
        await self._failed(error)
