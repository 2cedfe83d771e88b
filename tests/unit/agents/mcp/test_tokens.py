"""A user's token is kept no longer than it is needed."""

import asyncio
from collections.abc import Callable

from fastapi_chatkit.agents.mcp import MCPTools, peers
from tests.unit.agents.mcp.conftest import Clock
from tests.unit.agents.mcp.servers import Running, context

Tools = Callable[..., MCPTools]


def kept(tools: MCPTools) -> set[str]:
    """The tokens of alice that are kept from one call to the next."""
    clients = (tools._connections or {})["Tasks"]._peers._peers.values()
    values = [value.decode() for client in clients for _, value in client.caller.headers]
    return {value.removeprefix("Bearer ") for value in values if value.startswith("Bearer alice")}


async def use(tools: MCPTools, token: str) -> None:
    """List and call, and let what goes on in the background end."""
    who = context(token.partition("-")[0], token)
    await tools.list(who)
    await tools.call("whoami", {}, who)
    connection = (tools._connections or {})["Tasks"]
    await asyncio.gather(*connection._tasks._running)


async def test_where_there_are_no_sessions_it_is_not_kept(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    await use(tools, "alice-1")
    assert kept(tools) == set()


async def test_a_session_keeps_it_until_nobody_has_used_that_for_a_while(
    legacy: Running, tools_of: Tools, clock: Clock
) -> None:
    tools = tools_of(legacy.url)
    for token in ("alice-1", "alice-2"):
        await use(tools, token)
    clock.now += peers.IDLE - 1
    await use(tools, "alice-2")
    await use(tools, "bob")
    assert kept(tools) == {"alice-1", "alice-2"}
    clock.now += 1
    await use(tools, "bob")  # who has a session already
    assert kept(tools) == {"alice-2"}
    assert legacy.rpcs().count("DELETE") == 1


async def test_lists_that_nobody_uses_go(server: Running, tools_of: Tools, clock: Clock) -> None:
    tools = tools_of(server.url)
    for number in range(3):
        await use(tools, f"alice-{number}")
    lists = (tools._connections or {})["Tasks"]._lists
    assert len(lists._lists) == 3
    clock.now += peers.IDLE
    await use(tools, "alice-2")
    assert len(lists._lists) == 1
