"""Fixtures for every test: asyncio, an empty environment, a working directory of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import OwnPostgres, Postgres, start_postgres


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting and no key of the machine's, and no `.env` file of the checkout's, reaches a test."""
    for name in list(os.environ):
        if name.startswith(("CHATKIT_", "TASKFLOW_CHATKIT_", "OPENAI_")) and not name.startswith("CHATKIT_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that tests share, each with a database of its own."""
    server = start_postgres()
    yield server
    if isinstance(server, OwnPostgres):
        server.remove()
