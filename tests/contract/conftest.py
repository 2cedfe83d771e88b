"""Every store that must keep the contract; a test that takes ``store`` runs against each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fastapi_chatkit.store.relational import RelationalStore
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.postgres import Postgres
from tests.support.stores import open_postgres

STORES = ("sqlite", "sqlite-memory", "postgres")


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RelationalStore]:
    """An open, empty store."""
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        async with open_postgres(postgres) as store:
            yield store
        return
    store = SQLiteStore(":memory:" if request.param == "sqlite-memory" else tmp_path / "store.db")
    await store.open()
    yield store
    await store.close()
