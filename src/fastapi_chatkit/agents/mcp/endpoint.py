"""One server over HTTP, or in this process: connections for all users, and what may be sent twice.

Every request is built here, from the server's fixed headers and those of the current caller alone: no cookie jar, no
header of the client's own, and a redirect is followed only within the same origin. httpx2 logs URLs, at INFO: a URL
with a user name and password is refused (server.py), and session ids and tokens are in headers.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import chain

import httpx2

from ...hosts import is_loopback
from .caller import Header, current_caller
from .failures import Refused, Unreachable
from .inprocess import InProcess
from .server import MCPServer

PAUSES = (0.05, 0.25)
"""Seconds before the second and the third attempt to connect."""

# Below the 5 s after which uvicorn and Node close an idle connection: one that is used again is one that is open.
_IDLE = 4.0

_COMMON: tuple[Header, ...] = (
    (b"accept", b"application/json, text/event-stream"),
    (b"accept-encoding", b"identity"),  # so that the bound on an answer's size is one on memory
    (b"content-type", b"application/json"),
    (b"user-agent", b"fastapi-chatkit"),
)
_REDIRECTS = 3


class Endpoint:
    """The way to one server. ``tls`` says whose certificates are trusted."""

    def __init__(self, server: MCPServer, tls: ssl.SSLContext) -> None:
        self._url = httpx2.URL(server.url)
        fixed = {name.lower(): value.get_secret_value() for name, value in server.headers.items()}
        self._fixed = [(name.encode(), value.encode()) for name, value in fixed.items()]
        self._timeout = httpx2.Timeout(None, connect=server.connect_timeout).as_dict()
        self._http = httpx2.AsyncClient(
            transport=None if server.app is None else InProcess(server.app),
            verify=tls,
            timeout=None,
            # A proxy of the environment cannot reach this machine's loopback, and must not see the token on the way.
            trust_env=server.app is None and not is_loopback(self._url.host),
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=_IDLE),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # one user's must not go with another's call
        )

    @asynccontextmanager
    async def exchange(
        self, method: str, content: bytes, headers: Sequence[Header], *, repeatable: bool
    ) -> AsyncGenerator[httpx2.Response]:
        """The response to one request, its body not yet read.

        ``repeatable``: it may be sent again where the server may have had it already.

        :raises Unreachable, Refused:
        """
        response = await self._send(method, content, headers, repeatable)
        try:
            yield response
        except httpx2.HTTPError:
            raise Unreachable(begun=True) from None
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _send(self, method: str, content: bytes, headers: Sequence[Header], repeatable: bool) -> httpx2.Response:
        for _ in range(_REDIRECTS):
            response = await self._attempt(method, content, headers, repeatable)
            moved = _moved(response)
            if moved is None:
                return response
            await response.aclose()
            self._url = moved
        raise Refused(508)

    async def _attempt(
        self, method: str, content: bytes, headers: Sequence[Header], repeatable: bool
    ) -> httpx2.Response:
        for pause in chain(PAUSES, (None,)):
            if self._http.is_closed:
                raise Unreachable(begun=False)
            body = _Body(content)
            request = self._request(method, body, headers)
            try:
                return await self._http.send(request, stream=True, follow_redirects=False)
            except httpx2.HTTPError as error:
                again = repeatable or not body.begun
                if pause is None or not again or isinstance(error, httpx2.TimeoutException):
                    raise Unreachable(begun=body.begun) from None
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _request(self, method: str, body: _Body, headers: Sequence[Header]) -> httpx2.Request:
        own = current_caller.get().headers
        taken = {name for name, _ in own}
        fixed = [header for header in self._fixed if header[0] not in taken]
        length = [(b"content-length", b"%d" % len(body.content))] if body.content else []
        host = (b"host", self._url.netloc)
        everything = [host, *_COMMON, *fixed, *own, *headers, *length]
        extensions = {"timeout": self._timeout}
        return httpx2.Request(method, self._url, headers=everything, stream=body, extensions=extensions)


class _Body(httpx2.AsyncByteStream):
    """Knows whether any of it was asked for: until then the server cannot have acted on it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        yield self.content


def _moved(response: httpx2.Response) -> httpx2.URL | None:
    """Where to send the request instead; only within the origin that the headers are for.

    :raises Refused: elsewhere.
    """
    if response.status_code not in (307, 308):
        return None
    old = response.request.url
    try:
        new = old.join(response.headers.get("location", ""))
    except httpx2.InvalidURL:
        raise Refused(response.status_code) from None
    if new == old or new.userinfo or (new.scheme, new.host, new.port) != (old.scheme, old.host, old.port):
        raise Refused(response.status_code)
    return new
