"""Servers with sessions: one a user, opened once, kept, opened anew when forgotten; and being told of changes."""

import asyncio
from collections.abc import Callable

import pytest
from mcp.server.caching import CacheHint
from starlette.responses import JSONResponse, Response

from fastapi_chatkit.agents.mcp import MCPTools, peers
from fastapi_chatkit.agents.tool_result import ToolFailure
from tests.unit.agents.mcp.conftest import Clock
from tests.unit.agents.mcp.servers import Asked, Running, context, make, serving

Tools = Callable[..., MCPTools]

OPENING = ["initialize", "notifications/initialized"]


def sessions(running: Running) -> dict[str, set[str]]:
    """The sessions that each user's calls were in."""
    found: dict[str, set[str]] = {}
    for asked in running.asked:
        if asked.rpc == "tools/call":
            found.setdefault(asked.headers["x-user-id"], set()).add(asked.headers["mcp-session-id"])
    return found


async def test_a_call_is_one_request_in_the_users_own_session(legacy: Running, tools_of: Tools) -> None:
    tools = tools_of(legacy.url)
    for _ in range(3):
        for user in ("alice", "bob"):
            result = await tools.call("whoami", {}, context(user))
            assert result.data == {"user": user, "token": f"Bearer token-of-{user}"}
    assert legacy.rpcs() == ["server/discover", *OPENING, "tools/list", "tools/call", *OPENING, *["tools/call"] * 5]
    assert {user: len(ids) for user, ids in sessions(legacy).items()} == {"alice": 1, "bob": 1}
    assert len({asked.client for asked in legacy.asked}) == 1


async def test_another_token_of_one_user_is_another_session(legacy: Running, tools_of: Tools) -> None:
    tools = tools_of(legacy.url)
    for token in ("one", "two", "one"):
        await tools.call("whoami", {}, context("alice", token))
    assert len(sessions(legacy)["alice"]) == 2


async def test_fifty_users_at_once_are_each_seen_as_themselves(legacy: Running, tools_of: Tools) -> None:
    tools = tools_of(legacy.url)
    users = [f"user-{number}" for number in range(50)]
    calls = [tools.call("whoami", {"wait": 0.05}, context(user)) for user in users for _ in range(2)]
    results = await asyncio.gather(*calls)
    assert [result.data["user"] for result in results] == [user for user in users for _ in range(2)]
    assert legacy.rpcs().count("initialize") == 50
    assert legacy.rpcs().count("server/discover") == 1


async def test_a_session_that_the_server_has_forgotten_is_opened_anew(tools_of: Tools) -> None:
    old, new = make(legacy=True), make(legacy=True)
    with serving(old):
        tools = tools_of(old.url)
        await tools.call("delete", {"what": "one"}, context())
    new.port = old.port
    with serving(new):
        assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
        assert new.rpcs() == ["tools/call", *OPENING, "tools/call"]


async def test_a_session_that_is_never_known_is_opened_anew_once(legacy: Running, tools_of: Tools) -> None:
    async def forget(asked: Asked) -> Response | None:
        error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "Session not found"}}
        return JSONResponse(error, 404) if asked.rpc == "tools/call" else None

    tools = tools_of(legacy.url)
    await tools.list(context())
    legacy.meddle = forget
    legacy.asked.clear()
    with pytest.raises(ToolFailure):
        await tools.call("whoami", {}, context())
    assert legacy.rpcs() == ["tools/call", *OPENING, "tools/call"]


async def test_a_server_that_is_replaced_by_one_of_the_other_protocol(tools_of: Tools) -> None:
    old, new = make(legacy=True), make()
    with serving(old):
        tools = tools_of(old.url)
        await tools.call("whoami", {}, context())
    new.port = old.port
    with serving(new):

        async def only_new(asked: Asked) -> Response | None:
            error = {"code": -32022, "message": "Unsupported", "data": {"supported": ["2026-07-28"], "requested": ""}}
            answer = JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, 400)
            return None if asked.headers.get("mcp-protocol-version") == "2026-07-28" else answer

        new.meddle = only_new
        assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
        assert new.rpcs()[-1] == "tools/call"
    old.app, old.legacy = (again := make(legacy=True)).app, True
    old.mcp = again.mcp
    old.asked.clear()
    with serving(old):
        assert (await tools.call("delete", {"what": "it"}, context())).text == "deleted it"
        assert old.rpcs() == ["tools/call", "server/discover", *OPENING, "tools/call"]
        assert again.notes == ["it"]


async def test_a_session_is_opened_as_the_user_whose_it_is_though_the_list_was_anothers(
    tools_of: Tools, clock: Clock
) -> None:
    old, new = make(hint=CacheHint(scope="public")), make(legacy=True)
    with serving(old):
        tools = tools_of(old.url)
        await tools.list(context("alice"))
    new.port = old.port
    with serving(new):
        clock.now += 300
        await tools.list(context("bob"))
        async with asyncio.timeout(5):
            while "tools/list" not in new.rpcs() or "initialize" not in new.rpcs():
                await asyncio.sleep(0.01)
        for user in ("alice", "bob"):
            await tools.call("whoami", {}, context(user))
        opened = [asked.headers["x-user-id"] for asked in new.asked if asked.rpc == "initialize"]
        assert opened == ["bob", "alice"]
        await tools.close()


async def test_a_session_that_nobody_uses_is_closed(
    legacy: Running, tools_of: Tools, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tools_of(legacy.url)
    await tools.call("whoami", {}, context("alice"))
    clock.now += peers.IDLE
    await tools.call("whoami", {}, context("bob"))
    await _ended(legacy, ["alice"])
    monkeypatch.setattr(peers, "MAX_PEERS", 2)
    await tools.call("whoami", {}, context("carol"))
    await tools.call("whoami", {}, context("bob"))
    await tools.call("whoami", {}, context("dave"))
    await _ended(legacy, ["alice", "carol"])


async def test_closing_ends_every_session_as_its_owner(legacy: Running, tools_of: Tools) -> None:
    tools = tools_of(legacy.url)
    for user in ("alice", "bob"):
        await tools.call("whoami", {}, context(user))
    await tools.close()
    await _ended(legacy, ["alice", "bob"])


async def _ended(running: Running, users: list[str]) -> None:
    async with asyncio.timeout(5):
        while running.rpcs().count("DELETE") < len(users):
            await asyncio.sleep(0.01)
    ended = [asked.headers for asked in running.asked if asked.method == "DELETE"]
    assert sorted(headers["x-user-id"] for headers in ended) == users
    assert all(headers["authorization"] == f"Bearer token-of-{headers['x-user-id']}" for headers in ended)


async def test_a_cancelled_call_is_cancelled_at_the_server_and_its_session_goes_on(
    legacy: Running, tools_of: Tools
) -> None:
    tools = tools_of(legacy.url)
    await tools.list(context())
    call = asyncio.create_task(tools.call("hold", {}, context()))
    while not legacy.notes:
        await asyncio.sleep(0.01)
    call.cancel()
    async with asyncio.timeout(5):
        while "cancelled" not in legacy.notes:
            await asyncio.sleep(0.01)
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
    assert legacy.rpcs().count("initialize") == 1


async def test_a_server_that_asks_the_user_is_told_that_nobody_can_answer(legacy: Running, tools_of: Tools) -> None:
    with pytest.raises(ToolFailure) as failed:
        await tools_of(legacy.url).call("ask", {}, context())
    assert failed.value.reason == "failed"
    assert legacy.rpcs().count("initialize") == 1
    replies = [asked.body for asked in legacy.asked if "error" in (asked.body or {})]
    assert [reply["error"]["code"] for reply in replies] == [-32601]


@pytest.mark.parametrize("is_legacy", [False, True])
async def test_a_server_that_is_listened_to_tells_of_a_change(tools_of: Tools, is_legacy: bool) -> None:
    running = make(legacy=is_legacy, announces=True)
    with serving(running):
        tools = tools_of(running.url, listen=True)
        assert "grown" not in [tool.name for tool in await tools.list(context())]
        async with asyncio.timeout(5):
            while not {"GET", "subscriptions/listen"} & set(running.rpcs()):
                await asyncio.sleep(0.01)
            while "grown" not in [tool.name for tool in await tools.list(context())]:
                await tools.call("grow", {}, context())  # again: it may have been said before the stream was there
        listening = [asked for asked in running.asked if (asked.rpc or asked.method) in ("GET", "subscriptions/listen")]
        assert len(listening) == 1
        assert ("authorization" in listening[0].headers) == is_legacy
        await tools.close()


async def test_no_one_is_listened_to_without_being_asked_for(tools_of: Tools) -> None:
    with serving(make(hint=CacheHint(scope="public"))) as running:
        tools = tools_of(running.url)
        await tools.list(context())
        connection = (tools._connections or {})["Tasks"]
        await asyncio.gather(*connection._tasks._running)
        assert running.rpcs() == ["server/discover", "tools/list"]


async def test_a_server_that_wants_a_users_token_is_not_listened_to(tools_of: Tools) -> None:
    async def refuse(asked: Asked) -> Response | None:
        return None if "authorization" in asked.headers else Response(status_code=401)

    with serving(make()) as running:
        running.meddle = refuse
        tools = tools_of(running.url, listen=True)
        await tools.list(context())
        async with asyncio.timeout(5):
            while "subscriptions/listen" not in running.rpcs():
                await asyncio.sleep(0.01)
        assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
        assert running.rpcs().count("subscriptions/listen") == 1
