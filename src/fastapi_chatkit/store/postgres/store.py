"""Threads in PostgreSQL.

A write is one statement where it can be, else a short transaction; a read is one statement. Nothing holds a connection
while a stream goes on. A connection that is lost is replaced and the work done again, as long as that cannot do it
twice; what cannot be done in time is ``Overloaded``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import asyncpg

from ...errors import ChatKitError, InDoubt, Overloaded
from ...identity import Owner
from ...settings import StoreConfig
from ..base import RunEnd, StoreError
from ..migrations import HEAD, check_version
from ..relational import RelationalStore
from ..script import Conflict, Script
from .connections import AddressedDatabase, Connections, Database, Source
from .failures import advice_on, failure_of, is_conflict
from .schema import stored_version
from .statements import Statements
from .transaction import Transaction
from .url import address_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_SECONDS = 0.5
"""How much longer than a statement may take a caller waits, for a connection and for the network."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5


class PostgresStore(RelationalStore):
    """A store in the database that ``config`` names (default: the one in the environment), or that of ``engine``.

    An ``engine`` (SQLAlchemy's, over asyncpg) lends its connections and stays the caller's, with its pool and its
    server-side timeouts. ``pool_size`` then only says how many of them are used at once; the schema's name and how long
    callers wait are the configuration's as ever.

    It belongs to the event loop that opened it. After :meth:`close`, or when that loop has ended, another may open it.

    :raises StoreError: the URL names no PostgreSQL database.
    """

    def __init__(self, config: StoreConfig | None = None, *, engine: AsyncEngine | None = None) -> None:
        self._lease_config = config if config is not None and is_postgres(config) else None
        config = config or StoreConfig.load()
        self._database = _database(config, engine)
        self._config = config
        self._schema = config.schema_name
        self._size = config.pool_size
        self._timeout = config.statement_timeout
        self._statements = Statements(config.schema_name)
        self._connections: Connections | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writes: set[asyncio.Task[Any]] = set()
        self._opening = asyncio.Lock()

    # --- life -----------------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """The database's URL."""
        return self._database.shown

    @property
    def is_open(self) -> bool:
        """Whether :meth:`open` has run, and neither :meth:`close` nor the end of its event loop came since."""
        return self._connections is not None and self._loop is not None and not self._loop.is_closed()

    async def open(self) -> None:
        """Connect, and see that the schema is this version's.

        :raises StoreError: the database cannot be used, or its schema is of another version.
        """
        async with self._opening:
            await self._open()

    async def initialize_schema(self) -> None:
        """Bring the schema up to date where it is not, one process at a time, and open the database."""
        async with self._opening:
            if not self.is_open:
                await self._bring_up()
                await self._open()

    async def _open(self) -> None:
        if self.is_open:
            return
        source = await self._reach(self._connect)
        try:
            check_version(await self._reach(lambda: self._version(source)))
        except BaseException:
            await source.close()
            raise
        self._connections = Connections(source, self._size)
        self._loop = asyncio.get_running_loop()

    async def _bring_up(self) -> None:
        source = await self._reach(self._connect)
        try:
            current = await self._reach(lambda: self._version(source))
        finally:
            await source.close()
        check_version(current, may_be_older=True)
        if current != HEAD:
            await self._reach(self._migrate)

    async def close(self) -> None:
        """Finish the writes under way, then close the connections."""
        async with self._opening:
            was_open, connections, self._connections = self.is_open, self._connections, None
            if was_open and connections is not None:
                if self._writes:
                    await asyncio.wait(self._writes)
                await connections.close()
        self._opening = asyncio.Lock()  # the next to open it may have another event loop

    async def _connect(self) -> Source:
        timeout = str(int(self._timeout * 1000))
        settings = {"statement_timeout": timeout, "idle_in_transaction_session_timeout": timeout}
        return await self._database.connect(self._size, {"application_name": "fastapi-chatkit", **settings})

    async def _version(self, source: Source) -> str | None:
        try:
            connection = await source.acquire()
        except ValueError as error:
            if type(error) is not ValueError:  # asyncpg's word for a URL that it cannot read; others have their own
                raise
            reason = "has a parameter that cannot be read"
            raise StoreError(f"CHATKIT_DATABASE_URL ({self._database.shown}) {reason}") from error
        try:
            async with asyncio.timeout(self._timeout + PATIENCE_SECONDS):
                return await stored_version(connection, self._statements)
        except (TimeoutError, asyncio.CancelledError):
            connection.terminate()
            raise
        finally:
            await source.release(connection)

    async def _migrate(self) -> None:
        from .migration import migrate

        async with self._database.engine() as engine:
            await migrate(engine, self._schema)

    async def _reach(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do something at the start, where every failure is told to an operator."""
        try:
            return await call()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            raise StoreError(advice_on(error, self._database.shown)) from error

    def apart(self) -> PostgresStore | None:
        """A store with few connections. Those of an engine belong to its event loop, and how it makes them is its own
        affair: there is one only where the configuration that was given names the database, too.
        """
        config = self._config if isinstance(self._database, AddressedDatabase) else self._lease_config
        if config is None:
            logger.warning(
                "PostgresStore(engine=...) alone: an agent that holds the event loop for 10 s loses its answers. "
                "Give it the database's URL as well: PostgresStore(StoreConfig.load(database_url=...), engine=...)"
            )
            return None
        return PostgresStore(config.model_copy(update={"pool_size": 3}))

    # --- transactions ---------------------------------------------------------------------------------------------

    async def abandon_run(self, owner: Owner, end: RunEnd, *, new_thread: bool) -> None:
        """Twice: what was in doubt may go on in the server for as long as a statement may take."""
        await super().abandon_run(owner, end, new_thread=new_thread)
        await asyncio.sleep(self._timeout + PATIENCE_SECONDS)
        await super().abandon_run(owner, end, new_thread=new_thread)

    async def _read(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        def attempt() -> Transaction[T]:
            return Transaction(script(*args, **kwargs), self._statements, writes=False)

        return await self._persist(attempt, replay=True)

    def _write(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        return self._shielded(lambda: script(*args, **kwargs), replay=True)

    def _write_once(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        return self._shielded(lambda: script(*args, **kwargs), replay=False)

    def _shielded(self, script: Callable[[], Script[T]], *, replay: bool) -> Awaitable[T]:
        """Write in a task of its own: a caller that goes away does not take its write back."""

        def attempt() -> Transaction[T]:
            return Transaction(script(), self._statements, writes=True)

        task = asyncio.create_task(self._persist(attempt, replay=replay))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        answer = asyncio.shield(task)
        answer.add_done_callback(lambda answer: _unheard(task) if answer.cancelled() else None)
        return answer

    async def _persist(self, attempt: Callable[[], Transaction[T]], *, replay: bool) -> T:
        """Try until it works, within the time that a caller waits. What may be stored is tried again if ``replay``."""
        connections = self._open_connections()
        pause = FIRST_PAUSE_SECONDS
        transaction = attempt()
        try:
            async with asyncio.timeout(self._timeout + PATIENCE_SECONDS):
                while True:
                    try:
                        return await connections.run(transaction.lane, transaction.run)
                    except Exception as error:
                        if is_conflict(error):
                            raise Conflict from error
                        failure = failure_of(error)
                        if failure is None:
                            raise
                        if failure == "overloaded":
                            raise _given_up(error, Overloaded()) from error
                        if failure == "lost" and transaction.in_doubt and not replay:
                            raise _given_up(error, InDoubt()) from error
                        logger.debug("PostgreSQL: %s, trying again", _name(error))
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                    transaction = attempt()
        except TimeoutError as error:
            raise _given_up(error, InDoubt() if transaction.in_doubt else Overloaded()) from error

    def _open_connections(self) -> Connections:
        if self._connections is None or not self.is_open:
            raise Overloaded("The store is closed")
        if self._loop is not asyncio.get_running_loop():
            raise StoreError("this PostgresStore is open in another event loop: make one for each, or close it there")
        return self._connections


def is_postgres(config: StoreConfig) -> bool:
    """Whether the configuration names a PostgreSQL database."""
    return config.database_url.get_secret_value().partition(":")[0].partition("+")[0] in ("postgresql", "postgres")


def _database(config: StoreConfig, engine: AsyncEngine | None) -> Database:
    if engine is None:
        return AddressedDatabase(address_of(config.database_url.get_secret_value()))
    from .engine import EngineDatabase

    return EngineDatabase(engine)


def _unheard(task: asyncio.Task[Any]) -> None:
    """The caller of a write has left: nobody else would hear of a mistake."""

    def report(task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ChatKitError):
            logger.error("a write whose caller had left failed", exc_info=error)

    task.add_done_callback(report)


def _given_up(cause: Exception, error: Overloaded) -> Overloaded:
    logger.warning("PostgreSQL: %s, given up%s", _name(cause), " in doubt" if isinstance(error, InDoubt) else "")
    return error


def _name(error: Exception) -> str:
    """Its class and SQLSTATE: no text of the server's, which may quote values."""
    code = f" {error.sqlstate}" if isinstance(error, asyncpg.PostgresError) else ""
    return f"{type(error).__name__}{code}"
