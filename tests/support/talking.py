"""Conversations with agents of the Agents SDK whose models are on a server that speaks OpenAI's wire format."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from agents import Agent

from fastapi_chatkit.agents.openai_agents import OpenAIAgent
from fastapi_chatkit.testing import OpenAIWireServer, WireRequest
from tests.unit.agents.openai_agents.driving import Chat, conversation

Api = Literal["responses", "chat_completions"]


class Talk:
    """Starts conversations with agents whose models are on the test's server."""

    def __init__(self, server: OpenAIWireServer, api: Api) -> None:
        self.server = server
        self.api: Api = api

    def __call__(self, agent: Agent[Any] | None = None, **options: Any) -> AbstractAsyncContextManager[Chat]:
        options = {"model": "gpt-test", "api": self.api, "base_url": self.server.base_url, "max_retries": 0} | options
        return conversation(OpenAIAgent(agent, **options))


def sent(request: WireRequest) -> list[tuple[str, str]]:
    """What the model was given, as pairs of a role or type and a text; instructions left out."""
    pairs: list[tuple[str, str]] = []
    for item in request.items:
        content = item.get("content")
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content or [])
        pairs.append((item.get("role") or item["type"], text))
    return [pair for pair in pairs if pair[0] != "system"]
