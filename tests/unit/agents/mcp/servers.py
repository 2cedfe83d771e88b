"""Real MCP servers on real sockets: MCP's own server behind uvicorn in a thread, and what was asked of it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import uvicorn
from mcp.server.caching import CacheHint
from mcp.server.lowlevel import NotificationOptions
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, SecretStr
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_chatkit.identity import RequestContext

Meddle = Callable[["Asked"], Awaitable[Response | None]]


@dataclass
class Asked:
    """One HTTP request. ``rpc`` is the JSON-RPC method, "" where there is none."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    client: tuple[str, int]

    @property
    def rpc(self) -> str:
        return self.body.get("method", "") if isinstance(self.body, dict) else ""


@dataclass
class Running:
    """A server and its record. ``meddle`` may answer a request instead of it."""

    mcp: MCPServer
    legacy: bool
    app: ASGIApp = field(init=False)
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    meddle: Meddle | None = None
    held: threading.Event = field(default_factory=threading.Event)
    notes: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def rpcs(self) -> list[str]:
        """The methods that were asked for, in their order; other HTTP methods by name."""
        return [asked.rpc or asked.method for asked in self.asked]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, replay = await _read(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        asked = Asked(scope["method"], scope["path"], headers, json.loads(body) if body else None, scope["client"])
        self.asked.append(asked)
        answer = await self.meddle(asked) if self.meddle is not None else None
        if answer is None and self.legacy and headers.get("mcp-protocol-version") == "2026-07-28":
            error = {"code": -32600, "message": "Bad Request: Missing session ID"}  # as servers of that time answer
            answer = JSONResponse({"jsonrpc": "2.0", "id": "server-error", "error": error}, 400)
        await (answer or self.app)(scope, replay, send)


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body, and a way to read it again."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return body, replay


def make(*, legacy: bool = False, hint: CacheHint | None = None, announces: bool = False) -> Running:
    """A server with tools that show who called and what can go wrong."""
    mcp = MCPServer("test", log_level="CRITICAL", cache_hints=None if hint is None else {"tools/list": hint})
    running = Running(mcp, legacy)
    _add_plain_tools(mcp)
    _add_long_tools(running)
    if announces:  # MCP's server says so by itself in the newer protocol alone
        own = mcp._lowlevel_server.create_initialization_options
        mcp._lowlevel_server.create_initialization_options = lambda *_, **__: own(
            NotificationOptions(tools_changed=True)
        )
    running.app = mcp.streamable_http_app()
    return running


def _add_plain_tools(mcp: MCPServer) -> None:
    @mcp.tool(annotations=ToolAnnotations(read_only_hint=True), title="Who am I")
    async def whoami(ctx: Context, wait: float = 0) -> dict[str, str | None]:
        """Who is calling."""
        await anyio.sleep(wait)
        headers = ctx.headers or {}
        return {"user": headers.get("x-user-id"), "token": headers.get("authorization")}

    @mcp.tool()
    def fail() -> str:
        raise ToolError("There is no task 7.")

    @mcp.tool()
    def picture() -> Image:
        return Image(data=b"123", format="png")

    @mcp.tool()
    def long(size: int) -> str:
        return "x" * size

    @mcp.tool()
    async def ask(ctx: Context) -> str:
        return (await ctx.elicit("Are you sure?", Sure)).action

    @mcp.tool()
    async def grow(ctx: Context) -> str:
        mcp.add_tool(_grown, name="grown")
        await ctx.notify_tools_changed()
        await ctx.session.send_tool_list_changed()
        return "ok"


class Sure(BaseModel):
    sure: bool


def _grown() -> str:
    return "grown"


def _add_long_tools(running: Running) -> None:
    @running.mcp.tool(annotations=ToolAnnotations(destructive_hint=True))
    def delete(what: str) -> str:
        running.notes.append(what)
        return f"deleted {what}"

    @running.mcp.tool()
    async def hold() -> str:
        running.notes.append("holding")
        try:
            while not running.held.is_set():
                await anyio.sleep(0.01)
        except anyio.get_cancelled_exc_class():
            running.notes.append("cancelled")
            raise
        return "held"


@contextmanager
def serving(running: Running) -> Iterator[Running]:
    """Serve it, at the port that it had before if it had one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", running.port))
        listener.listen()  # from now on: who connects before the server has started waits for it
        running.port = listener.getsockname()[1]
        config = uvicorn.Config(running, log_level="critical", timeout_graceful_shutdown=1, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield running
        finally:
            running.held.set()
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


@asynccontextmanager
async def raw(*answers: Callable[[bytes], bytes | None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server of bytes: each answer is made of the request, the last one for all that follow; ``None`` hangs up.

    Its URL, and the requests as they came.
    """
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head.lower())
                requests.append(head + await reader.readexactly(int(length[1]) if length else 0))
                answer = answers[min(len(requests), len(answers)) - 1](requests[-1])
                writer.write((answer or b"").removesuffix(HANG_UP))
                await writer.drain()
                if answer is None or answer.endswith(HANG_UP):
                    break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp", requests


HANG_UP = b"<hang up>"


def http(body: bytes, *, status: str = "200 OK", media_type: str = "application/json", headers: str = "") -> bytes:
    """A whole response."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def reply(request: bytes, result: Any) -> bytes:
    """A JSON-RPC answer to it."""
    message = json.loads(request.partition(b"\r\n\r\n")[2])
    return http(json.dumps({"jsonrpc": "2.0", "id": message.get("id"), "result": result}).encode())


def method(request: bytes) -> str:
    """The JSON-RPC method that it asks for."""
    return json.loads(request.partition(b"\r\n\r\n")[2])["method"]


DISCOVERED = {
    "supportedVersions": ["2026-07-28"],
    "capabilities": {"tools": {}},
    "resultType": "complete",
    "ttlMs": 0,
    "cacheScope": "public",
}


def modern(call: Callable[[bytes], bytes | None], tools: list[dict[str, Any]] | None = None) -> Callable[..., Any]:
    """Answers as a server of the stateless protocol with the tool "act"; ``call`` answers its calls."""

    def answer(request: bytes) -> bytes | None:
        match method(request):
            case "server/discover":
                return reply(request, DISCOVERED)
            case "tools/list":
                listed = tools or [{"name": "act", "inputSchema": {"type": "object"}}]
                return reply(request, {"tools": listed, "resultType": "complete", "ttlMs": 0, "cacheScope": "private"})
            case _:
                return call(request)

    return answer


def said(request: bytes, text: str = "done") -> bytes:
    """A tool's answer."""
    return reply(request, {"content": [{"type": "text", "text": text}], "resultType": "complete"})


def context(user: str = "alice", token: str | None = None) -> RequestContext:
    """Who asks; each user has a token of their own."""
    return RequestContext(user, "req_1", access_token=SecretStr(token or f"token-of-{user}"))
