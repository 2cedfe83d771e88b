"""Threads in one SQLite file: write-ahead log, one connection, group commit.

Statements run on the event loop; all writes that came in one turn of the loop share one transaction, each in a
savepoint of its own, and are answered after its commit. A commit appends to the log without a sync
(``synchronous=NORMAL``): it survives a crash of the process at any moment; a power cut may take the last moments with
it, never the database. Only moving the log into the database waits for the disk, and runs in a thread.
``docs/decisions/0003-sqlite-on-the-event-loop.md`` says why, with the measurements.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from ..errors import Overloaded
from .base import StoreError
from .migrations import HEAD, check_version
from .relational import RelationalStore
from .script import CLOCK, THREAD, Chain, Conflict, Each, Last, Rows, Script, Step
from .sql import THREAD_ROW

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

OPEN_PATIENCE_SECONDS = 30.0
LOCK_PATIENCE_SECONDS = 4.0
LOCK_RETRY_SECONDS = 0.01
COMMITS_PER_CHECKPOINT = 200
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "wal_autocheckpoint=0",
    "foreign_keys=ON",
    "temp_store=MEMORY",
)

NOW = "((julianday('now') - 2440587.5) * 86400.0)"
"""SQLite's clock in seconds since 1970, in every version that Python comes with."""

PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
"""What may pass: another process holds the lock, the disk is full. Anything else is a bug of ours."""

TAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
"""Extended codes: what must be there once is there."""


class _Job(NamedTuple):
    script: Script[Any]
    future: asyncio.Future[Any]


class SQLiteStore(RelationalStore):
    """A store in the file ``path``, or in memory for ``":memory:"`` (tests; gone when it is closed)."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path) if str(path) == ":memory:" else str(Path(path).resolve())
        self._connection: sqlite3.Connection | None = None
        self._waiting: list[_Job] = []
        self._locked_since: float | None = None
        self._commits = 0
        self._closing = False
        self._checkpoint: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    @property
    def label(self) -> str:
        """The file."""
        return f"sqlite:///{self._path}"

    @property
    def is_open(self) -> bool:
        """Whether :meth:`open` has run, and :meth:`close` has not."""
        return self._connection is not None

    @property
    def shares_runs(self) -> bool:
        """A database in memory is this process's."""
        return self._path != ":memory:"

    async def initialize_schema(self) -> None:
        """The same as :meth:`open`: the file is nobody else's."""
        await self.open()

    async def open(self) -> None:
        """Open the file, creating it where there is none, and run the missing migrations."""
        async with self._opening:
            if self._connection is not None:
                return
            try:
                self._connection = await asyncio.to_thread(_open_and_migrate, self._path)
                self._closing = False
            except (sqlite3.Error, OSError) as error:
                raise StoreError(f"cannot open the SQLite database {self._path!r}: {error}") from error

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        if self._connection is None or self._closing:
            return
        self._closing = True
        if self._waiting:
            await asyncio.wait([job.future for job in self._waiting])
        if self._checkpoint is not None:
            await self._checkpoint
        self._connection.close()
        self._connection = None
        self._opening = asyncio.Lock()  # the next to open it may have another event loop

    def apart(self) -> SQLiteStore | None:
        """Another connection to the file."""
        return SQLiteStore(self._path) if self.shares_runs else None

    # --- transactions ---------------------------------------------------------------------------------------------

    async def _read(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Nothing is open on the connection between two turns of the loop, so this sees all that is committed."""
        if self._connection is None:
            raise Overloaded("The store is closed")
        try:
            return _run(self._connection, script(*args, **kwargs))
        except sqlite3.OperationalError as error:
            raise _translated(error) from error

    def _write(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        if self._connection is None or self._closing:
            raise Overloaded("The store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._commit_waiting)
        self._waiting.append(_Job(script(*args, **kwargs), future))
        return future

    def _write_once(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Whether a commit has worked is always known here: nothing is run twice."""
        return self._write(script, *args, **kwargs)

    def _commit_waiting(self) -> None:
        """One transaction for all that waits; every caller is answered after its commit."""
        connection = self._connection
        if connection is None or not self._lock(connection):
            return
        group, self._waiting = self._waiting, []
        self._answer(group, _commit_group(connection, group))
        self._commits += 1
        if self._commits % COMMITS_PER_CHECKPOINT == 0 and (self._checkpoint is None or self._checkpoint.done()):
            self._checkpoint = asyncio.create_task(asyncio.to_thread(_checkpoint, self._path))

    def _lock(self, connection: sqlite3.Connection) -> bool:
        """Begin the transaction; while another process writes, try again later without blocking anybody."""
        loop = asyncio.get_running_loop()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except Exception as error:  # noqa: BLE001 - handed to the callers who wait
            self._locked_since = self._locked_since or loop.time()
            if _is_lock(error) and loop.time() - self._locked_since < LOCK_PATIENCE_SECONDS:
                loop.call_later(LOCK_RETRY_SECONDS, self._commit_waiting)
                return False
            group, self._waiting = self._waiting, []
            self._answer(group, [_translated(error) for _ in group])
            self._locked_since = None
            return False
        self._locked_since = None
        return True

    def _answer(self, group: list[_Job], results: list[Any]) -> None:
        for job, result in zip(group, results, strict=True):
            if job.future.done():
                continue
            if isinstance(result, Exception):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)


def _run(connection: sqlite3.Connection, script: Script[T]) -> T:
    """Drive a script to its end."""
    try:
        step = next(script)
        while True:
            step = script.send(_rows(connection, step))
    except StopIteration as stop:
        return stop.value


def _rows(connection: sqlite3.Connection, step: Step | Last | Each) -> Rows:
    if isinstance(step, Each):
        connection.executemany(_alone(step.statement), step.params)
        return ()
    statement, params = step
    if isinstance(statement, str):
        return connection.execute(_alone(statement), params).fetchall()
    rows = connection.execute(statement.first, params).fetchall()
    if rows:
        for other in _others(statement):
            connection.execute(other, params)
    return rows


@cache
def _alone(statement: str) -> str:
    return statement.replace(THREAD, THREAD_ROW).replace(CLOCK, NOW)


@cache
def _others(chain: Chain) -> tuple[str, ...]:
    return tuple(map(_alone, chain.then))


def _commit_group(connection: sqlite3.Connection, group: list[_Job]) -> list[Any]:
    """Run the jobs in the open transaction and commit it; a result or an exception for each."""
    try:
        if len(group) == 1:
            results = [_run(connection, group[0].script)]
        else:
            results = [_in_savepoint(connection, job.script) for job in group]
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - handed to the callers who wait for this group
        if connection.in_transaction:  # a full disk, say, has rolled back already
            connection.execute("ROLLBACK")
        return [_translated(error) for _ in group]
    return results


def _in_savepoint(connection: sqlite3.Connection, script: Script[Any]) -> Any:
    connection.execute("SAVEPOINT job")
    try:
        result = _run(connection, script)
    except sqlite3.OperationalError:
        raise  # the disk is full or the file is locked: the whole group fails
    except Exception as error:  # noqa: BLE001 - handed to the caller who waits for this job
        connection.execute("ROLLBACK TO job")
        result = _translated(error)
    connection.execute("RELEASE job")
    return result


def _is_lock(error: Exception) -> bool:
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _translated(error: Exception) -> Exception:
    """A database that is busy or full is an overload that may pass; an id or a key that is used is a conflict."""
    if getattr(error, "sqlite_errorcode", 0) in TAKEN:
        conflict = Conflict()
        conflict.__cause__ = error
        return conflict
    if _code(error) in PASSING:
        logger.error("SQLite: %s", error)
        return Overloaded()
    return error


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 where the error is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _open_and_migrate(path: str) -> sqlite3.Connection:
    """Waits for other processes that open or migrate the same file; afterwards nothing waits on this connection."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=OPEN_PATIENCE_SECONDS, check_same_thread=False)
    try:
        for pragma in PRAGMAS:
            _set(connection, pragma)
        if _schema_version(connection) != HEAD:
            _migrate(connection)
        connection.execute("PRAGMA busy_timeout=0")
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Set a pragma. The first to switch a new file to its log holds a lock for which SQLite itself does not wait."""
    deadline = time.monotonic() + OPEN_PATIENCE_SECONDS
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            if not _is_lock(error) or time.monotonic() > deadline:
                raise
            time.sleep(LOCK_RETRY_SECONDS)
        else:
            return


def _checkpoint(path: str) -> None:
    """Move the log into the database, beside the writer: the sync to the disk happens here."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error as error:
        logger.warning("SQLite: checkpoint: %s", error)


def _schema_version(connection: sqlite3.Connection) -> str | None:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    if not tables:
        return None
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return rows[0][0] if rows else None


def _migrate(connection: sqlite3.Connection) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import StaticPool

    from .migrate import upgrade

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    try:
        with engine.connect() as bound:
            bound.exec_driver_sql("BEGIN IMMEDIATE")
            current = _schema_version(connection)  # again: somebody may have migrated while this waited for the lock
            check_version(current, may_be_older=True)
            if current != HEAD:
                upgrade(bound)
                logger.info("database schema %s -> %s", current or "none", HEAD)
            bound.commit()
    except SQLAlchemyError as error:
        raise StoreError(f"the database could not be migrated: {error}") from error
