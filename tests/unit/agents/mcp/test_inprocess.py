"""A server in the same process: the same as over a socket, but for the socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from fastapi_chatkit.agents.mcp.caller import current_caller
from fastapi_chatkit.agents.mcp.replies import MAX_BYTES
from fastapi_chatkit.agents.tool_result import ToolFailure
from tests.unit.agents.mcp.servers import Asked, Running, context, make

UNKNOWN = "so it is not known whether this was done"
Tools = Callable[..., MCPTools]


@pytest.fixture(params=["stateless protocol", "sessions"])
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Running]:
    """A server that runs in the test's own event loop."""
    running = make(legacy=request.param == "sessions", announces=True)
    async with running.mcp.session_manager.run():
        yield running
        running.held.set()


@pytest.fixture
async def tools_in() -> AsyncIterator[Tools]:
    made: list[MCPTools] = []

    def make_tools(app: ASGIApp, **fields: object) -> MCPTools:
        made.append(MCPTools([MCPServer(**{"name": "Tasks", "app": app, "timeout": 5, **fields})]))
        return made[-1]

    yield make_tools
    for tools in made:
        await tools.close()


async def test_each_call_is_a_request_with_the_callers_own_token(here: Running, tools_in: Tools) -> None:
    tools = tools_in(here)
    users = [f"user-{number}" for number in range(20)]
    results = await asyncio.gather(*(tools.call("whoami", {"wait": 0.01}, context(user)) for user in users))
    assert [result.data for result in results] == [{"user": u, "token": f"Bearer token-of-{u}"} for u in users]
    assert {(asked.path, asked.headers["host"]) for asked in here.asked} == {("/mcp", "127.0.0.1:8000")}
    assert current_caller.get().headers == ()


async def test_the_url_says_what_the_requests_name() -> None:
    server = MCPServer(name="a", app=Asks(lambda _: Response()), url="http://localhost:1/tools")
    assert server.url == "http://localhost:1/tools"
    assert hash(server)
    with pytest.raises(ValueError, match="URL of the MCP server a"):
        MCPServer(name="a")


async def test_a_cancelled_call_is_cancelled_there_and_no_other(here: Running, tools_in: Tools) -> None:
    tools = tools_in(here)
    await tools.list(context())
    held = [asyncio.create_task(tools.call("hold", {}, context(user))) for user in ("alice", "bob")]
    await until(lambda: len(here.notes) == 2)
    held[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await held[0]
    await until(lambda: "cancelled" in here.notes)
    here.held.set()
    assert (await held[1]).text == "held"
    assert here.notes.count("cancelled") == 1


async def test_a_call_that_takes_too_long_is_given_up_and_cancelled(here: Running, tools_in: Tools) -> None:
    tools = tools_in(here, timeout=0.3)
    await tools.list(context())
    assert (await failure(tools, "hold")).reason == "timeout"
    await until(lambda: "cancelled" in here.notes)


async def test_closing_ends_calls_and_sessions(here: Running, tools_in: Tools) -> None:
    tools = tools_in(here)
    await tools.list(context())
    call = asyncio.create_task(failure(tools, "hold"))
    await until(lambda: bool(here.notes))
    await tools.close()
    assert (await call).message == f"The connection to Tasks broke before it answered, {UNKNOWN}."
    assert here.rpcs().count("DELETE") == here.legacy
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"


async def test_it_is_listened_to(here: Running, tools_in: Tools) -> None:
    tools = tools_in(here, listen=True)
    await tools.list(context())
    await until(lambda: bool({"GET", "subscriptions/listen"} & set(here.rpcs())))
    async with asyncio.timeout(5):
        while "grown" not in [tool.name for tool in await tools.list(context())]:
            await tools.call("grow", {}, context())  # again: it may have been said before the stream was there
    await tools.close()


async def test_statuses_are_told_apart(here: Running, tools_in: Tools) -> None:
    async def refuse(asked: Asked) -> Response | None:
        return Response(status_code=401) if asked.rpc == "tools/call" else None

    tools = tools_in(here)
    await tools.list(context())
    here.meddle = refuse
    assert (await failure(tools)).reason == "unauthorized"


class Asks:
    """An application without tools of MCP, which answers all requests but those for discovery and lists."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.json()
        common = {"resultType": "complete", "ttlMs": 0, "cacheScope": "public"}
        results = {
            "server/discover": {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}},
            "tools/list": {"tools": [{"name": "whoami", "inputSchema": {"type": "object"}}]},
        }
        if body["method"] in results:
            answer = JSONResponse({"jsonrpc": "2.0", "id": body["id"], "result": results[body["method"]] | common})
        else:
            answer = self._answer(request)
        await answer(scope, receive, send)


async def test_an_application_that_raises_is_an_error_of_its_own_and_logged(
    tools_in: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Request) -> Response:
        raise LookupError("a bug there")

    assert (await failure(tools_in(Asks(fail)))).message == f"Tasks reported an error of its own, {UNKNOWN}."
    assert "a bug there" in caplog.text


async def test_an_application_that_raises_in_the_middle_is_a_broken_connection(tools_in: Tools) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'{"jsonrpc": '
        raise LookupError

    app = Asks(lambda _: StreamingResponse(parts(), media_type="application/json"))
    assert "broke before it answered" in (await failure(tools_in(app))).message


async def test_an_endless_answer_is_bounded_while_it_is_sent(tools_in: Tools) -> None:
    sent: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        while True:
            sent.append(65536)
            yield b" " * 65536

    app = Asks(lambda _: StreamingResponse(parts(), media_type="application/json"))
    assert "cannot be read" in (await failure(tools_in(app))).message
    assert sum(sent) <= MAX_BYTES + 3 * 65536


async def test_nothing_of_the_callers_context_is_seen(tools_in: Tools) -> None:
    secret: ContextVar[str] = ContextVar("secret", default="unseen")
    seen: list[object] = []

    def look(_: Request) -> Response:
        seen.extend([secret.get(), current_caller.get().headers])
        return Response(status_code=429)

    secret.set("mine")
    assert (await failure(tools_in(Asks(look)))).reason == "unavailable"
    assert seen == ["unseen", ()]


async def failure(tools: MCPTools, name: str = "whoami") -> ToolFailure:
    with pytest.raises(ToolFailure) as failed:
        await tools.call(name, {}, context())
    return failed.value


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
