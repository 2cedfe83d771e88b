"""Fixtures for every test: asyncio, an empty environment, a working directory of its own."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import Certificates
from tests.support.postgres import OwnPostgres, Postgres, start_postgres
from tests.support.redis import RedisCluster, RedisServer


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


@pytest.fixture(autouse=True)
def turn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where tests run side by side, one that is marked ``alone`` waits for the others, and they for it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    shared = tmp_path_factory.getbasetemp().parent  # by all workers
    with (shared / "door").open("w") as door, (shared / "room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)  # whoever waits for the room lets nobody pass
        fcntl.flock(room, fcntl.LOCK_EX if request.node.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that tests share, each with a database of its own."""
    server = start_postgres()
    yield server
    if isinstance(server, OwnPostgres):
        server.remove()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """A Redis 6.2 that tests share: see :func:`redis_server`."""
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture
def redis_server(shared_redis: RedisServer) -> RedisServer:
    """A Redis 6.2 with nothing in it, which is not to be stopped."""
    shared_redis.flush()
    return shared_redis


@pytest.fixture(scope="session")
def shared_redis_cluster() -> Iterator[RedisCluster]:
    """A cluster that tests share: see :func:`redis_cluster`."""
    cluster = RedisCluster()
    yield cluster
    cluster.remove()


@pytest.fixture
def redis_cluster(shared_redis_cluster: RedisCluster) -> RedisCluster:
    """A cluster of three nodes with nothing in it, which are not to be stopped."""
    shared_redis_cluster.flush()
    return shared_redis_cluster


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """What a server on this machine needs for TLS."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def start_redis() -> Iterator[Callable[..., RedisServer]]:
    """Starts servers of a test's own, which it may stop, kill and freeze; takes what ``RedisServer`` takes."""
    started: list[RedisServer] = []

    def start(*args: Any, **kwargs: Any) -> RedisServer:
        started.append(RedisServer(*args, **kwargs))
        return started[-1]

    yield start
    for server in started:
        server.remove()
