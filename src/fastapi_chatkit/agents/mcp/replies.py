"""Reading what a server answers: one JSON-RPC message or a stream of them, of bounded size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any, cast

import httpx2
import orjson
from mcp.shared.exceptions import MCPError

from .failures import Garbled, Refused, WireError

MAX_BYTES = 4 * 1024 * 1024
"""Of one answer, notifications before it included."""

_NEAR = 0.02  # seconds

Json = dict[str, Any]


class AnsweredError(MCPError):
    """An error of the protocol, with the HTTP status that it came with."""

    def __init__(self, status: int, code: int, message: str, data: Any = None) -> None:
        super().__init__(code, message, data)
        self.status = status


def is_sse(response: httpx2.Response) -> bool:
    """Whether it is a stream of messages."""
    return response.status_code == 200 and _media_type(response) == "text/event-stream"


def messages(response: httpx2.Response, *, bounded: bool) -> AsyncGenerator[Json]:
    """The messages of a response, one or many; what is no message in a stream is left out.

    :raises Garbled: it holds no message, or more than :data:`MAX_BYTES` where it is ``bounded``.
    :raises Refused: the same, with a status that says why.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Garbled  # was not asked for, and could be any size
    if bounded:
        response.stream = _Bounded(cast("httpx2.AsyncByteStream", response.stream))
    if is_sse(response):
        return _events(response)
    if _media_type(response) == "application/json":
        return _one(response)
    raise Garbled if response.is_success else Refused(response.status_code)


async def discard(response: httpx2.Response) -> None:
    """Read a response that says nothing: a connection is used again only where one was read whole."""
    response.stream = _Bounded(cast("httpx2.AsyncByteStream", response.stream))
    await response.aread()


async def finish(answers: AsyncIterator[Json]) -> None:
    """Read to the end, if that is near, for the same reason."""
    with suppress(TimeoutError, WireError, httpx2.HTTPError):
        async with asyncio.timeout(_NEAR):
            async for _ in answers:
                pass


def result(answer: Json, status: int) -> Json:
    """The result that an answer holds.

    :raises AnsweredError, Refused, Garbled:
    """
    error, value = answer.get("error"), answer.get("result")
    if isinstance(error, dict):
        fields = cast("Json", error)
        code, text = fields.get("code"), fields.get("message")
        if isinstance(code, int) and not isinstance(code, bool):
            if status in (401, 403, 429) or status >= 500:
                raise Refused(status)
            raise AnsweredError(status, code, text if isinstance(text, str) else "", fields.get("data"))
    if not isinstance(value, dict):
        raise Garbled if status < 400 else Refused(status)
    return cast("Json", value)


async def _one(response: httpx2.Response) -> AsyncGenerator[Json]:
    message = _parsed(await response.aread())
    if message is None:
        raise Garbled if response.is_success else Refused(response.status_code)
    yield message


async def _events(response: httpx2.Response) -> AsyncGenerator[Json]:
    try:
        async for event in httpx2.EventSource(response, max_event_size=MAX_BYTES):
            message = _parsed(event.data) if event.data and event.event == "message" else None
            if message is not None:
                yield message
    except httpx2.SSEError:
        raise Garbled from None


def _parsed(text: str | bytes) -> Json | None:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return cast("Json", message) if isinstance(message, dict) else None


def _media_type(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body
        self._left = MAX_BYTES

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            self._left -= len(chunk)
            if self._left < 0:
                raise Garbled
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()
