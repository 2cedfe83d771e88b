"""The tools of all servers, under one name each."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...identity import RequestContext
from ..tool_result import ToolFailure, ToolResult
from .failures import unknown_tool
from .names import Names, is_valid
from .server import MCPServer, MCPTool

if TYPE_CHECKING:
    from mcp_types import Tool

    from .connection import Connection


class MCPTools:
    """One for the application, for every user and any number of servers.

    Nothing is started or imported before the first use, nor after :meth:`close` before the next one. Between the two
    all methods are for one event loop, any task, and may be cancelled at any moment: that ends the caller's own request
    and nothing else. ``clock`` answers seconds.

    :raises ValueError: two servers have one name.
    """

    def __init__(self, servers: Sequence[MCPServer], *, clock: Callable[[], float] = time.monotonic) -> None:
        if len({server.name for server in servers}) != len(servers):
            raise ValueError("each MCP server needs a name of its own")
        self._servers = tuple(servers)
        self._clock = clock
        self._names = Names()
        self._connecting: asyncio.Task[dict[str, Connection]] | None = None
        self._connections: dict[str, Connection] | None = None
        self._closing = 0

    async def list(self, context: RequestContext) -> list[MCPTool]:
        """The tools that this user may call, of all servers that answer; :meth:`unavailable` names the others.

        Costs no request while what is known is believed (``tools_ttl``, and a server's own ``ttlMs``, but 5 seconds at
        least). An older list is answered while a new one is fetched.
        """
        if self._closing or not self._servers:
            return []
        connections = (await self._connected()).values()
        lists = await asyncio.gather(*(connection.tools(context) for connection in connections))
        found: list[MCPTool] = []
        for connection, tools in zip(connections, lists, strict=True):
            found.extend(self._named(connection.server, tools))
        return found

    def unavailable(self, context: RequestContext) -> dict[str, ToolFailure]:
        """The servers whose tools this user cannot have at the moment, each with the reason.

        By what the last :meth:`list` and calls have met: asks nobody. The keys are the servers' names, the failures'
        messages sentences for the user and the model.
        """
        connections = (self._connections or {}).items()
        failures = {name: connection.failure(context) for name, connection in connections}
        return {name: failure for name, failure in failures.items() if failure is not None}

    async def call(self, name: str, arguments: Mapping[str, Any], context: RequestContext) -> ToolResult:
        """Call a tool by the name that :meth:`list` gave it, on behalf of ``context``'s user: one request.

        A tool's own word that it failed is a result, with ``failed``.

        :raises ToolFailure: there is no answer.
        """
        self._refuse_while_closing()
        connections = await self._connected()
        meant = self._names.tool(name)
        if meant is None:
            await self.list(context)
            meant = self._names.tool(name)
        if meant is None:
            self._refuse_while_closing()
            raise next(iter(self.unavailable(context).values()), None) or unknown_tool()
        connection = connections[meant[0]]
        if not connection.allows(meant[1]):
            raise unknown_tool()
        answer = await connection.call(meant[1], arguments, context)
        from .results import result_of

        return result_of(answer, name, dict(arguments))

    def load(self) -> None:
        """Import now what the first use needs, which takes a second: a slow start for a quick first answer."""
        if self._servers:
            _import()

    async def close(self) -> None:
        """End all connections and sessions; from any task, any number of times.

        Calls that are on their way fail. The next use afterwards connects anew, in another event loop if need be.
        """
        self._closing += 1
        try:
            if self._connecting is not None:
                await asyncio.wait([self._connecting])
            connections, self._connections = self._connections or {}, None
            await asyncio.gather(*(connection.close() for connection in connections.values()))
        finally:
            self._closing -= 1

    def _refuse_while_closing(self) -> None:
        if self._closing:
            raise ToolFailure("unavailable", "The tools are being shut down.")

    async def _connected(self) -> dict[str, Connection]:
        if self._connections is not None:
            return self._connections
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
            self._connecting.add_done_callback(_read)
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> dict[str, Connection]:
        try:
            connection, tls = await asyncio.to_thread(_import)  # takes a second, in which the loop serves others
            self._connections = {server.name: connection(server, self._clock, tls) for server in self._servers}
        finally:
            self._connecting = None  # what has failed is tried again
        return self._connections

    def _named(self, server: MCPServer, tools: Sequence[Tool]) -> list[MCPTool]:
        """In the server's order. Names that need no change are given first, so that they are not taken by others."""
        for tool in sorted(tools, key=lambda tool: not is_valid(tool.name)):
            self._names.name(server.name, tool.name)
        return [_described(self._names.name(server.name, tool.name), tool, server) for tool in tools]


def _read(task: asyncio.Task[Any]) -> None:
    """Its exception, for where those who waited have gone: asyncio would report it as lost."""
    if not task.cancelled():
        task.exception()


def _import() -> tuple[type[Connection], ssl.SSLContext]:
    """What connections are made of; one context for all servers, because it reads the certificates for 20 ms."""
    import httpx2

    from .connection import Connection

    return Connection, httpx2.create_ssl_context()


def _described(name: str, tool: Tool, server: MCPServer) -> MCPTool:
    hints = tool.annotations
    title = tool.title or (hints.title if hints is not None else None) or tool.name
    read_only = hints is not None and hints.read_only_hint is True
    destructive = hints is not None and hints.destructive_hint is True and not read_only
    description = tool.description or ""
    return MCPTool(name, title, description, tool.input_schema, read_only, destructive, server, tool.name)
