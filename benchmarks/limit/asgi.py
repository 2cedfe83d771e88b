"""The few lines of ASGI that the limit's applications share."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Any, Receive, Send], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_STREAM_START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")],
}


def application(handler: Handler) -> App:
    """An ASGI application that gives each request's JSON to `handler`, and 401 to a request without a user."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _lifespan(receive, send)
        elif not any(name == b"x-user-id" for name, _ in scope["headers"]):
            await answer(send, b"{}", status=401)
        else:
            await handler(json.loads(await _body(receive)), receive, send)

    return app


async def start_stream(send: Send) -> None:
    """Send the head of an event stream."""
    await send(_STREAM_START)


async def write(send: Send, body: bytes) -> None:
    """Send a piece of the body."""
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def finish(send: Send) -> None:
    """End the body."""
    await send({"type": "http.response.body", "body": b""})


async def answer(send: Send, body: bytes, status: int = 200) -> None:
    """Send a whole JSON response."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            return body


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
