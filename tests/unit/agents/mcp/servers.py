"""Real MCP servers on real sockets: MCP's own server behind uvicorn in a thread, and what was asked of it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import uvicorn
from mcp.server.caching import CacheHint
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp_types import ToolAnnotations
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Meddle = Callable[["Asked"], Awaitable[Response | None]]


@dataclass
class Asked:
    """One HTTP request. ``rpc`` is the JSON-RPC method, "" where there is none."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    hung_up: bool = False

    @property
    def rpc(self) -> str:
        return self.body.get("method", "") if isinstance(self.body, dict) else ""


@dataclass
class Running:
    """A server and its record. ``meddle`` may answer a request instead of it."""

    mcp: MCPServer
    app: ASGIApp
    legacy: bool
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
        asked = Asked(scope["method"], scope["path"], headers, json.loads(body) if body else None)
        self.asked.append(asked)
        answer = await self.meddle(asked) if self.meddle is not None else None
        if answer is None and self.legacy and headers.get("mcp-protocol-version") == "2026-07-28":
            error = {"code": -32600, "message": "Bad Request: Missing session ID"}  # as servers of that time answer
            answer = JSONResponse({"jsonrpc": "2.0", "id": "server-error", "error": error}, 400)
        try:
            await (answer or self.app)(scope, replay, send)
        except anyio.get_cancelled_exc_class():
            asked.hung_up = True
            raise


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


def make(*, legacy: bool = False, hint: CacheHint | None = None, json_response: bool = False) -> Running:
    """A server with tools that show who called and what can go wrong."""
    mcp = MCPServer("test", log_level="CRITICAL", cache_hints=None if hint is None else {"tools/list": hint})
    running = Running(mcp, lambda *_: None, legacy)  # type: ignore[arg-type,return-value] - set below

    @mcp.tool(annotations=ToolAnnotations(read_only_hint=True), title="Who am I")
    async def whoami(ctx: Context, wait: float = 0) -> dict[str, str | None]:
        """Who is calling."""
        await anyio.sleep(wait)
        headers = ctx.headers or {}
        return {"user": headers.get("x-user-id"), "token": headers.get("authorization")}

    @mcp.tool(annotations=ToolAnnotations(destructive_hint=True))
    def delete(what: str) -> str:
        running.notes.append(what)
        return f"deleted {what}"

    @mcp.tool()
    def fail() -> str:
        raise ValueError("there is no such thing")

    @mcp.tool()
    def picture() -> Image:
        return Image(data=b"123", format="png")

    @mcp.tool()
    def long(size: int) -> str:
        return "x" * size

    @mcp.tool()
    async def hold(ctx: Context) -> str:
        try:
            while not running.held.is_set():
                await anyio.sleep(0.01)
        except anyio.get_cancelled_exc_class():
            running.notes.append("cancelled")
            raise
        return "held"

    @mcp.tool()
    async def grow(ctx: Context) -> str:
        def grown() -> str:
            return "grown"

        mcp.add_tool(grown)
        await ctx.notify_tools_changed()
        return "ok"

    running.app = mcp.streamable_http_app(json_response=json_response)
    return running


@contextmanager
def serving(running: Running) -> Iterator[Running]:
    """Serve it, at the port that it had before if it had one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", running.port))
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
