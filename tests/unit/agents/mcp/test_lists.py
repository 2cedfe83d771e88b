"""Lists of tools: kept, refreshed beside the callers, per user where they are private, under names that models take."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mcp.server.caching import CacheHint
from starlette.responses import Response

from fastapi_chatkit.agents.mcp import MCPServer, MCPTools, peer
from fastapi_chatkit.agents.mcp.peer import MAX_TOOLS
from fastapi_chatkit.agents.mcp.toollist import AGAIN
from fastapi_chatkit.agents.tool_result import ToolFailure
from tests.unit.agents.mcp.conftest import Clock
from tests.unit.agents.mcp.servers import (
    DISCOVERED,
    Asked,
    Running,
    context,
    make,
    method,
    modern,
    raw,
    reply,
    said,
    serving,
)

Tools = Callable[..., MCPTools]


async def names(tools: MCPTools, user: str = "alice") -> list[str]:
    return [tool.name for tool in await tools.list(context(user))]


async def settled(tools: MCPTools) -> None:
    """Let what goes on in the background end."""
    for connection in (tools._connections or {}).values():
        await asyncio.gather(*connection._tasks._running)


@pytest.fixture
def public() -> Iterator[Running]:
    with serving(make(hint=CacheHint(ttl_ms=60_000, scope="public"))) as running:
        yield running


async def test_a_tool_is_described(server: Running, tools_of: Tools) -> None:
    tools = {tool.name: tool for tool in await tools_of(server.url).list(context())}
    whoami, delete, fail = tools["whoami"], tools["delete"], tools["fail"]
    assert (whoami.title, whoami.description, whoami.server.name) == ("Who am I", "Who is calling.", "Tasks")
    assert (whoami.read_only, whoami.destructive) == (True, False)
    assert (delete.read_only, delete.destructive, delete.title) == (False, True, "delete")
    assert (fail.read_only, fail.destructive, fail.description) == (False, False, "")
    assert delete.input_schema["required"] == ["what"]


async def test_a_private_list_is_each_users_own(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    for user in ("alice", "bob", "alice", "bob"):
        await tools.list(context(user))
    asked = [asked.headers["x-user-id"] for asked in server.asked if asked.rpc == "tools/list"]
    assert asked == ["alice", "bob"]
    assert server.rpcs().count("server/discover") == 1


async def test_a_public_list_is_fetched_once(public: Running, tools_of: Tools) -> None:
    tools = tools_of(public.url)
    for user in ("alice", "bob", "carol"):
        await tools.list(context(user))
        await tools.call("whoami", {}, context(user))
    assert public.rpcs() == ["server/discover", "tools/list"] + ["tools/call"] * 3


async def test_a_list_that_is_no_longer_the_same_for_all_is_each_users_own(tools_of: Tools, clock: Clock) -> None:
    scope = ["public"]

    def answer(request: bytes) -> bytes:
        if method(request) == "server/discover":
            return reply(request, DISCOVERED)
        name = "common" if scope == ["public"] else f"of_{request.partition(b'x-user-id: ')[2].split()[0].decode()}"
        listed = [{"name": name, "inputSchema": {"type": "object"}}]
        return reply(request, {"tools": listed, "resultType": "complete", "ttlMs": 0, "cacheScope": scope[0]})

    async with raw(answer) as (url, _):
        tools = tools_of(url)
        assert [await names(tools, user) for user in ("alice", "bob")] == [["common"]] * 2
        scope[0] = "private"
        (tools._connections or {})["Tasks"]._changed()
        found = await asyncio.gather(*(names(tools, user) for user in ("bob", "alice", "bob")))
        assert found == [["of_bob"], ["of_alice"], ["of_bob"]]
        scope[0] = "public"
        clock.now += 300
        await names(tools, "bob")
        await settled(tools)
        assert [await names(tools, user) for user in ("alice", "carol")] == [["common"]] * 2
        await tools.close()


async def test_many_who_ask_at_once_share_one_fetch(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    await asyncio.gather(*(tools.list(context()) for _ in range(20)))
    assert server.rpcs() == ["server/discover", "tools/list"]


async def test_an_old_list_is_answered_while_a_new_one_is_fetched(
    server: Running, tools_of: Tools, clock: Clock
) -> None:
    tools = tools_of(server.url, tools_ttl=100)
    before = await names(tools)
    server.mcp.remove_tool("fail")
    clock.now += 99
    await names(tools)
    await settled(tools)
    assert server.rpcs().count("tools/list") == 1
    clock.now += 1
    assert await names(tools) == before
    await settled(tools)
    assert await names(tools) == [name for name in before if name != "fail"]
    assert server.rpcs().count("tools/list") == 2


async def test_a_shorter_time_that_the_server_gives_counts(public: Running, tools_of: Tools, clock: Clock) -> None:
    tools = tools_of(public.url)
    await names(tools)
    for passed, fetched in ((59, 1), (1, 2)):
        clock.now += passed
        await names(tools)
        await settled(tools)
        assert public.rpcs().count("tools/list") == fetched


async def test_a_time_that_is_too_short_is_a_few_seconds(tools_of: Tools, clock: Clock) -> None:
    with serving(make(hint=CacheHint(ttl_ms=1))) as hasty:
        tools = tools_of(hasty.url)
        for passed, fetched in ((0, 1), (AGAIN - 1, 1), (1, 2)):
            clock.now += passed
            await names(tools)
            await settled(tools)
            assert hasty.rpcs().count("tools/list") == fetched


async def test_a_refresh_that_fails_keeps_the_old_list(server: Running, tools_of: Tools, clock: Clock) -> None:
    tools = tools_of(server.url, tools_ttl=10)
    before = await names(tools)
    server.meddle = _fail_to_list
    clock.now += 10
    await names(tools)
    await settled(tools)
    assert await names(tools) == before
    assert list(tools.unavailable(context())) == ["Tasks"]
    server.meddle = None
    clock.now += AGAIN
    await names(tools)
    await settled(tools)
    assert tools.unavailable(context()) == {}


async def test_a_bug_of_ours_is_logged_with_its_traceback_and_a_failure_of_the_server_is_not(
    server: Running, tools_of: Tools, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("a bug here")

    tools = tools_of(server.url)
    server.meddle = _fail_to_list
    assert await names(tools) == []
    assert not [record for record in caplog.records if record.exc_info]
    server.meddle = None
    clock.now += AGAIN
    monkeypatch.setattr(peer, "Listing", broken)
    assert await names(tools) == []
    assert "could not be listed" in caplog.text
    assert "a bug here" in caplog.text


async def _fail_to_list(asked: Asked) -> Response | None:
    return Response(status_code=500) if asked.rpc == "tools/list" else None


async def test_a_caller_who_stops_waiting_ends_nobody_elses_list(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    first, second = (asyncio.create_task(tools.list(context())) for _ in range(2))
    while not server.asked:
        await asyncio.sleep(0.001)
    first.cancel()
    assert await second
    assert server.rpcs() == ["server/discover", "tools/list"]


async def test_tools_that_are_not_allowed_are_neither_seen_nor_called(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url, allow=frozenset({"whoami", "gone"}))
    assert await names(tools) == ["whoami"]
    with pytest.raises(ToolFailure) as failed:
        await tools.call("delete", {"what": "all"}, context())
    assert (failed.value.reason, failed.value.message) == ("unknown_tool", "There is no tool of this name.")
    assert server.notes == []
    assert "tools/call" not in server.rpcs()


async def test_a_tool_that_the_server_no_longer_has_is_unknown_and_the_list_is_fetched_again(
    server: Running, tools_of: Tools
) -> None:
    tools = tools_of(server.url)
    await names(tools)
    server.mcp.remove_tool("fail")
    with pytest.raises(ToolFailure) as failed:
        await tools.call("fail", {}, context())
    assert failed.value.reason == "unknown_tool"
    assert "fail" not in await names(tools)
    assert server.rpcs() == ["server/discover", "tools/list", "tools/call", "tools/list"]


async def test_all_pages_are_read_up_to_a_bound(tools_of: Tools) -> None:
    def page(request: bytes) -> bytes:
        if method(request) == "server/discover":
            return reply(request, DISCOVERED)
        start = request.count(b'"cursor":"') and int(request.partition(b'"cursor":"')[2].partition(b'"')[0])
        listed = [{"name": f"t{number}", "inputSchema": {"type": "object"}} for number in range(start, start + 300)]
        page = {"tools": listed, "nextCursor": str(start + 300), "resultType": "complete"}
        return reply(request, {**page, "ttlMs": 0, "cacheScope": "public"})

    async with raw(page) as (url, requests):
        assert await names(tools_of(url)) == [f"t{number}" for number in range(MAX_TOOLS)]
        assert len(requests) == 5


async def test_pages_that_never_end_are_cut_off(tools_of: Tools) -> None:
    def page(request: bytes) -> bytes:
        if method(request) == "server/discover":
            return reply(request, DISCOVERED)
        listed = [{"name": "same", "inputSchema": {"type": "object"}}]
        page = {"tools": listed, "nextCursor": "again", "resultType": "complete"}
        return reply(request, {**page, "ttlMs": 0, "cacheScope": "public"})

    async with raw(page) as (url, requests):
        assert await names(tools_of(url)) == ["same"]
        assert len(requests) < 150


async def test_two_servers_with_one_name_of_a_tool(server: Running, clock: Clock) -> None:
    with serving(make()) as other:
        tools = MCPTools([MCPServer(name="a", url=server.url), MCPServer(name="b", url=other.url)], clock=clock)
        found = {tool.name: (tool.server.name, tool.origin) for tool in await tools.list(context())}
        assert (found["delete"], found["b_delete"]) == (("a", "delete"), ("b", "delete"))
        assert (await tools.call("b_delete", {"what": "it"}, context())).name == "b_delete"
        assert (server.notes, other.notes) == ([], ["it"])
        await tools.close()


async def test_a_name_means_one_tool_though_another_server_comes_later(clock: Clock) -> None:
    first, second = make(), make()
    with serving(first):
        pass
    with serving(second):
        servers = [MCPServer(name="a", url=first.url), MCPServer(name="b", url=second.url)]
        tools = MCPTools(servers, clock=clock)
        assert "delete" in await names(tools)
        first.app = make().app
        with serving(first):
            clock.now += AGAIN
            assert {tool.name for tool in await tools.list(context()) if tool.server.name == "a"} >= {"a_delete"}
            await tools.call("delete", {"what": "it"}, context())
        assert second.notes == ["it"]
        await tools.close()


async def test_names_that_no_model_takes_are_made_valid_and_mapped_back(tools_of: Tools) -> None:
    listed: list[dict[str, Any]] = [
        {"name": name, "inputSchema": {"type": "object"}} for name in ("task/list", "task.list", "task_list", "é" * 70)
    ]
    called: list[bytes] = []
    async with raw(modern(lambda request: called.append(request) or said(request), listed)) as (url, _):
        tools = tools_of(url)
        found = await tools.list(context())
        assert [tool.origin for tool in found] == [tool["name"] for tool in listed]
        given = [tool.name for tool in found]
        assert given[:3] == ["Tasks_task_list", given[1], "task_list"]
        assert len(set(given)) == 4
        for name in given:
            await tools.call(name, {}, context())
    for request, tool in zip(called, listed, strict=True):
        assert tool["name"] in request.partition(b"\r\n\r\n")[2].decode()
