"""Stands in for a module that the SDK's tests import and its source distribution lacks: here it is our store.

The tests make a store without opening it, outside of any event loop, from the URI of a database in memory; the same URI
is the same database. ``SUITE_POSTGRES`` is the URL of a database with our schema, which is emptied after each test;
without it threads are in files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from pydantic import SecretStr

from fastapi_chatkit.settings import StoreConfig
from fastapi_chatkit.store.postgres import PostgresStore
from fastapi_chatkit.store.relational import RelationalStore
from fastapi_chatkit.store.script import Script
from fastapi_chatkit.store.sqlite import SQLiteStore as OurSQLiteStore

T = TypeVar("T")

EMPTY_TABLES = """
DO $$ DECLARE t text; BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'chatkit' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM chatkit.%I', t);
    END LOOP;
END $$
"""

_POSTGRES = os.environ.get("SUITE_POSTGRES", "")

_stores: list[_OpensItself] = []
_folders: dict[str, str] = {}


class _OpensItself(RelationalStore):
    """Opens when it is first used."""

    db_path: str

    def _remember(self, db_path: str) -> None:
        self.db_path = db_path
        _stores.append(self)

    async def _opened(self) -> None:
        if not self.is_open:
            await self.initialize_schema()

    async def _read(self, script: Callable[..., Script[T]], *args: Any, **kwargs: Any) -> T:
        await self._opened()
        return await super()._read(script, *args, **kwargs)

    async def _write(self, script: Callable[..., Script[T]], *args: Any, **kwargs: Any) -> T:
        await self._opened()
        return await super()._write(script, *args, **kwargs)

    async def _write_once(self, script: Callable[..., Script[T]], *args: Any, **kwargs: Any) -> T:
        await self._opened()
        return await super()._write_once(script, *args, **kwargs)


class _InFiles(_OpensItself, OurSQLiteStore):
    def __init__(self, db_path: str) -> None:
        if db_path not in _folders:
            _folders[db_path] = tempfile.mkdtemp(dir=Path.cwd())
        super().__init__(Path(_folders[db_path]) / "chatkit.db")
        self._remember(db_path)


class _InPostgres(_OpensItself, PostgresStore):
    def __init__(self, db_path: str) -> None:
        super().__init__(StoreConfig(database_url=SecretStr(_POSTGRES), pool_size=3))
        self._remember(db_path)


SQLiteStore = _InPostgres if _POSTGRES else _InFiles


async def close_all() -> None:
    """Close what a test has opened, and forget what it has stored."""
    for store in _stores:
        await store.close()
    _stores.clear()
    _folders.clear()
    if _POSTGRES:
        connection = await asyncpg.connect(_POSTGRES)
        await connection.execute(EMPTY_TABLES)
        await connection.close()
