"""One client of a server: MCP's session over our wire, for one caller or for all.

A server of the stateless protocol needs one for all users, or one a user where its list of tools is private; a server
with sessions has one a user. ``ClientSession`` is never entered: that would start a pump for what arrives unasked, and
over this wire nothing does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from mcp_types import (
    HEADER_MISMATCH,
    UNSUPPORTED_PROTOCOL_VERSION,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    DiscoverResult,
    Implementation,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    SubscriptionFilter,
    SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsupportedProtocolVersionErrorData,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter, ValidationError

from .caller import Caller
from .failures import Garbled, Refused
from .server import MCPServer
from .toollist import Listing
from .wire import Wire

MAX_TOOLS = 1000
_PAGES = 100
_SELF = Implementation(name="fastapi-chatkit", version="1")

_ANSWER: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)


class Peer:
    """``caller`` is whose session it is, without headers where there is none; ``busy`` counts calls on their way."""

    def __init__(self, server: MCPServer, wire: Wire, caller: Caller) -> None:
        self.caller = caller
        self.wire = wire
        self.session = ClientSession(dispatcher=wire, client_info=_SELF)
        self.used_at = 0.0
        self.busy = 0
        self._server = server

    @property
    def modern(self) -> bool:
        """Whether the server speaks the protocol that knows no sessions."""
        return self.session.protocol_version in MODERN_PROTOCOL_VERSIONS

    @property
    def announces_changes(self) -> bool:
        """Whether the server says that it tells of changes of its tools."""
        capabilities = self.session.server_capabilities
        tools = None if capabilities is None else capabilities.tools
        return tools is not None and tools.list_changed is True

    async def negotiate(self) -> DiscoverResult | None:
        """Find out what the server speaks; ``None``: it wants a session, and this peer has opened one."""
        try:
            return await self.session.discover()
        except MCPError as error:
            if error.code == UNSUPPORTED_PROTOCOL_VERSION and _is_modern_only(error):
                raise Garbled from None
        except Refused as error:
            if error.status in (401, 403, 429) or error.status >= 500:
                raise
        except (RuntimeError, ValidationError):
            pass  # it speaks of older versions alone, or of something else
        await self.initialize()
        return None

    async def initialize(self) -> None:
        """Open a session."""
        try:
            await self.session.initialize()
        except (RuntimeError, ValidationError):
            raise Garbled from None

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """One call, one request; one more and a new list where a header that the tool asks for was wrong.

        :raises MCPError, WireError:
        """
        self.busy += 1
        try:
            return await self._call(tool, arguments)
        except MCPError as error:
            if error.code != HEADER_MISMATCH or not self.modern:
                raise
            await self.list_tools()
            return await self._call(tool, arguments)
        finally:
            self.busy -= 1

    async def list_tools(self) -> Listing:
        """All pages of the tools, at most :data:`MAX_TOOLS`.

        :raises MCPError, WireError:
        """
        page = await self._page(None)
        tools = {tool.name: tool for tool in page.tools}
        for _ in range(_PAGES):
            if page.next_cursor is None or len(tools) >= MAX_TOOLS:
                break
            page = await self._page(page.next_cursor)
            tools |= {tool.name: tool for tool in page.tools}
        ttl = self._server.tools_ttl
        if self.modern and page.ttl_ms:  # 0 is what a server says that was never told
            ttl = min(ttl, page.ttl_ms / 1000)
        public = self.modern and page.cache_scope == "public"
        return Listing(list(tools.values())[:MAX_TOOLS], ttl, public)

    async def listen(self) -> None:
        """Hear of changes until the server ends the stream. A server with sessions sends them by itself."""
        if not self.modern:
            await self.wire.listen()
            return
        wanted = SubscriptionsListenRequestParams(notifications=SubscriptionFilter(tools_list_changed=True))
        await self.session.send_request(SubscriptionsListenRequest(params=wanted), SubscriptionsListenResult)

    async def _call(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        # Not `session.call_tool`: to check a result against its schema it would list all tools first.
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=dict(arguments)))
        try:
            answer = await self.session.send_request(request, _ANSWER)
        except ValidationError:
            raise Garbled from None
        if isinstance(answer, InputRequiredResult):
            raise Garbled  # this client said that it has nothing to ask
        return answer

    async def _page(self, cursor: str | None) -> ListToolsResult:
        try:
            return await self.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        except ValidationError:
            raise Garbled from None


def _is_modern_only(error: MCPError) -> bool:
    try:
        supported = UnsupportedProtocolVersionErrorData.model_validate(error.data).supported
    except ValidationError:
        return False
    return not any(version in HANDSHAKE_PROTOCOL_VERSIONS for version in supported)
