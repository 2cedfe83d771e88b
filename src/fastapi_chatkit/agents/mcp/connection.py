"""One server for all users: what is listed and called there, and what is made of its errors."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, TextContent, Tool

from ...identity import RequestContext
from ..tool_result import ToolFailure
from .breaker import Breaker
from .caller import Caller, caller_of, current_caller
from .endpoint import Endpoint
from .failures import Refused, WireError, failure_of, limited, unknown_tool, unreachable
from .listening import Listener
from .lists import Lists
from .peer import Peer
from .peers import Peers
from .server import MCPServer
from .tasks import Tasks
from .toollist import Listing

logger = logging.getLogger(__name__)

T = TypeVar("T")

_UNKNOWN = "unknown tool"  # how MCP's own server begins an answer that it should have given as an error


class Connection:
    """Its methods are for any task, and may be cancelled at any moment without harm to others."""

    def __init__(self, server: MCPServer, clock: Callable[[], float], tls: ssl.SSLContext) -> None:
        self.server = server
        self._tasks = Tasks()
        self._endpoint = Endpoint(server, tls)
        self._breaker = Breaker(server, clock)
        self._peers = Peers(server, self._endpoint, self._tasks, clock, self._changed)
        self._listener = Listener(self._tasks, self._changed)
        self._lists = Lists(self._fetch, self._tasks, clock)

    def allows(self, tool: str) -> bool:
        """Whether the application may use a tool of this name."""
        return self.server.allow is None or tool in self.server.allow

    async def tools(self, context: RequestContext) -> Sequence[Tool]:
        """The tools that this caller may see; none where the server does not answer, or not this caller."""
        try:
            with self._as(context) as caller:
                tools = await self._lists.get(caller, failing=self._breaker.in_doubt)
        except ToolFailure:
            return ()
        return [tool for tool in tools or () if self.allows(tool.name)]

    async def call(self, tool: str, arguments: Mapping[str, Any], context: RequestContext) -> CallToolResult:
        """What the tool answers.

        :raises ToolFailure:
        """
        try:
            with self._as(context) as caller:
                return await self._called(tool, arguments, caller)
        except (MCPError, WireError) as error:
            failure = failure_of(error, self.server)
            extra = {"server": self.server.name, "tool": tool, "reason": failure.reason, "error": type(error).__name__}
            logger.info("a tool call has no answer", extra=extra)
            raise failure from None

    def failure(self, context: RequestContext) -> ToolFailure | None:
        """Why this caller's tools are not to be had at the moment, by what is known without asking."""
        if self._breaker.failing:
            return unreachable(self.server)
        try:
            known = self._lists.known(caller_of(self.server, context))
        except ToolFailure as failure:
            return failure
        failure = None if known is None else known.failure
        return None if failure is None else failure_of(failure, self.server)

    async def close(self) -> None:
        """End everything; calls that are on their way fail."""
        await self._tasks.close()
        await self._peers.close()
        await self._endpoint.close()

    @contextmanager
    def _as(self, context: RequestContext) -> Generator[Caller]:
        caller = caller_of(self.server, context)
        token = current_caller.set(caller)
        try:
            yield caller
        finally:
            current_caller.reset(token)

    async def _called(self, tool: str, arguments: Mapping[str, Any], caller: Caller) -> CallToolResult:
        try:
            with self._breaker.watching(call=True):
                async with limited(self.server.timeout):
                    _, answer = await self._ask(caller, lambda peer: peer.call(tool, arguments))
        except MCPError as error:
            if error.code != INVALID_PARAMS:
                raise
            answer = CallToolResult(content=[TextContent(text=error.message)], is_error=True)
        else:
            if not _says_unknown(answer):
                return answer
        if await self._is_gone(tool, caller):
            raise unknown_tool()
        return answer

    async def _ask(self, caller: Caller, act: Callable[[Peer], Awaitable[T]]) -> tuple[Peer, T]:
        """What the caller's client answers; once more with another client, where it is certain that nothing was done
        and the server wants another one.
        """
        peer = await self._peers.get(caller)
        try:
            return peer, await act(peer)
        except (MCPError, Refused) as error:
            other = await self._peers.instead(peer, caller, error)
            if other is None:
                raise
        return other, await act(other)

    async def _is_gone(self, tool: str, caller: Caller) -> bool:
        """Whether the server, asked again, does not have this tool."""
        self._lists.of(caller).expire()
        tools = await self._lists.get(caller)
        return self._lists.of(caller).failure is None and all(other.name != tool for other in tools or ())

    async def _fetch(self, caller: Caller) -> Listing:
        with self._breaker.watching():
            async with limited(self.server.timeout):
                peer, listing = await self._ask(caller, Peer.list_tools)
        self._peers.share(peer, public=listing.public)
        if self.server.listen:
            self._listener.start(peer)
        return listing

    def _changed(self) -> None:
        self._lists.expire()


def _says_unknown(answer: CallToolResult) -> bool:
    first = answer.content[0] if answer.is_error and answer.content else None
    return isinstance(first, TextContent) and first.text.lower().startswith(_UNKNOWN)
