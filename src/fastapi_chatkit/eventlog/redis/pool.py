"""Connections to one server, for commands that do not block."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio.connection import AbstractConnection, BlockingConnectionPool
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

from .address import Address
from .line import COMMAND_SECONDS, Command, arguments, kind_and_place, pack, within

CONNECTIONS = 8
"""How many a process has at most to one server."""


class Pool:
    """Connections to a host and port (``None``: to the Unix socket). Whoever finds all of them in use waits for one."""

    def __init__(self, address: Address, place: tuple[str, int] | None) -> None:
        kind, where = kind_and_place(address, place)
        self._pool: Any = BlockingConnectionPool(
            max_connections=CONNECTIONS,
            timeout=COMMAND_SECONDS,
            connection_class=kind,
            **where,
            **arguments(address),
        )

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands in one go; the replies and errors, each in its place. Raises no error of Redis."""
        replies: list[Any] = []
        try:
            async with within(COMMAND_SECONDS):
                connection: AbstractConnection = await self._pool.get_connection()
        except RedisError as error:
            return [error] * len(commands)
        try:
            async with within(COMMAND_SECONDS):
                await _exchange(connection, commands, replies)
        except RedisError as error:
            replies += [error] * (len(commands) - len(replies))
        finally:
            await self._pool.release(connection)
        if any(isinstance(reply, ReadOnlyError) for reply in replies):
            await self._renew()
        return replies

    async def _renew(self) -> None:
        """Connect anew wherever one is connected to a replica: its name may lead to another server by now."""
        await self._pool.update_active_connections_for_reconnect()
        with suppress(RedisError):  # of connections that are not needed any more
            await self._pool.disconnect(inuse_connections=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


async def _exchange(connection: AbstractConnection, commands: Sequence[Command], replies: list[Any]) -> None:
    """Add the replies one by one: those that came count, also where then the connection is lost."""
    packed = b"".join([pack(command.words) for command in commands])
    await connection.send_packed_command(packed, check_health=False)
    for _ in commands:
        try:
            replies.append(await connection.read_response())
        except ResponseError as error:
            replies.append(error)
