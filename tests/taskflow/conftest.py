"""A TaskFlow per kind of database, shared by all tests here: each test has users of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.forking import Forks
from tests.support.postgres import Postgres, run_apart
from tests.support.taskflow import KEY, Person, somebody, source


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks("examples.taskflow.app", "sqlalchemy.dialects.postgresql")
    yield forks
    forks.close()


@dataclass(frozen=True)
class Running:
    """A TaskFlow in one process, and the URL of its database."""

    url: str
    database_url: str


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def taskflow(
    request: pytest.FixtureRequest, forks: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("taskflow")
    url = f"sqlite:///{folder}/chatkit.db"
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = run_apart(postgres.create_database())
    settings = {"TASKFLOW_TOKEN_KEY": KEY, "CHATKIT_DATABASE_URL": url}
    with forks.serve_app(folder, source("create_app"), **settings) as server:
        yield Running(server.url, url)


@pytest.fixture
def alice(taskflow: Running) -> Person:
    return somebody(taskflow.url, "alice")


@pytest.fixture
def bob(taskflow: Running) -> Person:
    return somebody(taskflow.url, "bob")
