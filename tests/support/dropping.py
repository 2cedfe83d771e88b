"""A client on a bare socket: it reads as little as it likes and leaves when it likes."""

import json
import socket
import struct
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.server import HEADERS, message


class DroppingClient:
    """One POST on one connection, or one GET without a payload; ``body`` holds what has arrived of the content."""

    def __init__(
        self,
        endpoint: str,
        payload: Any = None,
        headers: dict[str, str] | None = None,
        *,
        receive_buffer: int | None = None,
    ) -> None:
        url = urlsplit(endpoint)
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(20)
        self._socket.connect((url.hostname, url.port))
        method, content = ("GET", b"") if payload is None else ("POST", json.dumps(payload).encode())
        lines = [f"{method} {url.path} HTTP/1.1", f"Host: {url.netloc}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in {**HEADERS, **(headers or {})}.items()]
        self._socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        self._received = bytearray()
        self._left = 0  # of the chunk that is arriving, its line end included
        self.body = b""
        self.head = b""
        self.complete = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def status(self) -> int:
        """The response's status."""
        return int(self.head.split()[1])

    def header(self, name: str) -> str:
        """A header of the response."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return next(value.strip() for key, _, value in (line.partition(":") for line in lines) if key.lower() == name)

    @property
    def frames(self) -> list[bytes]:
        """The whole frames that have arrived."""
        return self.body.split(b"\n\n")[:-1]

    @property
    def last_event_id(self) -> str:
        """The offset of the last whole frame, where frames have one."""
        lines = [line for frame in self.frames for line in frame.split(b"\n") if line.startswith(b"id: ")]
        return lines[-1].removeprefix(b"id: ").decode() if lines else ""

    @property
    def events(self) -> list[dict[str, Any]]:
        """The native events that have arrived whole."""
        frames = [frame for frame in self.frames if not frame.startswith(b":")]
        datas = [next(line for line in frame.split(b"\n") if line.startswith(b"data: ")) for frame in frames]
        return [json.loads(data.removeprefix(b"data: ")) for data in datas]

    def receive(self, timeout: float = 20, size: int = 65536) -> bool:
        """Wait for more, ``size`` bytes of the connection at most; ``False`` at its end."""
        self._socket.settimeout(timeout)
        chunk = self._socket.recv(size)
        self._received += chunk
        self._take()
        return bool(chunk)

    def read_until(self, text: bytes, timeout: float = 20) -> None:
        """Read until ``text`` has arrived in the content."""
        deadline = time.monotonic() + timeout
        while text not in self.body:
            assert self.receive(max(0.01, deadline - time.monotonic())), f"the stream ended without {text!r}"

    def read_to(self, size: int) -> None:
        """Read ``size`` bytes of the content and not one more, or to its end."""
        while len(self.body) < size and not self.complete and self.receive(size=min(65536, size - len(self.body))):
            pass

    def read_all(self, timeout: float = 30) -> bytes:
        """Read until the response is complete or the connection ends."""
        deadline = time.monotonic() + timeout
        while not self.complete and self.receive(max(0.01, deadline - time.monotonic())):
            pass
        return self.body

    def drop(self) -> None:
        """Cut the connection as a crash would: with a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        """Close the connection in good order."""
        self._socket.close()

    def _take(self) -> None:
        if not self.head:
            head, separator, rest = self._received.partition(b"\r\n\r\n")
            if not separator:
                return
            self.head, self._received = bytes(head), rest
        if b"transfer-encoding: chunked" not in self.head.lower():
            self.body += self._received
            self._received.clear()
            return
        while self._received and self._take_of_chunk():
            pass

    def _take_of_chunk(self) -> bool:
        """Take a chunk's size, or what has arrived of the chunk; whether that was possible."""
        if self._left == 0:
            end = self._received.find(b"\r\n")
            if end < 0:
                return False
            size = int(self._received[:end], 16)
            del self._received[: end + 2]
            self._left = size + 2
            self.complete = self.complete or size == 0
            return True
        piece = self._received[: self._left]
        self.body += piece[: max(0, self._left - 2)]
        del self._received[: len(piece)]
        self._left -= len(piece)
        return True


def create(text: str) -> dict[str, Any]:
    """A native operation: a message in a new thread."""
    return {"type": "threads.create", "params": {"input": message(text)}}


def submit(text: str, call_id: int = 1) -> dict[str, Any]:
    """The same as JSON-RPC."""
    content = [{"type": "text", "text": text}]
    params = {"input": {"message": {"content": content}}}
    return {"jsonrpc": "2.0", "id": call_id, "method": "threads.runs.submitMessage", "params": params}
