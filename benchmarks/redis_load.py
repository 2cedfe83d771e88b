"""A load that costs less than the Redis that it loads: commands as bytes made by hand, replies counted, not parsed.

Entries are written as the event log writes them: an id `<attempt>-<seq>` that rises, one pipeline for many streams,
`MAXLEN ~` on each. Sockets block, for one thread that keeps several of them busy wastes nothing on an event loop.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

_RECEIVE = 1 << 18

Command: TypeAlias = Sequence[bytes]


def encoded(command: Command) -> bytes:
    """A command as Redis reads it."""
    return b"*%d\r\n%b" % (len(command), _parts(*command))


def _parts(*parts: bytes) -> bytes:
    return b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


class Socket:
    """One connection. Replies come in the order of the commands."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, commands: bytes) -> None:
        """Send commands; does not wait for their replies."""
        self._socket.sendall(commands)

    def lines(self, least: int) -> bytes:
        """Read until so many lines have come, all of which belong to replies that are whole then."""
        data = bytearray()
        lines = 0
        while lines < least:
            piece = self._socket.recv(_RECEIVE)
            if not piece:
                raise ConnectionError("Redis closed the connection")
            data += piece
            lines += piece.count(b"\n")
        return bytes(data)

    def ask(self, *command: bytes) -> bytes:
        """One command; its reply as it came, of which this sees the first piece to its last line at least."""
        self.send(encoded(command))
        return self.lines(1)

    def close(self) -> None:
        """Leave."""
        self._socket.close()


@contextmanager
def sockets(port: int, count: int) -> Iterator[list[Socket]]:
    """So many connections."""
    opened = [Socket(port) for _ in range(count)]
    try:
        yield opened
    finally:
        for one in opened:
            one.close()


class Streams:
    """Streams of entries, each like the others, written in turn: a pipeline has one entry for each of some of them."""

    def __init__(self, names: Sequence[bytes], tokens: int, fields: Sequence[bytes]) -> None:
        self._count = len(names)
        self._tokens = tokens
        self._seq = 0
        self._at = 0
        self._id = b""
        words = 6 + len(fields)
        self._heads = [b"*%d\r\n%b" % (words, _parts(b"XADD", name, b"MAXLEN", b"~", b"4096")) for name in names]
        self._tail = _parts(*fields)

    def pipeline(self, entries: int) -> bytes:
        """The next so many entries."""
        parts: list[bytes] = []
        for _ in range(entries):
            if self._at == 0:
                self._seq += self._tokens
                self._id = _parts(b"1-%d" % self._seq)
            parts += (self._heads[self._at], self._id, self._tail)
            self._at = (self._at + 1) % self._count
        return b"".join(parts)
