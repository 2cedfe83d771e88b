"""One server and one client for all tests of a module; each test loads the script it needs."""

from collections.abc import AsyncIterator, Iterator

import pytest
from openai import AsyncOpenAI, OpenAI

from fastapi_chatkit.testing import OpenAIWireServer


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def running_server() -> Iterator[OpenAIWireServer]:
    with OpenAIWireServer() as server:
        yield server


@pytest.fixture
def server(running_server: OpenAIWireServer) -> OpenAIWireServer:
    running_server.load([])
    return running_server


@pytest.fixture(scope="module")
def client(running_server: OpenAIWireServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=running_server.base_url, api_key="sk-test", max_retries=0, timeout=5) as client:
        yield client


@pytest.fixture
async def async_client(server: OpenAIWireServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=server.base_url, api_key="sk-test", max_retries=0, timeout=5) as client:
        yield client
