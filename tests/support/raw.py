"""HTTP written by hand: what a well-behaved client never sends."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .server import Server

Headers = Sequence[tuple[str, str]]

HEADERS: Headers = (
    ("X-User-ID", "alice"),
    ("Authorization", "Bearer token-of-alice"),
    ("Content-Type", "application/json"),
)


@dataclass
class RawResponse:
    """A response as it came; header names are in lower case, in order, duplicates included."""

    status_code: int
    headers: list[tuple[str, str]]
    content: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


def request(
    server: Server,
    body: bytes | Iterable[bytes] = b"",
    headers: Headers = HEADERS,
    *,
    host: str | None = None,
    declared: int | None = None,
    timeout: float = 20,
) -> RawResponse:
    """One request on a connection of its own, the headers in the order and number given.

    A body that is no ``bytes`` is sent chunked. ``declared`` is the ``Content-Length`` where it is not the true one;
    the response is then read without sending more. Reading begins while the body is still being sent.
    """
    target = urlsplit(server.endpoint)
    chunked = not isinstance(body, bytes)
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {host or target.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {declared or len(body)}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    with _connection(server, timeout) as connection:
        connection.sendall(head)
        pieces = _chunks(body) if chunked else iter([body] if body else [])
        return _exchange(connection, pieces, timeout)


def abandon(server: Server, body: bytes, declared: int, headers: Headers = HEADERS) -> None:
    """Declare ``declared`` bytes, send ``body`` and close the connection."""
    target = urlsplit(server.endpoint)
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.netloc}", f"Content-Length: {declared}"]
    lines += [f"{name}: {value}" for name, value in headers]
    with _connection(server, 5) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


@contextmanager
def _connection(server: Server, timeout: float) -> Iterator[socket.socket]:
    target = urlsplit(server.endpoint)
    with socket.create_connection((target.hostname or "127.0.0.1", target.port or 80), timeout=timeout) as connection:
        yield connection


def _chunks(body: Iterable[bytes]) -> Iterator[bytes]:
    for piece in body:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _exchange(connection: socket.socket, pieces: Iterator[bytes], timeout: float) -> RawResponse:
    """Send while nothing has come back; a server that has answered may stop reading."""
    deadline = time.monotonic() + timeout
    received = bytearray()
    waiting = next(pieces, b"")
    connection.setblocking(False)
    while time.monotonic() < deadline:
        readable, writable, _ = select.select([connection], [connection] if waiting else [], [], 1)
        if readable:
            try:
                data = connection.recv(65536)
            except ConnectionResetError:
                data = b""
            received += data
            response = _complete(bytes(received), ended=not data)
            if response is not None:
                return response
            assert data, f"the connection ended after {bytes(received[:200])!r}"
        if writable and waiting:
            try:
                waiting = waiting[connection.send(waiting) :] or next(pieces, b"")
            except (BrokenPipeError, ConnectionResetError):
                waiting = b""
    raise AssertionError(f"no whole response within {timeout} s, only {bytes(received[:200])!r}")


def _complete(received: bytes, *, ended: bool) -> RawResponse | None:
    head, separator, rest = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    response = RawResponse(int(status_line.split()[1]), headers, rest)
    if response.all("transfer-encoding") == ["chunked"]:
        if not rest.endswith(b"0\r\n\r\n"):
            return None
        response.content = _dechunked(rest)
        return response
    length = response.all("content-length")
    whole = len(rest) >= int(length[0]) if length else ended
    return response if whole else None


def _dechunked(body: bytes) -> bytes:
    content = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        content, body = content + body[:length], body[length + 2 :]
    return content
