"""An HTTP transport to an ASGI application of this process.

httpx2 has one that runs the application to its end before it answers: no stream is ever heard, and an answer of any
size is in memory before it can be bounded. Here the application is held up until what it has sent is read, as by a
socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING

import anyio
import httpx2

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

logger = logging.getLogger(__name__)

_ENDING = 2.0  # seconds


class InProcess(httpx2.AsyncBaseTransport):
    """For any task of the event loop in which the application runs. Its lifespan is not begun from here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response, its body not yet read. Without one from the application it is a 500, as servers answer.

        :raises httpx2.ReadError: :meth:`aclose` ended it.
        """
        exchange = _Exchange(await request.aread())
        # As behind a socket, nothing of the caller is there but what the request says.
        running = asyncio.create_task(exchange.run(self._app, _scope(request)), context=Context())
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        exchange.task = running
        try:
            status, headers = await exchange.head()
        except BaseException:
            await exchange.aclose()
            raise
        return httpx2.Response(status, headers=headers, stream=exchange)

    async def aclose(self) -> None:
        """End what is on its way."""
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=_ENDING)


class _Exchange(httpx2.AsyncByteStream):
    """One request and its response, which is the stream. Closing it before its end is hanging up: the application is
    told so and cancelled.
    """

    task: asyncio.Task[None]

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._sending, self._receiving = anyio.create_memory_object_stream["Message"](0)
        self._over = asyncio.Event()  # the client has gone, or has all
        self._complete = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Run the application."""
        with self._sending:
            try:
                await app(scope, self._receive, self._send)
            except Exception:
                logger.exception("an MCP server in this process has failed")

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """The status and the headers."""
        try:
            message = await self._receiving.receive()
        except anyio.EndOfStream:
            if self.task.cancelling():
                raise httpx2.ReadError("closed") from None
            self._complete = True
            return 500, []
        return message["status"], list(message.get("headers", ()))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for message in self._receiving:
            yield message.get("body", b"")
        if not self._complete:
            raise httpx2.ReadError("the application has not sent all")

    async def aclose(self) -> None:
        self._receiving.close()
        self._over.set()
        if not self._complete:
            self.task.cancel()

    async def _receive(self) -> Message:
        if self._body is None:
            await self._over.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: Message) -> None:
        if self._over.is_set():
            await asyncio.sleep(0)  # where one that sends without end is cancelled
            return
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        self._complete = self._complete or last  # before the client reads it, and hangs up
        with suppress(anyio.BrokenResourceError):
            await self._sending.send(message)
        if last:
            self._over.set()
            self._sending.close()


def _scope(request: httpx2.Request) -> Scope:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": None,
        "server": (url.host, url.port or (443 if url.scheme == "https" else 80)),
        "state": {},
        "extensions": {},
    }
