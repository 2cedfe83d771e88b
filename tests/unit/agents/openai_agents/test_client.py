"""The client gives what the official one gives, and text that can be encoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI

from fastapi_chatkit.agents.openai_agents.client import StreamingClient
from fastapi_chatkit.agents.openai_agents.models import Models, is_openai
from fastapi_chatkit.testing import Answer, OpenAIWireServer, Reasoning, Text, ToolCall

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIWireServer]:
    with OpenAIWireServer() as server:
        yield server


async def chunks(client: AsyncOpenAI, api: str) -> list[Any]:
    async with client:
        if api == "responses":
            stream: Any = await client.responses.create(model="m", input="Hi", stream=True)
        else:
            messages: Any = [{"role": "user", "content": "Hi"}]
            stream = await client.chat.completions.create(model="m", messages=messages, stream=True)
        return [chunk async for chunk in stream]


def plain(value: Any) -> Any:
    """Without what differs from request to request."""
    data = value.model_dump(exclude_unset=True)
    return _without(data, {"id", "created", "created_at", "completed_at", "item_id", "call_id"})


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(member, names) for name, member in value.items() if name not in names}
    return [_without(member, names) for member in value] if isinstance(value, list) else value


@pytest.mark.parametrize("api", ["responses", "chat_completions"])
async def test_events_are_those_of_the_official_client(server: OpenAIWireServer, api: str) -> None:
    server.load(Answer(Reasoning("Hm."), "Hello **world**", ToolCall("look", {"up": "down"})))
    options: dict[str, Any] = {"base_url": server.base_url, "api_key": "sk-test"}
    ours = await chunks(StreamingClient(**options), api)
    theirs = await chunks(AsyncOpenAI(**options), api)
    assert [type(chunk) for chunk in ours] == [type(chunk) for chunk in theirs]
    assert [plain(chunk) for chunk in ours] == [plain(chunk) for chunk in theirs]


@pytest.mark.parametrize("api", ["responses", "chat_completions"])
async def test_lone_surrogates_are_replaced_on_the_way_in(server: OpenAIWireServer, api: str) -> None:
    """Also the proof that the client still calls what is overridden."""
    server.load([Text(["a", "\ud83d", "b"])])
    for chunk in await chunks(StreamingClient(base_url=server.base_url, api_key="sk-test"), api):
        chunk.model_dump_json()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, True),
        ("https://eu.api.openai.com/v1", True),
        ("https://mine.openai.azure.com/openai/v1", True),
        ("http://localhost:11434/v1", False),
        ("https://openrouter.ai/api/v1", False),
        ("https://api.openai.com.evil.example/v1", False),
    ],
)
def test_openai_is_known_by_its_host(url: str | None, expected: bool) -> None:
    assert is_openai(AsyncOpenAI(base_url=url, api_key="sk-test")) is expected


def test_the_key_of_the_environment_goes_to_no_other_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    options: dict[str, Any] = {"default": "m", "api": "auto", "timeout": 1, "max_retries": 0, "api_key": None}
    assert Models(base_url="http://localhost:1/v1", **options).client.api_key == "none"
    assert Models(base_url=None, **options).client.api_key == "sk-from-the-environment"


async def test_a_given_client_is_not_closed() -> None:
    async with AsyncOpenAI(api_key="sk-test") as client:
        models = Models(default="m", base_url=None, api_key=None, api="auto", timeout=1, max_retries=0, client=client)
        assert models.client is client
        await models.aclose()
        assert not client.is_closed()


def test_an_unknown_api_is_refused() -> None:
    api: Any = "rest"
    with pytest.raises(ValueError, match="api must be"):
        Models(default=None, base_url=None, api_key=None, api=api, timeout=1, max_retries=0)
