"""Which version the schema in PostgreSQL has."""

from __future__ import annotations

import asyncpg

from .statements import quoted


async def stored_version(connection: asyncpg.Connection, schema: str) -> str | None:
    """The schema's version; ``None`` where there is no schema yet."""
    try:
        rows = await connection.fetch(f"SELECT version_num FROM {quoted(schema)}.alembic_version")  # noqa: S608 - quoted
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return None
    return rows[0][0] if rows else None
