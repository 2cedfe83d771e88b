"""Threads in one SQLite file: write-ahead log, one writer thread with group commit, a few reader threads.

Writers that wait together share one transaction, each in a savepoint of its own, and all are answered after its
commit: durability (``synchronous=FULL``, so also after a power cut) costs one sync per group, not one per write.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from ..errors import Overloaded
from .base import StoreError
from .migrations import HEAD
from .relational import RelationalStore
from .script import Script

logger = logging.getLogger(__name__)

T = TypeVar("T")

READERS = 4
MAX_GROUP = 256
BUSY_TIMEOUT_SECONDS = 5.0


class _Job(NamedTuple):
    script: Script[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class SQLiteStore(RelationalStore):
    """A store in the file ``path``, or in memory for ``":memory:"`` (tests; gone when it is closed)."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._closing = False

    @property
    def is_open(self) -> bool:
        """Whether :meth:`initialize_schema` has run, and :meth:`close` has not."""
        return self._writer is not None

    async def initialize_schema(self) -> None:
        """Open the file, creating it where there is none, and run the missing migrations."""
        if self._writer is not None:
            return
        try:
            connection = await asyncio.to_thread(self._open_and_migrate)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot open the SQLite database {self._path!r}: {error}") from error
        self._closing = False
        if self._path != ":memory:":
            self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="chatkit-sqlite-read")
        self._writer = threading.Thread(
            target=self._write_loop, args=(connection,), name="chatkit-sqlite-write", daemon=True
        )
        self._writer.start()

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        if self._writer is None or self._closing:
            return
        self._closing = True
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        if self._readers is not None:
            await asyncio.to_thread(self._readers.shutdown)
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._local = threading.local()
        self._writer = self._readers = None

    async def ping(self) -> None:
        """Read the schema version."""
        await self._read(_ping())

    # --- transactions ---------------------------------------------------------------------------------------------

    async def _read(self, script: Script[T]) -> T:
        if self._readers is None:
            return await self._write(script)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read_now, script)

    async def _write(self, script: Script[T]) -> T:
        if self._writer is None or self._closing:
            raise Overloaded("The store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(script, loop, future))
        # Shielded: a caller that goes away does not take back what the writer may already have committed.
        return await asyncio.shield(future)

    def _read_now(self, script: Script[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        try:
            connection.execute("BEGIN")
            try:
                return _run(connection, script)
            finally:
                connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise _translated(error) from error

    # --- the writer thread ----------------------------------------------------------------------------------------

    def _write_loop(self, connection: sqlite3.Connection) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            while len(group) < MAX_GROUP and not self._jobs.empty():
                waiting = self._jobs.get()
                if waiting is None:
                    self._jobs.put(None)
                    break
                group.append(waiting)
            _answer(group, _commit_group(connection, group))
        connection.close()

    # --- connections ----------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False
        )
        self._open.append(connection)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _open_and_migrate(self) -> sqlite3.Connection:
        connection = self._connect()
        current = _schema_version(connection)
        if current != HEAD:
            _migrate(connection, current)
            logger.info("database schema %s -> %s", current or "none", HEAD)
        return connection


def _ping() -> Script[None]:
    yield "SELECT version_num FROM alembic_version", {}


def _run(connection: sqlite3.Connection, script: Script[T]) -> T:
    """Drive a script to its end; an error of the database is raised where the script yielded."""
    try:
        statement, params = next(script)
        while True:
            statement, params = script.send(connection.execute(statement, params).fetchall())
    except StopIteration as stop:
        return stop.value


def _commit_group(connection: sqlite3.Connection, group: list[_Job]) -> list[Any]:
    """Run the jobs in one transaction; a result or an exception for each."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        results = [_in_savepoint(connection, job.script) for job in group]
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [_translated(error)] * len(group)
    return results


def _in_savepoint(connection: sqlite3.Connection, script: Script[Any]) -> Any:
    connection.execute("SAVEPOINT job")
    try:
        result = _run(connection, script)
    except sqlite3.OperationalError:
        raise  # the disk is full or the file is locked: the whole group fails
    except Exception as error:  # noqa: BLE001 - handed to the caller who waits for this job
        connection.execute("ROLLBACK TO job")
        result = error
    connection.execute("RELEASE job")
    return result


def _answer(group: list[_Job], results: list[Any]) -> None:
    """Wake the callers, once per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, result in zip(group, results, strict=True):
        by_loop.setdefault(job.loop, []).append((job.future, result))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, answers)
        except RuntimeError:
            logger.warning("an event loop was closed before its writes were answered")


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


def _translated(error: sqlite3.Error) -> Exception:
    """A busy or full database is an overload that may pass; anything else is a bug."""
    if isinstance(error, sqlite3.OperationalError):
        logger.error("SQLite: %s", error)
        return Overloaded()
    return error


def _schema_version(connection: sqlite3.Connection) -> str | None:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    if not tables:
        return None
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return rows[0][0] if rows else None


def _migrate(connection: sqlite3.Connection, current: str | None) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import StaticPool

    from .migrate import upgrade

    connect: Callable[[], Any] = lambda: connection  # noqa: E731 - SQLAlchemy asks for a creator
    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    with engine.connect() as bound:
        bound.execute(text("BEGIN IMMEDIATE"))
        upgrade(bound, current)
        bound.execute(text("COMMIT"))
