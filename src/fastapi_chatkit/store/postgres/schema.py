"""Which version the schema in PostgreSQL has."""

from __future__ import annotations

import asyncpg

from .. import sql
from .statements import Statements


async def stored_version(connection: asyncpg.Connection, statements: Statements) -> str | None:
    """The schema's version; ``None`` where there is no schema yet."""
    try:
        rows = await connection.fetch(statements[sql.SCHEMA_VERSION].sql)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return None
    return rows[0][0] if rows else None
