"""ChatKit's native dialect over HTTP, from the client's side.

One POST an operation: ``call`` for those that answer with JSON, ``open`` for those that answer with server-sent events.
The parser of SSE is httpx2's own (frames split at any byte, CRLF, comments), its limit on an event's size raised to
what a long answer needs in one ``thread.item.done``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, cast
from uuid import uuid4

import httpx2

from ..hosts import is_loopback
from .errors import BadReply, Broken, Busy, NotFound, Refused, Unreachable, refusal
from .patience import Patience, Retries

_MAX_EVENT_BYTES = 64 * 1024 * 1024
_CALLING = httpx2.Timeout(connect=5, read=60, write=30, pool=None)
# A bare SDK server sends nothing while its model thinks, and gets five minutes.
_STREAMING = httpx2.Timeout(connect=5, read=300, write=30, pool=None)

_REPEATABLE = frozenset({"threads.list", "threads.get_by_id", "items.list", "runs.get", "runs.cancel"})
"""Operations that may be repeated where it is not known whether the server has had them."""


class Frame(NamedTuple):
    """One event as JSON. ``id`` is the last that was seen, "" before the first."""

    id: str
    data: dict[str, Any]


class Stream:
    """The response to a streaming operation. ``run_id`` and ``thread_id`` are "" where the server keeps no runs.

    ``frames`` are its events, until the server ends the response; what is no JSON object is left out. Reading them
    raises Broken and BadReply.
    """

    def __init__(self, response: httpx2.Response, url: str, silence: float) -> None:
        self.run_id = response.headers.get("X-ChatKit-Run-ID", "")
        self.thread_id = response.headers.get("X-ChatKit-Thread-ID", "")
        self._response = response
        self._url = url
        if self.run_id:
            response.stream = _Watched(cast("httpx2.AsyncByteStream", response.stream), silence)
        self.frames = self._read()

    async def _read(self) -> AsyncGenerator[Frame]:
        source = httpx2.EventSource(self._response, max_event_size=_MAX_EVENT_BYTES)
        with _failures(self._url):
            async for message in source:
                event = _object(message.data)
                if event is not None:
                    yield Frame(message.id, event)

    async def hang_up(self) -> None:
        """End the connection; whoever reads sees it break."""
        with suppress(httpx2.TransportError):  # it has broken already
            await self._response.aclose()

    async def close(self) -> None:
        """Hang up when nobody reads any more."""
        await self.frames.aclose()
        await self.hang_up()


class _Watched(httpx2.AsyncByteStream):
    """A body on which no byte may be longer in coming than ``seconds``."""

    def __init__(self, body: httpx2.AsyncByteStream, seconds: float) -> None:
        self._body = body
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._body)
        while True:
            try:
                async with asyncio.timeout(self._seconds):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise httpx2.ReadTimeout("no heartbeat") from error
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


class Connection:
    """A user's way to one endpoint. Its methods raise :class:`~.errors.ClientError`.

    ``keeps_runs``: whether the server is known to, None until it has shown it.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str,
        token: str,
        locale: str | None,
        metadata: Mapping[str, Any],
        patience: Patience,
        transport: httpx2.AsyncBaseTransport | None,
    ) -> None:
        _check(url, user=user, token=token, locale=locale)
        self.url = url
        self.patience = patience
        self.keeps_runs: bool | None = None
        self._metadata = dict(metadata)
        headers: dict[bytes, bytes] = {
            b"X-User-ID": user.encode(),
            b"Authorization": f"Bearer {token}".encode(),
            b"Content-Type": b"application/json",
            b"X-ChatKit-Resume": b"1",
        }
        if locale:
            headers[b"Accept-Language"] = locale.encode()
        self._http = httpx2.AsyncClient(
            headers=list(headers.items()),
            transport=transport,
            # A proxy of the environment cannot reach this machine's loopback, and AUTH=local refuses what came by one.
            trust_env=not is_loopback(httpx2.URL(url).host),
            # Every answer under way holds one; a stop must not wait for another answer's end.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
        )

    async def close(self) -> None:
        """Close what is open."""
        await self._http.aclose()

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object that an operation answers with.

        A server that asks to be tried again later is. Where it may have done it all the same (its connection broke, or
        its database went away), only what changes nothing is.
        """
        retries, key = Retries(self.patience), str(uuid4())
        while True:
            try:
                return await self._call(operation, params, key)
            except Busy as error:
                in_doubt = error.code == "overloaded" and operation not in _REPEATABLE
                if error.retry_after is None or in_doubt:
                    raise
                delay = retries.delay(error)
            except Broken as error:
                if operation not in _REPEATABLE:
                    raise
                delay = retries.delay(error)
            await asyncio.sleep(delay)

    async def _call(self, operation: str, params: Mapping[str, Any], key: str) -> dict[str, Any]:
        request = self._request(operation, params, None, key, _CALLING, {"Accept": "application/json"})
        with _failures(self.url):
            response = await self._http.send(request)
        if response.status_code != 200:
            raise refusal(response.status_code, response.content, response.headers)
        reply = _object(response.content)
        if reply is None:
            raise BadReply(f"{self.url} did not answer as a ChatKit server does.")
        return reply

    async def open(
        self, operation: str, params: Mapping[str, Any], metadata: Mapping[str, Any] | None, key: str
    ) -> Stream:
        """Begin a streaming operation. Broken means that the server may have had it."""
        # A proxy that compresses also waits for enough to compress.
        accept = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        timeout = _STREAMING
        if operation == "runs.attach":
            timeout = httpx2.Timeout(connect=5, read=self.patience.silence, write=30, pool=None)
        request = self._request(operation, params, metadata, key, timeout, accept)
        with _failures(self.url):
            response = await self._http.send(request, stream=True)
            try:
                await self._checked(response)
            except BaseException:
                await response.aclose()
                raise
        stream = Stream(response, self.url, self.patience.silence)
        self.keeps_runs = bool(stream.run_id)
        return stream

    async def _checked(self, response: httpx2.Response) -> None:
        if response.status_code != 200:
            raise refusal(response.status_code, await response.aread(), response.headers)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            raise BadReply(f"{self.url} did not answer as a ChatKit server does: no event stream, but {kind!r}.")

    async def would_attach(self) -> bool:
        """Whether the server keeps runs, so that a repeated request attaches to the run of the first one.

        One that has not shown it yet is asked for a run that is not there.
        """
        if self.keeps_runs is None:
            try:
                reply = await self._call("runs.get", {"thread_id": "thr_0"}, str(uuid4()))
                self.keeps_runs = "run" in reply
            except NotFound as error:
                self.keeps_runs = error.code in ("thread_not_found", "run_not_found")
            except BadReply:
                self.keeps_runs = False
            except Refused as error:
                if error.status in (429, 502, 503, 504):  # that is no answer yet
                    raise
                self.keeps_runs = False
        return self.keeps_runs is True

    def _request(
        self,
        operation: str,
        params: Mapping[str, Any],
        metadata: Mapping[str, Any] | None,
        key: str,
        timeout: httpx2.Timeout,
        headers: dict[str, str],
    ) -> httpx2.Request:
        body: dict[str, Any] = {"type": operation, "params": dict(params)}
        context = {**self._metadata, **(metadata or {})}
        if context:
            body["metadata"] = context
        return self._http.build_request(
            "POST",
            self.url,
            content=json.dumps(body).encode(),
            headers={"Idempotency-Key": key, **headers},
            timeout=timeout,
        )


def _object(document: str | bytes) -> dict[str, Any] | None:
    """The JSON object in ``document``, None when it holds none."""
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _check(url: str, **texts: str | None) -> None:
    """Raises ValueError for what no request can carry, before one is made."""
    try:
        usable = httpx2.URL(url).scheme in ("http", "https") and bool(httpx2.URL(url).host)
    except httpx2.InvalidURL:
        usable = False
    if not usable:
        raise ValueError(f"{url!r} is no http:// or https:// URL")
    for name, text in texts.items():
        if text is not None and not (text.strip() and text.isprintable()):
            raise ValueError(f"`{name}` must be printable and not empty")


@contextmanager
def _failures(url: str) -> Generator[None]:
    """httpx2's errors in this package's words."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise Unreachable(f"No server at {url}.") from error
    except httpx2.TimeoutException as error:
        raise Broken("The server went silent.") from error
    except httpx2.SSEError as error:
        raise BadReply(f"{url} did not answer as a ChatKit server does: {error}") from error
    except (httpx2.TransportError, httpx2.DecodingError, httpx2.StreamError) as error:
        raise Broken("The connection to the server was lost.") from error
