"""Connections that an application lends: those of its SQLAlchemy engine, which stays the application's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..base import StoreError
from .connections import Connection


class EngineDatabase:
    """The database of ``engine``.

    :raises StoreError: the engine's driver is not asyncpg.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        if engine.dialect.driver != "asyncpg":
            raise StoreError(
                f"PostgresStore(engine=...) needs an engine over asyncpg, not {engine.dialect.driver}: "
                "create_async_engine('postgresql+asyncpg://...')"
            )
        self._engine = engine

    @property
    def shown(self) -> str:
        return self._engine.url.set(query={}).render_as_string(hide_password=True)

    async def connect(self, size: int, settings: dict[str, str]) -> EngineSource:
        """The engine's pool as it is: size and settings are its owner's."""
        return EngineSource(self._engine)

    @asynccontextmanager
    async def engine(self) -> AsyncGenerator[AsyncEngine, None]:
        yield self._engine


class EngineSource:
    """The engine's pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lent: dict[Connection, AsyncConnection] = {}

    async def acquire(self) -> Connection:
        """A connection that is open: those that ended while they lay in the pool are replaced."""
        while True:
            lent, connection = await self._borrow()
            if not connection.is_closed():
                self._lent[connection] = lent
                return connection
            await lent.invalidate()
            await lent.close()

    async def _borrow(self) -> tuple[AsyncConnection, Connection]:
        try:
            lent = await self._engine.connect()
        except exc.TimeoutError as error:
            raise TimeoutError from error
        except exc.DBAPIError as error:
            raise (error.orig.__cause__ if error.orig else None) or error from error
        try:
            return lent, cast("Connection", (await lent.get_raw_connection()).driver_connection)
        except BaseException:
            await lent.close()
            raise

    async def release(self, connection: Connection) -> None:
        lent = self._lent.pop(connection, None)
        if lent is not None:
            if connection.is_closed():
                await lent.invalidate()
            await lent.close()

    async def close(self) -> None:
        """The engine is not ours."""
