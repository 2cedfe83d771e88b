"""One process that forks the replicas of all tests here."""

from collections.abc import Iterator

import pytest

from tests.support.forking import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()
