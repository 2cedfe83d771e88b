"""Connections, and how commands go over them: redis-py's connections, without its clients.

Its clients take twice the time for a command, and they repeat commands: see :mod:`.connection`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import hiredis
from redis.asyncio.connection import (
    AbstractConnection,
    BlockingConnectionPool,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, MovedError, RedisError, ResponseError

from .address import Address

COMMAND_SECONDS = 2.0
"""How long connecting may take, and a reply to a command that does not block."""

CONNECTIONS = 8
"""How many a process has at most to one server, for commands that do not block."""

MOVES = 5
"""How often a command follows a key from node to node before it fails."""

Word: TypeAlias = bytes | str | int | float

pack: Callable[[tuple[Word, ...]], bytes] = cast("Any", hiredis).pack_command  # which is typed for commands of one word
"""A command as it is sent: made by the parser's library in C, at a fifth of what it costs redis-py."""


class Command(NamedTuple):
    """A command, and the key that decides which node of a cluster it goes to (``None``: any)."""

    key: str | None
    words: tuple[Word, ...]


def arguments(address: Address, seconds: float = COMMAND_SECONDS) -> dict[str, Any]:
    """redis-py's arguments for connections on which a reply may take so long; the place is not among them."""
    return {
        **address.options,
        "socket_timeout": seconds,
        "socket_connect_timeout": COMMAND_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,  # or each connection begins with two commands that Redis 6.2 does not know
    }


def connection_to(
    address: Address, place: tuple[str, int] | None, seconds: float = COMMAND_SECONDS
) -> AbstractConnection:
    """A connection, not made yet, to a host and a port (``None``: to the Unix socket)."""
    kind, where = _kind_and_place(address, place)
    return kind(**where, **arguments(address, seconds))


def _kind_and_place(
    address: Address, place: tuple[str, int] | None
) -> tuple[type[AbstractConnection], dict[str, str | int]]:
    if place is None:
        return UnixDomainSocketConnection, {"path": address.path}
    return SSLConnection if address.tls else Connection, {"host": place[0], "port": place[1]}


class Pool:
    """Connections to one server. Whoever finds all of them in use waits for one."""

    def __init__(self, address: Address, place: tuple[str, int] | None) -> None:
        kind, where = _kind_and_place(address, place)
        self._pool: Any = BlockingConnectionPool(
            max_connections=CONNECTIONS,
            timeout=COMMAND_SECONDS,
            connection_class=kind,
            **where,
            **arguments(address),
        )

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands in one go; the replies and errors, each in its place. Raises no error of Redis."""
        try:
            connection = await self._pool.get_connection()
        except RedisError as error:
            return [error] * len(commands)
        try:
            return await _exchange(connection, commands)
        finally:
            await self._pool.release(connection)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


async def _exchange(connection: AbstractConnection, commands: Sequence[Command]) -> list[Any]:
    replies: list[Any] = []
    try:
        await _send(connection, b"".join([pack(command.words) for command in commands]))
        for _ in commands:
            try:
                replies.append(await connection.read_response())
            except ResponseError as error:
                replies.append(error)
    except RedisError as error:
        replies.extend([error] * (len(commands) - len(replies)))
    return replies


async def _send(connection: AbstractConnection, packed: bytes) -> None:
    try:
        await connection.send_packed_command(packed, check_health=False)
    except (AttributeError, RuntimeError) as error:  # it was lost just now: its writer is None, or closed
        raise ConnectionError(str(error)) from error


class Line:
    """A connection of its own, for commands that block and for pub/sub. It connects when it is first used, and again
    after an error.

    One task may send while another receives; otherwise it is for one task at a time. ``find`` makes a connection to
    where it leads now; ``failed`` is told of errors, for some mean that it leads elsewhere.
    """

    def __init__(
        self, find: Callable[[], Awaitable[AbstractConnection]], failed: Callable[[RedisError], Awaitable[None]]
    ) -> None:
        self._find = find
        self._failed = failed
        self._connection: AbstractConnection | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it was, when it was last used."""
        return self._connection is not None and self._connection.is_connected

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
            connection = await self._connected()
            await _send(connection, pack(words))
        except RedisError as error:
            await self._broken(error)
            raise

    async def receive(self, seconds: float | None = None) -> Any:
        """The next reply or message; ``None`` where ``seconds`` are given and nothing comes in time.

        :raises RedisError: the reply is an error, or the line is broken; also where nothing comes in the line's own
            time, and ``seconds`` are not given.
        """
        connection: Any = self._connection
        if connection is None:
            raise ConnectionError("the line was closed")
        try:
            return await connection.read_response(timeout=seconds)
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
        if not isinstance(error, ResponseError):
            await self.close()
        await self._failed(error)
