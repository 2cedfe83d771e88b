"""A call is one request with the caller's own token; callers do not see, nor end, one another."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from fastapi_chatkit.agents.mcp.results import MAX_TEXT
from fastapi_chatkit.agents.tool_result import ToolFailure
from fastapi_chatkit.identity import RequestContext
from tests.unit.agents.mcp.servers import Asked, Running, context, http, make, modern, raw, said, serving

Tools = Callable[..., MCPTools]


async def test_in_the_steady_state_a_call_is_one_request_on_one_connection(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    server.asked.clear()
    for _ in range(3):
        await tools.list(context())
        await tools.call("whoami", {}, context())
    assert server.rpcs() == ["tools/call"] * 3
    assert len({asked.client for asked in server.asked}) == 1


async def test_a_call_before_any_list_finds_its_tool(server: Running, tools_of: Tools) -> None:
    result = await tools_of(server.url).call("whoami", {}, context())
    assert result.data == {"user": "alice", "token": "Bearer token-of-alice"}
    assert server.rpcs() == ["server/discover", "tools/list", "tools/call"]


async def test_fifty_users_at_once_are_each_seen_as_themselves(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    users = [f"user-{number}" for number in range(50)]
    results = await asyncio.gather(*(tools.call("whoami", {"wait": 0.05}, context(user)) for user in users))
    assert [result.data for result in results] == [{"user": u, "token": f"Bearer token-of-{u}"} for u in users]
    assert server.rpcs().count("server/discover") == 1


@pytest.mark.parametrize("user", ["алиса", "ölaf", "名前", "a b"])
async def test_an_id_arrives_as_the_bytes_that_it_came_as(server: Running, tools_of: Tools, user: str) -> None:
    await tools_of(server.url).call("whoami", {}, context(user, "t"))
    assert server.asked[-1].headers["x-user-id"].encode("latin-1").decode() == user


@pytest.mark.parametrize("user", ["a\r\nx-admin: 1", "a\x00", " alice", "alice\t", "\ud800", "", "a\x7f"])
async def test_an_id_that_would_arrive_as_another_is_not_sent(server: Running, tools_of: Tools, user: str) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    server.asked.clear()
    with pytest.raises(ToolFailure) as failed:
        await tools.call("whoami", {}, context(user, "t"))
    assert failed.value.reason == "unauthorized"
    assert await tools.list(context(user, "t")) == []
    assert list(tools.unavailable(context(user, "t"))) == ["Tasks"]
    assert server.asked == []


@pytest.mark.parametrize("token", ["a\nb", "a\r\nx-user-id: bob", "token ", "тест"])
async def test_a_token_that_no_header_holds_is_not_sent(server: Running, tools_of: Tools, token: str) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    with pytest.raises(ToolFailure) as failed:
        await tools.call("whoami", {}, context("alice", token))
    assert token.strip() not in failed.value.message


async def test_fixed_headers_go_with_every_request_and_the_callers_win(server: Running, tools_of: Tools) -> None:
    headers = {"X-Api-Key": SecretStr("key"), "Authorization": SecretStr("Basic app"), "X-User-ID": SecretStr("app")}
    tools = tools_of(server.url, headers=headers)
    result = await tools.call("whoami", {}, context())
    assert result.data == {"user": "alice", "token": "Bearer token-of-alice"}
    assert {asked.headers["x-api-key"] for asked in server.asked} == {"key"}
    assert "key" not in repr(tools._servers)


async def test_without_pass_token_nothing_of_the_caller_is_sent(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url, pass_token=False, headers={"Authorization": SecretStr("Basic app")})
    results = [await tools.call("whoami", {}, context(user)) for user in ("alice", "bob")]
    assert [result.data for result in results] == [{"user": None, "token": "Basic app"}] * 2
    assert server.rpcs() == ["server/discover", "tools/list", "tools/call", "tools/call"]


async def test_without_a_token_the_user_alone_is_named(server: Running, tools_of: Tools) -> None:
    result = await tools_of(server.url).call("whoami", {}, RequestContext("alice", "req_1"))
    assert result.data == {"user": "alice", "token": None}


async def test_a_cookie_that_one_user_is_given_goes_with_no_request(tools_of: Tools) -> None:
    act = modern(lambda request: said(request).replace(b"\r\n\r\n", b"\r\nset-cookie: session=alices\r\n\r\n", 1))
    async with raw(act) as (url, requests):
        tools = tools_of(url)
        await tools.call("act", {}, context("alice"))
        await tools.call("act", {}, context("bob"))
    assert not any(b"cookie" in request.lower().partition(b"\r\n\r\n")[0] for request in requests)


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    server: Running, tools_of: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert await tools_of(server.url).list(context())


async def test_a_redirect_within_the_origin_is_followed_once_for_all(server: Running, tools_of: Tools) -> None:
    async def move(asked: Asked) -> Response | None:
        return RedirectResponse("/mcp", 307) if asked.path == "/old" else None

    server.meddle = move
    tools = tools_of(server.url.replace("/mcp", "/old"))
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
    assert [asked.path for asked in server.asked].count("/old") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_elsewhere_carries_nothing_there(server: Running, tools_of: Tools, status: int) -> None:
    with serving(make()) as elsewhere:

        async def move(_: Asked) -> Response:
            return RedirectResponse(elsewhere.url, status)

        tools = tools_of(server.url)
        await tools.list(context())
        server.meddle = move
        with pytest.raises(ToolFailure, match="There is no MCP server") as failed:
            await tools.call("delete", {"what": "it"}, context())
        assert failed.value.reason == "unavailable"
        assert elsewhere.asked == []


async def test_what_a_tool_says_is_text_and_data(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    failed = await tools.call("fail", {}, context())
    assert (failed.failed, failed.text, failed.data) == (True, "Error executing tool fail: There is no task 7.", None)
    deleted = await tools.call("delete", {"what": "\ud800 und 你好"}, context())
    assert (deleted.name, deleted.text, deleted.data) == ("delete", "deleted \ufffd und 你好", {"result": deleted.text})
    assert deleted.arguments == {"what": "\ud800 und 你好"}
    assert (await tools.call("picture", {}, context())).text == "[An image, image/png, that cannot be shown here.]"


async def test_a_long_text_is_cut_with_a_note(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    text = (await tools.call("long", {"size": MAX_TEXT + 1}, context())).text
    assert text == "x" * MAX_TEXT + f"\n[Cut off here: {MAX_TEXT} of {MAX_TEXT + 1} characters.]"
    assert (await tools.call("long", {"size": MAX_TEXT}, context())).text == "x" * MAX_TEXT


async def test_arguments_that_a_tool_refuses_are_its_answer(server: Running, tools_of: Tools) -> None:
    result = await tools_of(server.url).call("delete", {"what": 7}, context())
    assert result.failed
    assert "what" in result.text


async def test_arguments_that_the_protocol_refuses_are_the_tools_answer(tools_of: Tools) -> None:
    error = b'{"jsonrpc": "2.0", "id": 3, "error": {"code": -32602, "message": "what must be a string"}}'
    async with raw(modern(lambda _: http(error, status="400 Bad Request"))) as (url, _):
        result = await tools_of(url).call("act", {}, context())
    assert (result.failed, result.text) == (True, "what must be a string")


async def test_an_error_of_the_protocol_is_a_failure_without_the_servers_text(tools_of: Tools) -> None:
    error = b'{"jsonrpc": "2.0", "id": 3, "error": {"code": -32603, "message": "secret at https://db"}}'
    async with raw(modern(lambda _: http(error))) as (url, _):
        with pytest.raises(ToolFailure) as failed:
            await tools_of(url).call("act", {}, context())
    assert (failed.value.reason, failed.value.message) == ("failed", "Tasks could not carry this out.")


async def test_a_cancelled_call_aborts_its_own_request_and_no_other(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    held = [asyncio.create_task(tools.call("hold", {}, context(user))) for user in ("alice", "bob")]
    while len(server.notes) < 2:
        await asyncio.sleep(0.01)
    held[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await held[0]
    while server.notes.count("cancelled") < 1:
        await asyncio.sleep(0.01)
    assert (await tools.call("whoami", {}, context("carol"))).data["user"] == "carol"
    server.held.set()
    assert (await held[1]).text == "held"
    assert server.notes.count("cancelled") == 1


async def test_who_opens_the_connection_may_be_cancelled(server: Running, tools_of: Tools) -> None:
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    async def wait(request: Asked) -> None:
        if request.rpc == "server/discover":
            loop.call_soon_threadsafe(asked.set)
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(gate.wait(), loop))

    server.meddle = wait
    tools = tools_of(server.url)
    first, second = (asyncio.create_task(tools.call("whoami", {}, context(user))) for user in ("alice", "bob"))
    await asked.wait()
    first.cancel()
    gate.set()
    assert (await second).data == {"user": "bob", "token": "Bearer token-of-bob"}
    assert server.rpcs().count("server/discover") == 1


async def test_close_works_from_any_task_and_ends_what_is_on_its_way(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    await tools.list(context())
    call = asyncio.create_task(tools.call("hold", {}, context()))
    while not server.notes:
        await asyncio.sleep(0.01)
    await asyncio.create_task(tools.close())
    with pytest.raises(ToolFailure) as failed:
        await call
    assert failed.value.reason == "unavailable"
    await tools.close()


def test_after_closing_the_next_use_connects_anew_in_another_loop(server: Running) -> None:
    tools = MCPTools([MCPServer(name="Tasks", url=server.url)])

    async def use() -> list[str]:
        listed = [tool.name for tool in await tools.list(context())]
        assert (await tools.call("whoami", {}, context())).data["user"] == "alice"
        await tools.close()
        return listed

    first = asyncio.run(use())
    assert "whoami" in first
    assert asyncio.run(use()) == first


async def test_while_closing_nothing_is_begun(legacy: Running, tools_of: Tools) -> None:
    tools = tools_of(legacy.url)
    await tools.list(context())
    gate = threading.Event()

    async def wait(asked: Asked) -> None:
        if asked.method == "DELETE":
            while not gate.is_set():
                await asyncio.sleep(0.01)

    legacy.meddle = wait
    closing = asyncio.create_task(tools.close())
    while "DELETE" not in legacy.rpcs():
        await asyncio.sleep(0.01)
    assert await tools.list(context()) == []
    with pytest.raises(ToolFailure, match="shut down"):
        await tools.call("whoami", {}, context())
    gate.set()
    await closing
    assert (await tools.call("whoami", {}, context())).data["user"] == "alice"


async def test_closing_ends_what_is_just_being_opened(server: Running, tools_of: Tools) -> None:
    tools = tools_of(server.url)
    first = asyncio.create_task(tools.list(context()))
    await asyncio.sleep(0)
    await tools.close()
    await first
    assert tools._connections is None


async def test_a_failed_import_is_tried_again(
    server: Running, tools_of: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tools_of(server.url)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "httpx2", None)
        with pytest.raises(ImportError):
            await tools.list(context())
    assert await tools.list(context())


async def test_tools_that_were_never_used_are_closed(tools_of: Tools) -> None:
    await tools_of("http://127.0.0.1:9/mcp").close()


async def test_nothing_of_a_token_or_session_is_logged_and_nothing_of_a_call(
    server: Running, tools_of: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore2").setLevel(logging.INFO)  # at DEBUG it prints the headers of responses
    tools = tools_of(server.url)
    await tools.call("delete", {"what": "my-secret-argument"}, context("alice", "my-secret-token"))
    server.meddle = _refuse
    with pytest.raises(ToolFailure):
        await tools.call("delete", {"what": "my-secret-argument"}, context("alice", "my-secret-token"))
    lines = [record for record in caplog.records if record.threadName == "MainThread"]
    assert lines
    assert not [line for line in lines if "my-secret" in line.getMessage() or "my-secret" in str(vars(line))]


async def _refuse(_: Asked) -> Response:
    return Response(status_code=401)


def test_importing_the_package_imports_neither_mcp_nor_an_http_client() -> None:
    code = "import sys, fastapi_chatkit.agents.mcp as m; m.MCPTools([]); print({'mcp', 'httpx2'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_two_servers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="name of its own"):
        MCPTools([MCPServer(name="a", url="http://a/mcp"), MCPServer(name="a", url="http://b/mcp")])
