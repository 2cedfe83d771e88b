"""The ``conftest.py`` of the SDK's tests here: asyncio through anyio, our server where it is asked for, cleaning up.

``SUITE_SERVER`` is ``ours`` to put our server class in the place of the SDK's.
"""

import os
from collections.abc import AsyncIterator

import chatkit.server
import pytest
from helpers.mock_store import close_all

from fastapi_chatkit.server import ChatKitServer

if os.environ["SUITE_SERVER"] == "ours":
    chatkit.server.ChatKitServer = ChatKitServer


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "asyncio: what the SDK marks its coroutines with; anyio runs them all")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
async def closed_stores() -> AsyncIterator[None]:
    yield
    await close_all()
