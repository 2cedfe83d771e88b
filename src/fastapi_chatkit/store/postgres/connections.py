"""Where connections come from, and how many of them each kind of work may hold.

Somebody who locks a table for a minute blocks every statement on it, and each blocked statement holds a connection.
So the connections are shared out in lanes: reads of threads, reads of items, writes. Each has less than half of them:
two lanes that are full of blocked statements leave connections for the third.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

import asyncpg

from .failures import is_useless_after
from .statements import Lane
from .url import Address

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

logger = logging.getLogger(__name__)

T = TypeVar("T")

Connection = asyncpg.Connection
Work = Callable[[Connection], Awaitable[T]]
CLOSE_SECONDS = 5.0
CANCEL_SECONDS = 2.0
"""How long a server may take to cancel a statement before its connection is given up."""


class Source(Protocol):
    """A pool of asyncpg's connections."""

    async def acquire(self) -> Connection:
        """A connection that nobody else has."""
        ...

    async def release(self, connection: Connection) -> None:
        """Give a connection back; one that was terminated is replaced. A second time does nothing."""
        ...

    async def close(self) -> None:
        """Release what is ours."""
        ...


class _PlainConnection(asyncpg.Connection):
    """Statements here change nothing of a session, so there is nothing to reset: a round trip less each time."""

    def get_reset_query(self) -> str:
        return ""


class Database(Protocol):
    """A database that can be reached."""

    @property
    def shown(self) -> str:
        """How it is named to people: without a password."""
        ...

    async def connect(self, size: int, settings: dict[str, str]) -> Source:
        """A pool of at most ``size`` connections with PostgreSQL's ``settings``; what fails may only fail later."""
        ...

    def engine(self) -> AbstractAsyncContextManager[AsyncEngine]:
        """A SQLAlchemy engine, for migrations."""
        ...


class PoolSource:
    """asyncpg's own pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def acquire(self) -> Connection:
        return await self._pool.acquire()

    async def release(self, connection: Connection) -> None:
        await self._pool.release(connection)

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
        except TimeoutError:
            self._pool.terminate()


class AddressedDatabase:
    """The database at an address, which asyncpg connects to."""

    def __init__(self, address: Address) -> None:
        self._address = address

    @property
    def shown(self) -> str:
        return self._address.shown

    async def connect(self, size: int, settings: dict[str, str]) -> PoolSource:
        """Connections are made when they are needed. What the URL sets, it keeps."""
        return PoolSource(
            await asyncpg.create_pool(
                **self._address.arguments,
                min_size=0,
                max_size=size,
                server_settings={name: settings[name] for name in settings.keys() - self._address.given},
                connection_class=_PlainConnection,
            )
        )

    @asynccontextmanager
    async def engine(self) -> AsyncGenerator[AsyncEngine, None]:
        """Without the pool's settings: a migration of a large table may take its time."""
        from sqlalchemy.ext.asyncio import create_async_engine
        from sqlalchemy.pool import NullPool

        async def connect() -> Connection:
            return await asyncpg.connect(**self._address.arguments)

        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
        try:
            yield engine
        finally:
            await engine.dispose()


def is_gone(connection: Connection) -> bool:
    """Whether a connection was closed. asyncpg's pool takes one back that was, and then it answers nothing any more."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


class Connections:
    """``size`` connections in lanes."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self._lanes = {lane: asyncio.Semaphore(max(1, (size - 1) // 2)) for lane in Lane}
        self._leaving: set[asyncio.Task[None]] = set()

    async def run(self, lane: Lane, work: Work[T]) -> T:
        """Do work on a connection of a lane. A caller that leaves in the middle of a statement has it cancelled."""
        turn = self._lanes[lane]
        await turn.acquire()
        try:
            connection = await self._source.acquire()
        except BaseException:
            turn.release()
            raise
        try:
            result = await work(connection)
        except BaseException as error:
            if isinstance(error, Exception) and is_useless_after(error) and not is_gone(connection):
                connection.terminate()
            self._leave(turn, connection)
            raise
        try:
            await self._source.release(connection)
        finally:
            turn.release()
        return result

    def _leave(self, turn: asyncio.Semaphore, connection: Connection) -> None:
        """Give a connection back without waiting for it: the next in its lane waits, so that there are never more."""
        task = asyncio.create_task(self._clean_up(turn, connection))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _clean_up(self, turn: asyncio.Semaphore, connection: Connection) -> None:
        """asyncpg has asked the server to cancel what was left, and whatever comes next on it waits for that."""
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                if not is_gone(connection):
                    await connection.execute("")  # waits for that: it may have been a BEGIN that came through
                    if connection.is_in_transaction():
                        await connection.execute("ROLLBACK")
                await self._source.release(connection)
        except Exception as error:
            logger.debug("PostgreSQL: a connection is given up", exc_info=error)
            if not is_gone(connection):
                connection.terminate()
            await self._source.release(connection)
        finally:
            turn.release()

    async def close(self) -> None:
        """Close what is ours."""
        if self._leaving:
            await asyncio.wait(self._leaving)
        await self._source.close()
