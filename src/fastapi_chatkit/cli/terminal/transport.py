"""ChatKit's native dialect over HTTP, from the client's side.

One POST an operation: ``call`` for those that answer with JSON, ``stream`` for those that answer with server-sent
events. The parser of SSE is httpx2's own (frames split at any byte, CRLF, comments), its limit on an event's size
raised to what a long answer needs in one ``thread.item.done``.
"""

import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpx2

from .failures import Broken, Refused, Unreachable
from .fields import Fields, Json

_MAX_EVENT_BYTES = 64 * 1024 * 1024
# A server sends a heartbeat every 15 s; a bare SDK server sends none while its model thinks, and gets five minutes.
_STREAMING = httpx2.Timeout(connect=5, read=300, write=30, pool=5)
_CALLING = httpx2.Timeout(connect=5, read=60, write=30, pool=5)


class Connection:
    """A user's connection to one ChatKit endpoint. Use it as an asynchronous context manager.

    ``url`` is the endpoint itself (``http://host/chatkit``), ``token`` the bearer token, ``locale`` a language tag.
    ``transport`` replaces the network in tests. Every method raises a :class:`~.failures.ClientFailure`.
    """

    def __init__(
        self, url: str, *, user: str, token: str, locale: str, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self.url = url
        headers: dict[bytes, bytes] = {
            b"X-User-ID": user.encode(),
            b"Authorization": f"Bearer {token}".encode(),
            b"Content-Type": b"application/json",
            b"Accept-Language": locale.encode(),
        }
        # A proxy of the environment cannot reach this machine's loopback, and AUTH=local refuses what came through one.
        self._http = httpx2.AsyncClient(
            headers=list(headers.items()), transport=transport, trust_env=not _is_loopback(url), timeout=_CALLING
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(self, operation: str, params: Mapping[str, Json]) -> Fields:
        """The reply of an operation that does not stream."""
        with _failures(self.url):
            response = await self._http.post(self.url, content=_envelope(operation, params))
        if response.status_code != 200:
            raise self._refusal(response)
        reply = Fields.parse(response.content)
        if reply is None:
            raise Broken(f"{self.url} did not answer as a ChatKit server does.", "See --url.")
        return reply

    async def stream(self, operation: str, params: Mapping[str, Json]) -> AsyncGenerator[Fields]:
        """The events of a streaming operation, until the server ends the stream.

        Close the iterator (``contextlib.aclosing``) to hang up early: to the server that is "stop".
        """
        body = _envelope(operation, params)
        with _failures(self.url):
            async with self._http.sse(
                self.url, method="POST", content=body, timeout=_STREAMING, max_event_size=_MAX_EVENT_BYTES
            ) as source:
                if source.response.status_code != 200:
                    await source.response.aread()
                    raise self._refusal(source.response)
                async for message in source:
                    event = Fields.parse(message.data)
                    if event is not None:
                        yield event

    def _refusal(self, response: httpx2.Response) -> Refused:
        body = Fields.parse(response.content) or Fields()
        return Refused(response.status_code, body, url=self.url, retry_after=response.headers.get("Retry-After", ""))


def _envelope(operation: str, params: Mapping[str, Json]) -> bytes:
    return json.dumps({"type": operation, "params": dict(params)}).encode()


def _is_loopback(url: str) -> bool:
    host = httpx2.URL(url).host
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _failures(url: str) -> Generator[None]:
    """httpx2's errors in this client's words."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise Unreachable(url) from error
    except httpx2.TimeoutException as error:
        raise Broken("The server went silent: nothing came for minutes.") from error
    except httpx2.SSEError as error:
        raise Broken(f"{url} did not answer as a ChatKit server does: {error}", "See --url.") from error
    except httpx2.TransportError as error:
        raise Broken("The connection to the server was lost.", "What was answered so far is in the thread.") from error
    except httpx2.DecodingError as error:
        raise Broken(f"{url} sent a reply that cannot be read: {error}") from error
