"""Every store that must keep the contract; a test that takes ``store`` runs against each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fastapi_chatkit.store.relational import RelationalStore
from fastapi_chatkit.store.sqlite import SQLiteStore


@pytest.fixture(params=["sqlite", "sqlite-memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RelationalStore]:
    """An open, empty store."""
    store = SQLiteStore(":memory:" if request.param == "sqlite-memory" else tmp_path / "store.db")
    await store.initialize_schema()
    yield store
    await store.close()
