"""TaskFlow's servers, and people who call them."""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent
from pydantic import SecretStr

from fastapi_chatkit.auth.development import DevelopmentTokens

KEY = "a key that only the tests know, long enough"
TOKENS = DevelopmentTokens(SecretStr(KEY))

_people = count(1)
_tls = ssl.create_default_context()  # one for all clients: to make it takes longer than a request


def source(factory: str) -> str:
    """The module of an application of TaskFlow's, for ``serve_app``."""
    return f"from examples.taskflow.app import {factory}\n\napp = {factory}()\n"


@dataclass(frozen=True)
class Person:
    """Somebody who calls the TaskFlow at ``url``."""

    url: str
    user_id: str

    @property
    def headers(self) -> dict[str, str]:
        """Who they are."""
        return {"Authorization": f"Bearer {TOKENS.sign(self.user_id)}", "X-User-ID": self.user_id}

    def send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """A request to the API."""
        return httpx2.request(method, f"{self.url}/api{path}", headers=self.headers, timeout=60, verify=_tls, **options)

    def chatkit(self, body: Any, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """A request to the chat; ``headers`` are who they say they are, and what they want."""
        headers = {**self.headers, **(headers or {})}
        return httpx2.post(f"{self.url}/chatkit", json=body, headers=headers, timeout=60, verify=_tls)

    def get(self, path: str = "/projects/default/tasks", **params: Any) -> Any:
        """What is there."""
        return _body(self.send("GET", path, params=params), 200)

    def post(self, path: str = "/projects/default/tasks", status: int = 201, **json: Any) -> Any:
        """Make something."""
        return _body(self.send("POST", path, json=json), status)

    def add(self, title: str, project: int | str = "default", **fields: Any) -> Any:
        """Add a task; the task."""
        return self.post(f"/projects/{project}/tasks", title=title, **fields)["task"]

    def patch(self, number: int, project: int | str = "default", **json: Any) -> Any:
        """Change a task; the task."""
        return _body(self.send("PATCH", f"/projects/{project}/tasks/{number}", json=json), 200)["task"]

    def move(self, number: int, transition: str, project: int | str = "default") -> Any:
        """Take a task to another state."""
        return _body(self.send("POST", f"/projects/{project}/tasks/{number}/{transition}"), 200)

    def refused(self, status: int, method: str, path: str, **options: Any) -> str:
        """What a request that must be refused is told."""
        body = _body(self.send(method, path, **options), status)
        assert list(body) == ["detail"]
        return body["detail"]

    def log(self, project: int | str = "default", **params: Any) -> list[Any]:
        """The audit log, oldest first, without what made the project."""
        entries = self.get(f"/projects/{project}/audit", **params)["entries"]
        return [entry for entry in reversed(entries) if entry["task_id"] is not None]

    @asynccontextmanager
    async def tools(self, mode: str = "auto", url: str | None = None) -> AsyncGenerator["Tools"]:
        """The MCP server, as an agent of theirs sees it."""
        async with httpx2.AsyncClient(headers=self.headers, timeout=60, verify=_tls) as http:
            transport = streamable_http_client(f"{url or self.url}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                yield Tools(client)


@dataclass(frozen=True)
class Tools:
    """An MCP client."""

    client: Client

    async def call(self, name: str, **arguments: Any) -> Any:
        """The structured output of a tool that must work."""
        result = await self.result(name, **arguments)
        assert not result.is_error, result.content
        return result.structured_content

    async def fail(self, name: str, **arguments: Any) -> str:
        """What a tool says that must fail."""
        result = await self.result(name, **arguments)
        assert result.is_error, result.content
        assert result.structured_content is None
        return text_of(result)

    async def result(self, name: str, **arguments: Any) -> CallToolResult:
        """Whatever comes of it."""
        result = await self.client.call_tool(f"taskflow_{name}", arguments)
        assert isinstance(result, CallToolResult)
        return result


def text_of(result: CallToolResult) -> str:
    """The one text of a result."""
    (part,) = result.content
    assert isinstance(part, TextContent)
    return part.text


def somebody(url: str, name: str = "user") -> Person:
    """A person that no other test knows."""
    return Person(url, f"{name}-{next(_people)}")


def _body(response: httpx2.Response, status: int) -> Any:
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    return response.json()
