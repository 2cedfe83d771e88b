"""A tool that makes no sense is left out by itself, and a refused caller takes the common list from nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mcp.server.caching import CacheHint
from starlette.responses import Response

from fastapi_chatkit.agents.mcp import MCPTools
from tests.unit.agents.mcp.conftest import Clock
from tests.unit.agents.mcp.servers import Asked, context, make, modern, raw, said, serving

pytestmark = pytest.mark.anyio

GOOD = {"name": "act", "inputSchema": {"type": "object"}}


@pytest.mark.parametrize(
    "odd",
    [
        {"name": 5, "inputSchema": {"type": "object"}},
        {"name": "x"},
        {"name": "x", "inputSchema": []},
        {"name": "x", "inputSchema": {"type": "object", "properties": []}},
        {"name": "x", "inputSchema": {"type": "object", "properties": None}},
        {"name": "x", "inputSchema": {"type": "object", "required": None}},
        {"x": 5},
        None,
        7,
    ],
)
async def test_an_odd_tool_takes_no_other_along(
    tools_of: Callable[..., MCPTools], odd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with raw(modern(said, [odd, GOOD])) as (url, _):
        tools = tools_of(url)
        listed = await tools.list(context())
        answer = await tools.call("act", {}, context())
    assert [tool.name for tool in listed] == ["act"]
    assert answer.text == "done"
    assert tools.unavailable(context()) == {}
    assert "1 tools of an MCP server make no sense" in caplog.text


async def test_a_refused_caller_takes_the_common_list_from_nobody(
    tools_of: Callable[..., MCPTools], clock: Clock
) -> None:
    running = make(hint=CacheHint(ttl_ms=60_000, scope="public"))

    async def refuse_mallory(asked: Asked) -> Response | None:
        return Response(status_code=401) if asked.headers.get("x-user-id") == "mallory" else None

    running.meddle = refuse_mallory
    with serving(running):
        tools = tools_of(running.url)
        names = [tool.name for tool in await tools.list(context("alice"))]
        clock.now += 3600
        for _ in range(3):
            await tools.list(context("mallory"))
            clock.now += 6
        assert [tool.name for tool in await tools.list(context("alice"))] == names
        assert tools.unavailable(context("alice")) == {}
        assert (await tools.call("whoami", {}, context("alice"))).data["user"] == "alice"
