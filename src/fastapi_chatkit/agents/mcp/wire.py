"""JSON-RPC over Streamable HTTP, in the caller's own task: what MCP's ``ClientSession`` speaks through.

MCP's own HTTP transport runs every request in one task group, so that a connection that breaks ends all calls of all
users; it hides the status of a refusal and reads answers of any size. Here a request is one POST that is awaited where
it is made: cancelling the caller aborts it, an error is raised to whoever asked, and there is nothing to own.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from typing import Any

from mcp.shared.dispatcher import CallOptions

from ...events import dumps
from .caller import Header
from .endpoint import Endpoint
from .failures import Refused, Unreachable, WireError
from .odd_tools import without_odd_tools
from .replies import Json, discard, finish, is_sse, messages, result

_METHOD_NOT_FOUND = -32601
_SESSION = "mcp-session-id"
_VERSION = "mcp-protocol-version"


class Wire:
    """MCP's ``Dispatcher`` for one client of a server. It has no pump: ``run`` is for clients that are entered.

    ``on_change`` is called when the server says that its tools have changed, ``spawn`` with what is to be sent beside
    the caller, who is being answered or is leaving.
    """

    def __init__(
        self, endpoint: Endpoint, on_change: Callable[[], None], spawn: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        self.session_id: str | None = None
        self._endpoint = endpoint
        self._on_change = on_change
        self._spawn = spawn
        self._ids = itertools.count(1)
        self._version = ""

    async def run(self, *_: Any, **__: Any) -> None:
        """Never called: nothing arrives but in answer to a request."""
        raise NotImplementedError

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> Json:
        """The result of one request; ``opts`` other than headers are the caller's to keep.

        :raises MCPError: the server's own error, of JSON-RPC.
        :raises WireError:
        """
        number = next(self._ids)
        message: Json = {"jsonrpc": "2.0", "id": number, "method": method}
        if params is not None:
            message["params"] = params
        try:
            return await self._ask(message, self._headers(opts), repeatable=method != "tools/call")
        except asyncio.CancelledError:
            if self.session_id is not None and method == "tools/call":
                # hanging up does not say it to a server with sessions
                self._spawn(_courtesy(self.notify("notifications/cancelled", {"requestId": number})))
            raise

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        """Send a message that has no answer."""
        message = {"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})}
        await self._post_only(message, self._headers(opts))

    async def listen(self) -> None:
        """Read what a server with sessions sends of its own accord, until it ends that."""
        headers = self._headers(None)
        async with self._endpoint.exchange("GET", b"", headers, repeatable=True) as response:
            if not is_sse(response):
                raise Refused(response.status_code)
            async for message in messages(response, bounded=False):
                self._heard(message)

    async def end(self) -> None:
        """Tell the server that this session is over."""
        async with self._endpoint.exchange("DELETE", b"", self._headers(None), repeatable=False):
            self.session_id = None

    async def _ask(self, message: Json, headers: list[Header], *, repeatable: bool) -> Json:
        body = dumps(message)
        async with self._endpoint.exchange("POST", body, headers, repeatable=repeatable) as response:
            if message["method"] == "initialize":
                self.session_id = response.headers.get(_SESSION)
            bounded = message["method"] != "subscriptions/listen"
            async with aclosing(messages(response, bounded=bounded)) as answers:
                answer = await self._answer(answers, message["id"], response.is_error)
                await finish(answers)
            found = result(answer, response.status_code)
            return without_odd_tools(found) if message["method"] == "tools/list" else found

    async def _answer(self, answers: AsyncIterator[Json], number: int, is_error: bool) -> Json:
        """The answer to the request of this number. An error may not name it: the server need not have read so far."""
        async for answer in answers:
            if "method" in answer:
                self._heard(answer)
            elif is_error or answer.get("id") == number:
                return answer
        raise Unreachable(begun=True)

    def _headers(self, opts: CallOptions | None) -> list[Header]:
        given = (opts or {}).get("headers") or {}
        self._version = given.get(_VERSION, self._version)
        headers = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        if self.session_id is not None:
            headers.append((_SESSION.encode(), self.session_id.encode()))
            if self._version and _VERSION not in given:
                headers.append((_VERSION.encode(), self._version.encode()))
        return headers

    def _heard(self, message: Json) -> None:
        """A notification; or a request, which is declined: this client offers nothing that a server could ask for."""
        if message.get("method") == "notifications/tools/list_changed":
            self._on_change()
        if "id" in message:
            reply: Json = {"jsonrpc": "2.0", "id": message["id"]}
            if message["method"] == "ping":
                reply["result"] = {}
            else:
                reply["error"] = {"code": _METHOD_NOT_FOUND, "message": "Method not found"}
            self._spawn(_courtesy(self._post_only(reply, self._headers(None))))

    async def _post_only(self, message: Json, headers: list[Header]) -> None:
        async with self._endpoint.exchange("POST", dumps(message), headers, repeatable=True) as response:
            await discard(response)
            if response.is_error:
                raise Refused(response.status_code)


async def _courtesy(sending: Awaitable[None]) -> None:
    """What the server would find out by itself."""
    with suppress(TimeoutError, WireError):
        async with asyncio.timeout(5):
            await sending
