"""Transactions, synchronous: each runs from its first statement to its commit inside one worker thread.

SQLite: the file may be the one that the chat's store writes from its event loop, so a transaction is short, takes the
write lock at its beginning and waits for nobody while it holds it. PostgreSQL: a schema of its own, ``taskflow``.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, nullcontext
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session

from .tables import Base

SCHEMA = "taskflow"
PATIENCE_SECONDS = 5.0

STATEMENT_MILLISECONDS = 5000
ADVISORY_LOCK = 0x7461736B  # anything that nobody else in the database uses


class Database:
    """The tables in the database that ``url`` names; ``patience`` is how long, in seconds, a caller waits for another
    process's transaction (SQLite) or a free connection (PostgreSQL).

    :raises ModuleNotFoundError: PostgreSQL without ``psycopg``.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE_SECONDS) -> None:
        parsed = make_url(url)
        self._sqlite = parsed.get_backend_name() == "sqlite"
        self._engine = _sqlite(parsed, patience) if self._sqlite else _postgres(parsed, patience)
        # Threads of this process queue here in order: SQLite itself lets them poll.
        self._turn = threading.Lock() if self._sqlite else nullcontext()

    def prepare(self) -> None:
        """Make the tables that are missing; processes that start together wait for each other."""
        if self._sqlite:
            _use_log(self._engine)
        with self._engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
            if not self._sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            Base.metadata.create_all(connection)

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A transaction that changes nothing."""
        with Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Generator[Session]:
        """A transaction: committed at the end, undone by an exception."""
        with self._turn, Session(self._engine.execution_options(begin="BEGIN IMMEDIATE")) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _sqlite(url: URL, patience: float) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={"timeout": patience},
        hide_parameters=True,  # errors are logged, and what users write is none of the log's business
        pool_size=10,
        max_overflow=30,
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # the driver would begin transactions by itself, and too late
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _lower(value: Any) -> Any:
    """SQLite's own knows A to Z."""
    return value.lower() if isinstance(value, str) else value


def _use_log(engine: Engine) -> None:
    """The first to switch a new file to its log holds a lock for which SQLite itself does not wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with closing(engine.raw_connection()) as connection:  # outside of a transaction
                connection.cursor().execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _postgres(url: URL, patience: float) -> Engine:
    query = {name: value for name, value in url.query.items() if not name.endswith("statement_cache_size")}
    if "ssl" in query:  # as asyncpg, which the chat's store uses, has it
        query.setdefault("sslmode", query.pop("ssl"))
    engine = create_engine(
        url.set(drivername="postgresql+psycopg", query=query),
        connect_args={"connect_timeout": max(1, int(patience))},
        hide_parameters=True,
        execution_options={"schema_translate_map": {None: SCHEMA}},
        pool_pre_ping=True,
        pool_timeout=patience,
        pool_size=10,
        max_overflow=10,
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {STATEMENT_MILLISECONDS}")
        connection.commit()

    return engine
