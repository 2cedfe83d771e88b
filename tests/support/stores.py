"""Stores on databases of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from fastapi_chatkit.settings import StoreConfig
from fastapi_chatkit.store.postgres import PostgresStore
from tests.support.postgres import Postgres, database_of

_templates: dict[str, str] = {}


def postgres_store(url: str, **config: Any) -> PostgresStore:
    """A store at a URL."""
    return PostgresStore(StoreConfig(database_url=SecretStr(url), **config))


async def migrated_database(postgres: Postgres) -> str:
    """The URL of a new database with this version's schema: a copy of one that was migrated once."""
    if postgres.url not in _templates:
        template = await postgres.create_database()
        store = postgres_store(template)
        await store.initialize_schema()
        await store.close()
        _templates[postgres.url] = template
    return await postgres.create_database(database_of(_templates[postgres.url]))


@asynccontextmanager
async def open_postgres(postgres: Postgres, **config: Any) -> AsyncIterator[PostgresStore]:
    """An open store in a database of its own, which is dropped afterwards."""
    url = await migrated_database(postgres)
    store = postgres_store(url, **config)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
        await postgres.drop_database(url)
