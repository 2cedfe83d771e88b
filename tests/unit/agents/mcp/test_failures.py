"""Servers that are down, die, stall or answer nonsense: a clear failure, nothing done twice, and nobody else harmed."""

import asyncio
import gzip
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from fastapi_chatkit.agents.mcp import MCPServer, MCPTools, endpoint
from fastapi_chatkit.agents.mcp.breaker import FAILURES, PAUSE
from fastapi_chatkit.agents.mcp.replies import MAX_BYTES
from fastapi_chatkit.agents.mcp.toollist import AGAIN
from fastapi_chatkit.agents.tool_result import ToolFailure
from tests.unit.agents.mcp.conftest import Clock
from tests.unit.agents.mcp.servers import (
    HANG_UP,
    Asked,
    Meddle,
    Running,
    context,
    http,
    make,
    method,
    modern,
    raw,
    reply,
    said,
    serving,
)

Tools = Callable[..., MCPTools]

UNKNOWN = "so it is not known whether this was done"
UNREADABLE = f"Tasks answered with something that cannot be read, {UNKNOWN}."


async def failure(tools: MCPTools, name: str = "whoami", user: str = "alice") -> ToolFailure:
    """How a call fails."""
    with pytest.raises(ToolFailure) as failed:
        await tools.call(name, {}, context(user))
    assert str(failed.value) == failed.value.message
    return failed.value


def answering(make_response: Callable[[], Response], rpc: str = "tools/call") -> Meddle:
    """A meddler that answers requests of one kind."""

    async def answer(asked: Asked) -> Response | None:
        return make_response() if asked.rpc == rpc else None

    return answer


@pytest.mark.parametrize(
    ("response", "reason", "message"),
    [
        (lambda: Response(status_code=401), "unauthorized", "Tasks did not accept your sign-in. Sign in again."),
        (
            lambda: JSONResponse({"error": "bad"}, 401),
            "unauthorized",
            "Tasks did not accept your sign-in. Sign in again.",
        ),
        (
            lambda: Response(status_code=403),
            "forbidden",
            "Tasks does not allow this to you, or knows you as somebody else. Sign in again.",
        ),
        (lambda: Response(status_code=429), "unavailable", "Tasks is too busy at the moment."),
        (lambda: Response(status_code=500), "unavailable", f"Tasks reported an error of its own, {UNKNOWN}."),
        (lambda: HTMLResponse("<p>oops</p>", 503), "unavailable", f"Tasks reported an error of its own, {UNKNOWN}."),
        (
            lambda: HTMLResponse("<p>hi</p>"),
            "unavailable",
            UNREADABLE,
        ),
        (
            lambda: Response(status_code=202),
            "unavailable",
            UNREADABLE,
        ),
        (lambda: Response(status_code=404), "unavailable", "There is no MCP server where Tasks is expected."),
    ],
)
async def test_a_status_has_its_reason_and_sentence(
    server: Running, tools_of: Tools, response: Callable[[], Response], reason: str, message: str
) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    server.meddle = answering(response)
    failed = await failure(tools)
    assert (failed.reason, failed.message) == (reason, message)
    assert server.rpcs().count("tools/call") == 1


def _deep(_: bytes) -> bytes:
    return http(b'{"jsonrpc": "2.0", "id": 3, "result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: http(b'{"jsonrpc": "2.0", "id": 3, "result": '),
        lambda _: http(b"[]"),
        lambda _: http(b""),
        lambda _: http(b'{"jsonrpc": "2.0", "id": 3, "result": 7}'),
        lambda request: reply(request, {"content": "text"}),
        lambda request: reply(request, {"resultType": "input_required", "inputRequests": {}, "requestState": "x"}),
        lambda request: http(b'{"text": "' + b"x" * MAX_BYTES + b'"}'),
        lambda request: http(b"data: " + b"x" * MAX_BYTES + b"\n\n", media_type="text/event-stream"),
        lambda request: http(b"data: {}\n\n" * (MAX_BYTES // 10 + 1), media_type="text/event-stream"),
        lambda request: http(gzip.compress(b" " * 10**8), headers="content-encoding: gzip\r\n"),
        lambda _: http(b'{"jsonrpc": "2.0", "id": 3, "error": {"code": true}}'),
        _deep,
    ],
)
async def test_an_answer_that_is_none_is_unreadable(tools_of: Tools, answer: Callable[[bytes], bytes]) -> None:
    async with raw(modern(answer)) as (url, requests):
        failed = await failure(tools_of(url), "act")
        assert (failed.reason, failed.message) == (
            "unavailable",
            UNREADABLE,
        )
        assert [method(request) for request in requests].count("tools/call") == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: None,
        lambda request: said(request)[:-5] + HANG_UP,
        lambda request: http(b": nothing\n\n", media_type="text/event-stream"),
        lambda _: http(b'{"jsonrpc": "2.0", "id": 999, "result": {"content": []}}'),
        lambda _: b"SSH-2.0-OpenSSH\r\n\r\n",
    ],
)
async def test_a_server_that_dies_in_the_middle_may_have_done_it_and_is_not_asked_again(
    tools_of: Tools, answer: Callable[[bytes], bytes | None]
) -> None:
    async with raw(modern(answer)) as (url, requests):
        failed = await failure(tools_of(url), "act")
        assert failed.reason == "unavailable"
        assert failed.message == f"The connection to Tasks broke before it answered, {UNKNOWN}."
        assert [method(request) for request in requests].count("tools/call") == 1


async def test_what_has_no_effect_is_asked_again_when_the_connection_breaks(tools_of: Tools) -> None:
    async with raw(lambda _: None, modern(said)) as (url, requests):
        assert [tool.name for tool in await tools_of(url).list(context())] == ["act"]
        assert [method(request) for request in requests] == ["server/discover", "server/discover", "tools/list"]


async def test_a_server_that_is_down_is_said_to_be_and_warned_of_once(
    tools_of: Tools, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    running = make()
    with serving(running):
        pass
    tools = tools_of(running.url)
    for _ in range(3):
        assert await tools.list(context()) == []
        clock.now += AGAIN
    assert {name: failed.message for name, failed in tools.unavailable(context()).items()} == {
        "Tasks": "Tasks cannot be reached at the moment."
    }
    assert (await failure(tools)).message == "Tasks cannot be reached at the moment."
    running.app = make().app
    with serving(running):
        clock.now += AGAIN
        assert "whoami" in [tool.name for tool in await tools.list(context())]
        assert tools.unavailable(context()) == {}
    lines = [(record.levelname, record.getMessage()) for record in caplog.records if "MCP" in record.getMessage()]
    assert lines[0] == ("WARNING", "an MCP server does not answer")
    assert [level for level, _ in lines].count("WARNING") == 1


async def test_the_tools_of_other_servers_are_there(server: Running, clock: Clock) -> None:
    down = MCPServer(name="Down", url="http://127.0.0.1:9/mcp")
    tools = MCPTools([down, MCPServer(name="Up", url=server.url)], clock=clock)
    assert {tool.server.name for tool in await tools.list(context())} == {"Up"}
    assert list(tools.unavailable(context())) == ["Down"]
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
    assert (await failure(tools, "no_such_tool")).reason == "unavailable"  # it may be one of the other's
    await tools.close()


async def test_a_server_that_restarts_is_used_again(server: Running, tools_of: Tools) -> None:
    running = make()
    with serving(running):
        tools = tools_of(running.url)
        await tools.call("whoami", {}, context())
    assert (await failure(tools)).message == "Tasks cannot be reached at the moment."
    running.mcp, running.app = (again := make()).mcp, again.app
    with serving(running):
        assert (await tools.call("whoami", {}, context())).data["user"] == "alice"


async def test_a_server_that_comes_back_between_two_attempts_is_waited_for(
    tools_of: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = asyncio.Event()

    class Pauses:
        """The real ones are too short for a server to start in on a busy machine."""

        def __iter__(self) -> Iterator[float]:
            yield 0.05
            refused.set()
            while True:
                yield 0.05

    running = make()
    with serving(running):
        tools = tools_of(running.url)
        await tools.list(context())
    monkeypatch.setattr(endpoint, "PAUSES", Pauses())
    call = asyncio.create_task(tools.call("whoami", {}, context()))
    await refused.wait()
    running.app = make().app
    with serving(running):
        assert (await call).data["user"] == "alice"


async def test_a_connection_that_the_server_closed_meanwhile_is_no_failure(tools_of: Tools) -> None:
    async with raw(modern(lambda request: said(request) + HANG_UP)) as (url, requests):
        tools = tools_of(url)
        for _ in range(3):
            assert (await tools.call("act", {}, context())).text == "done"
            await asyncio.sleep(0.05)
        assert [method(request) for request in requests].count("tools/call") == 3


async def test_a_header_that_the_tool_has_come_to_ask_for_is_sent_after_a_new_list(tools_of: Tools) -> None:
    asked_for = {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}
    listed: list[dict[str, Any]] = [{"name": "act", "inputSchema": {"type": "object"}}]

    def act(request: bytes) -> bytes:
        if b"mcp-param-region: eu" in request.lower():
            return said(request)
        listed[0]["inputSchema"] = asked_for
        number = json.loads(request.partition(b"\r\n\r\n")[2])["id"]
        error = {"jsonrpc": "2.0", "id": number, "error": {"code": -32020, "message": "Header mismatch"}}
        return http(json.dumps(error).encode(), status="400 Bad Request")

    async with raw(modern(act, listed)) as (url, requests):
        tools = tools_of(url)
        for _ in range(2):
            assert (await tools.call("act", {"region": "eu"}, context())).text == "done"
        methods = [method(request) for request in requests]
        assert methods[2:] == ["tools/call", "tools/list", "tools/call", "tools/call"]


async def test_a_stalled_server_is_given_up_and_does_not_hold_others_up(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url, timeout=0.3)
    await tools.list(context())
    held = asyncio.create_task(failure(tools, "hold"))
    assert (await tools.call("whoami", {}, context("bob"))).data["user"] == "bob"
    failed = await held
    assert (failed.reason, failed.message) == ("timeout", f"Tasks did not answer within 0.3 seconds, {UNKNOWN}.")
    while "cancelled" not in server.notes:
        await asyncio.sleep(0.01)


async def test_a_circuit_opens_after_failures_in_a_row_and_one_call_tries_again(
    server: Running, tools_of: Tools, clock: Clock
) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    server.meddle = answering(lambda: Response(status_code=500))
    for _ in range(FAILURES):
        await failure(tools)
    asked = len(server.asked)
    assert "tried again in a few seconds" in (await failure(tools)).message
    clock.now += PAUSE - 1
    await failure(tools)
    assert len(server.asked) == asked

    clock.now += 1
    failures = await asyncio.gather(*(failure(tools) for _ in range(5)))
    assert len(server.asked) == asked + 1
    assert sum("an error of its own" in failed.message for failed in failures) == 1

    clock.now += PAUSE
    server.meddle = None
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
    await asyncio.gather(*(tools.call("whoami", {}, context()) for _ in range(5)))


async def _fails_often(tools: MCPTools, name: str, user: str) -> None:
    """More often than a circuit bears."""
    for _ in range(FAILURES + 1):
        await failure(tools, name, user)


async def test_one_users_slow_tool_opens_no_circuit(
    server: Running, tools_of: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    tools = tools_of(server.url, timeout=0.2)
    await tools.list(context())
    await _fails_often(tools, "hold", "mallory")
    assert tools.unavailable(context()) == {}
    assert "does not answer" not in caplog.text
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"


async def test_one_users_unreadable_answers_open_no_circuit(tools_of: Tools) -> None:
    async with raw(modern(lambda request: http(b"") if b"mallory" in request else said(request))) as (url, _):
        tools = tools_of(url)
        await tools.list(context())
        await _fails_often(tools, "act", "mallory")
        assert tools.unavailable(context()) == {}
        assert (await tools.call("act", {}, context())).text == "done"


async def test_silence_opens_the_circuit_when_the_list_of_tools_is_not_answered_either(
    server: Running, tools_of: Tools, clock: Clock
) -> None:
    async def stall(_: Asked) -> None:
        await asyncio.sleep(60)

    tools = tools_of(server.url, timeout=0.2)
    await tools.list(context())
    server.meddle = stall
    for _ in range(FAILURES - 1):
        await failure(tools)
    clock.now += AGAIN
    await tools.list(context())  # which looks whether the server is there, beside the caller
    async with asyncio.timeout(5):
        while not tools.unavailable(context()):
            await asyncio.sleep(0.01)
    asked = len(server.asked)
    assert "tried again in a few seconds" in (await failure(tools)).message
    assert len(server.asked) == asked
    server.meddle = None
    clock.now += PAUSE
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"


async def test_the_trial_may_be_cancelled(server: Running, tools_of: Tools, clock: Clock) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    server.meddle = answering(lambda: Response(status_code=500))
    for _ in range(FAILURES):
        await failure(tools)
    clock.now += PAUSE
    server.meddle = None
    trial = asyncio.create_task(tools.call("hold", {}, context()))
    while not server.notes:
        await asyncio.sleep(0.01)
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_one_users_bad_token_opens_no_circuit(
    server: Running, tools_of: Tools, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(asked: Asked) -> Response | None:
        return Response(status_code=status) if asked.headers.get("x-user-id") == "mallory" else None

    tools = tools_of(server.url)
    await tools.list(context())
    server.meddle = refuse
    for _ in range(2 * FAILURES):
        await failure(tools, user="mallory")
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
    assert tools.unavailable(context()) == {}
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING and "MCP" in record.message]


async def test_a_refused_users_list_is_empty_and_says_why_while_others_have_theirs(
    server: Running, tools_of: Tools
) -> None:
    async def refuse(asked: Asked) -> Response | None:
        return Response(status_code=401) if asked.headers.get("x-user-id") == "mallory" else None

    server.meddle = refuse
    tools = tools_of(server.url)
    lists = await asyncio.gather(*(tools.list(context(user)) for user in ("mallory", "alice", "mallory", "bob")))
    assert [bool(found) for found in lists] == [False, True, False, True]
    why = tools.unavailable(context("mallory"))["Tasks"]
    assert (why.reason, why.message) == ("unauthorized", "Tasks did not accept your sign-in. Sign in again.")
    assert tools.unavailable(context("alice")) == {}


async def test_a_tool_that_fails_opens_no_circuit(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    results = [await tools.call("fail", {}, context()) for _ in range(2 * FAILURES)]
    assert all(result.failed for result in results)


async def test_a_failure_shows_nothing_of_the_server(tools_of: Tools) -> None:
    page = json.dumps({"detail": "token-of-alice at 10.0.0.1"}).encode()
    async with raw(modern(lambda _: http(page, status="500 token-of-alice"))) as (url, _):
        failed = await failure(tools_of(url, name="Shop"), "act")
    assert failed.message == f"Shop reported an error of its own, {UNKNOWN}."
