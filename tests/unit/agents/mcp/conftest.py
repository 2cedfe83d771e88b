"""Servers for the tests of this folder, and tools that are closed."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from tests.unit.agents.mcp.servers import Running, make, serving


@pytest.fixture
def server() -> Iterator[Running]:
    with serving(make()) as running:
        yield running


@pytest.fixture
def legacy() -> Iterator[Running]:
    with serving(make(legacy=True)) as running:
        yield running


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tools_of(clock: Clock) -> AsyncIterator[Callable[..., MCPTools]]:
    """Makes tools of one server, by its URL and fields, that are closed in the end."""
    made: list[MCPTools] = []

    def make_tools(url: str, **fields: object) -> MCPTools:
        server = MCPServer(**{"name": "Tasks", "url": url, "timeout": 5, **fields})
        made.append(MCPTools([server], clock=clock))
        return made[-1]

    yield make_tools
    for tools in made:
        await tools.close()
