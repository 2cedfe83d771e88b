"""A PostgreSQL server that tests may stop, kill, freeze and start again."""

from collections.abc import Iterator

import pytest

from tests.support.forking import Forks
from tests.support.postgres import OwnPostgres


@pytest.fixture(scope="session")
def unlucky_server() -> Iterator[OwnPostgres]:
    server = OwnPostgres()
    yield server
    server.thaw()
    server.remove()


@pytest.fixture
def unlucky(unlucky_server: OwnPostgres) -> Iterator[OwnPostgres]:
    """It runs when a test begins, and when it ends."""
    yield unlucky_server
    unlucky_server.thaw()
    if not unlucky_server.running:
        unlucky_server.start()


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()
