"""Threads in one SQLite file: write-ahead log, one writer with group commit, a few reader threads.

Writes run on the event loop, all that came in one turn of the loop in one transaction, each in a savepoint of its own;
everybody is answered after its commit. A commit appends to the log without a sync (``synchronous=NORMAL``): it survives
a crash of the process at any moment; a power cut may take the last moments with it, never the database. Syncs and reads
may wait for the disk and run in threads. ``docs/decisions/0003-sqlite-on-the-loop.md`` has the measurements.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from ..errors import Overloaded
from .base import StoreError
from .migrations import HEAD
from .relational import RelationalStore
from .script import Script

logger = logging.getLogger(__name__)

T = TypeVar("T")

READERS = 4
BUSY_TIMEOUT_SECONDS = 5.0
COMMITS_PER_CHECKPOINT = 500
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "wal_autocheckpoint=0",
    "foreign_keys=ON",
    "temp_store=MEMORY",
)


class _Job(NamedTuple):
    script: Script[Any]
    future: asyncio.Future[Any]


class SQLiteStore(RelationalStore):
    """A store in the file ``path``, or in memory for ``":memory:"`` (tests; gone when it is closed)."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._writer: sqlite3.Connection | None = None
        self._waiting: list[_Job] = []
        self._commits = 0
        self._pool: ThreadPoolExecutor | None = None
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []

    @property
    def is_open(self) -> bool:
        """Whether :meth:`initialize_schema` has run, and :meth:`close` has not."""
        return self._writer is not None

    async def initialize_schema(self) -> None:
        """Open the file, creating it where there is none, and run the missing migrations."""
        if self._writer is not None:
            return
        try:
            self._writer = await asyncio.to_thread(self._open_and_migrate)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot open the SQLite database {self._path!r}: {error}") from error
        if self._path != ":memory:":
            self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="chatkit-sqlite")

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        if self._writer is None:
            return
        self._commit_waiting()
        self._writer = None
        if self._pool is not None:
            await asyncio.to_thread(self._pool.shutdown)
            self._pool = None
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._local = threading.local()

    async def ping(self) -> None:
        """Read the schema version."""
        await self._read(_ping())

    # --- transactions ---------------------------------------------------------------------------------------------

    def _read(self, script: Script[T]) -> asyncio.Future[T]:
        if self._pool is None:
            return self._write(script)
        return asyncio.get_running_loop().run_in_executor(self._pool, self._read_now, script)

    def _read_now(self, script: Script[T]) -> T:
        connection = self._thread_connection()
        try:
            connection.execute("BEGIN")
            try:
                return _run(connection, script)
            finally:
                connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise _translated(error) from error

    def _write(self, script: Script[T]) -> asyncio.Future[T]:
        if self._writer is None:
            raise Overloaded("The store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._commit_waiting)
        self._waiting.append(_Job(script, future))
        return future

    def _commit_waiting(self) -> None:
        """One transaction for all that waits; every caller is answered after its commit."""
        group, self._waiting = self._waiting, []
        if not group or self._writer is None:
            return
        for job, result in zip(group, _commit_group(self._writer, group), strict=True):
            if job.future.done():
                continue
            if isinstance(result, Exception):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)
        self._commits += 1
        if self._commits % COMMITS_PER_CHECKPOINT == 0 and self._pool is not None:
            self._pool.submit(self._checkpoint)

    def _checkpoint(self) -> None:
        """Move the log into the database, beside the writer: the sync to the disk happens here."""
        try:
            self._thread_connection().execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.OperationalError as error:
            logger.warning("SQLite: checkpoint: %s", error)

    # --- connections ----------------------------------------------------------------------------------------------

    def _thread_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False
        )
        self._open.append(connection)
        for pragma in PRAGMAS:
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
        if len(group) == 1:
            results = [_run(connection, group[0].script)]
        else:
            results = [_in_savepoint(connection, job.script) for job in group]
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - handed to the callers who wait for this group
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


def _translated(error: Exception) -> Exception:
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
