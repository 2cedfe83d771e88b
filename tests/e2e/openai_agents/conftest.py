"""A server that speaks OpenAI's wire format, and conversations with agents whose models are there, in both APIs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fastapi_chatkit.testing import OpenAIWireServer
from tests.support.talking import Api, Talk


@pytest.fixture(scope="module")
def running_server() -> Iterator[OpenAIWireServer]:
    with OpenAIWireServer() as server:
        yield server


@pytest.fixture
def server(running_server: OpenAIWireServer) -> OpenAIWireServer:
    running_server.load([])
    return running_server


@pytest.fixture(params=["responses", "chat_completions"])
def api(request: pytest.FixtureRequest) -> Api:
    return request.param


@pytest.fixture
def talk(server: OpenAIWireServer, api: Api) -> Talk:
    return Talk(server, api)
