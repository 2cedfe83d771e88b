"""A light HTTP/1.1 client: it times what comes and keeps the bytes, so that it costs less than any server it loads.

Nothing is parsed while the clock runs except the end of a response; `answers.py` reads the bytes afterwards.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

Headers = Mapping[str, str]

TOKEN = "benchmark"
"""The bearer token of every user, where nobody looks into it."""

_NONE: Headers = {}
_LAST_CHUNK = b"\r\n0\r\n\r\n"


def post(body: bytes, user: str, path: str = "/chatkit", token: str = TOKEN, more: Headers = _NONE) -> bytes:
    """A whole HTTP request as the endpoint wants it, from `user`, with `more` headers if need be."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in more.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{lines}"
        f"X-User-ID: {user}\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, user: str, token: str) -> bytes:
    """A request for what is at `path`, from `user`."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-User-ID: {user}\r\nAuthorization: Bearer {token}\r\n\r\n"
    return head.encode()


@dataclass(slots=True)
class Reply:
    """A response as it came: times are the loop's, in seconds, 0 where the thing never happened."""

    sent: float
    first_event: float = 0.0
    ended: float = 0.0
    head: bytes = b""
    raw: list[bytes] = field(default_factory=list[bytes])
    times: list[float] = field(default_factory=list[float])
    """When each piece of `raw` came."""

    @property
    def status(self) -> int:
        """The HTTP status, 0 while there is none."""
        return int(self.head[9:12] or 0)

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return b"transfer-encoding: chunked" in self.head.lower()

    @property
    def body(self) -> bytes:
        """What has come of the body so far, without the chunks' frames."""
        raw = b"".join(self.raw)
        return dechunk(raw) if self.chunked else raw

    @property
    def wait(self) -> float:
        """Seconds from the request to its first event."""
        return self.first_event - self.sent


def dechunk(raw: bytes) -> bytes:
    """The content of a chunked body, which may be incomplete."""
    parts: list[bytes] = []
    at = 0
    while (line := raw.find(b"\r\n", at)) > 0:
        size = int(raw[at:line], 16)
        if size == 0:
            break
        parts.append(raw[line + 2 : line + 2 + size])
        at = line + size + 4
    return b"".join(parts)


class Connection(asyncio.Protocol):
    """One connection that takes one request after the other. Make it with `connect`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reply = Reply(0.0)
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._first: asyncio.Future[None] = self._loop.create_future()
        self._left = 0
        self._tail = b""

    async def ask(self, request: bytes) -> Reply:
        """Send the request and return its whole reply."""
        reply = self.start(request)
        await self._done
        return reply

    async def first_event(self) -> None:
        """Wait until the first event of the running reply has come."""
        await self._first

    def start(self, request: bytes, *, since: float | None = None) -> Reply:
        """Send the request and return its reply, which grows. `since` is when the waiting began, if before now."""
        if self._transport.is_closing():
            raise ConnectionError("the server has closed the connection")
        self._reply = Reply(self._loop.time() if since is None else since)
        self._done, self._first = self._loop.create_future(), self._loop.create_future()
        self._left, self._tail = -1, b""
        self._transport.write(request)
        return self._reply

    async def end(self) -> None:
        """Wait until the running reply has come whole."""
        await self._done

    def close(self) -> None:
        """Leave, also in the middle of a reply."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        for waiter in (self._done, self._first):
            _fail(waiter, f"the server closed the connection: {exc}")

    def data_received(self, data: bytes) -> None:
        reply = self._reply
        if self._left == -1:
            reply.head += data
            head, found, data = reply.head.partition(b"\r\n\r\n")
            if not found:
                return
            reply.head = head
            self._left = 0 if reply.chunked else _content_length(head)
        if data:
            reply.raw.append(data)
            reply.times.append(self._loop.time())
        if not reply.first_event and b"data: " in data:
            reply.first_event = self._loop.time()
            self._first.set_result(None)
        if self._ended(data):
            reply.ended = self._loop.time()
            self._done.set_result(None)
            _fail(self._first, f"a reply without an event: {reply.status} {data[-500:]!r}")

    def _ended(self, data: bytes) -> bool:
        if self._reply.chunked:
            self._tail = (self._tail + data)[-len(_LAST_CHUNK) :]
            return self._tail == _LAST_CHUNK
        self._left -= len(data)
        return self._left <= 0


def _fail(waiter: "asyncio.Future[None]", why: str) -> None:
    if not waiter.done():
        waiter.set_exception(ConnectionError(why))
        waiter.exception()  # whoever waits still sees it; where nobody does, it is no news


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError("a response with neither a length nor chunks")


async def connect(port: int) -> Connection:
    """A connection to the server on this machine's `port`."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def stream(port: int, request: bytes) -> Reply:
    """Connect, send the request, read its reply to the end and close. The reply's wait includes the connecting."""
    since = asyncio.get_running_loop().time()
    connection = await connect(port)
    try:
        reply = connection.start(request, since=since)
        await connection.end()
    finally:
        connection.close()
    return reply
