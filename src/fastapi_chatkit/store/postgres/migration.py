"""Brings the schema in PostgreSQL to this version's. Loaded only when there is something to do."""

from __future__ import annotations

import logging

import asyncpg
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from ..base import StoreError
from ..migrate import upgrade
from ..migrations import HEAD, check_version
from .statements import quoted

logger = logging.getLogger(__name__)

MIGRATION_LOCK = 0x636861746B6974
"""The advisory lock that one migration at a time holds, in this database: `chatkit` in ASCII."""

LOCK_PATIENCE_SECONDS = 60

EXPECTED = (asyncpg.InsufficientPrivilegeError, asyncpg.LockNotAvailableError)


async def migrate(engine: AsyncEngine, schema: str) -> None:
    """Run the missing migrations in one transaction, one process at a time.

    :raises StoreError: the schema is newer than this version, or could not be changed.
    :raises PostgresError: one of :data:`EXPECTED`, for which there is advice.
    """
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate, schema)
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        if isinstance(cause, EXPECTED):
            raise cause from None
        raise StoreError(f"the database could not be migrated: {cause or type(error).__name__}") from error


def _migrate(connection: SyncConnection, schema: str) -> None:
    def run(statement: str) -> None:
        connection.exec_driver_sql(statement)

    run("SET LOCAL statement_timeout = 0")
    run(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE_SECONDS}s'")
    run(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    if connection.exec_driver_sql("SELECT 1 FROM pg_namespace WHERE nspname = $1", (schema,)).first() is None:
        run(f"CREATE SCHEMA {quoted(schema)}")
    run(f"SET LOCAL search_path = {quoted(schema)}")
    current = _version_under_lock(connection, schema)
    if current == HEAD:
        return
    check_version(current, may_be_older=True)
    upgrade(connection)
    logger.info("database schema %s -> %s", current or "none", HEAD)


def _version_under_lock(connection: SyncConnection, schema: str) -> str | None:
    """The version once more: somebody may have migrated while this waited for the lock."""
    query = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'alembic_version'"
    if connection.exec_driver_sql(query, (schema,)).first() is None:
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else row[0]
