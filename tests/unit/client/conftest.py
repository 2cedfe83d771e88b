"""The fake server of the terminal client's tests is one of those without runs."""

from collections.abc import Iterator

import pytest

from tests.unit.cli.fake_server import FakeServer, running


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def running_fake() -> Iterator[FakeServer]:
    with running() as fake:
        yield fake


@pytest.fixture
def fake(running_fake: FakeServer) -> FakeServer:
    running_fake.requests.clear()
    running_fake.threads.clear()
    running_fake.hung_up.clear()
    return running_fake
