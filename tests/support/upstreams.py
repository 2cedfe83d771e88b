"""Servers that stand behind a proxy and tell what it sent: one that answers, one that dies of every request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Received:
    """A request as it came. ``peer`` is the same for those of one connection."""

    method: str
    path: str
    headers: Message
    body: bytes
    peer: tuple[str, int]


class Upstream:
    """Answers every request with ``status`` and ``headers`` and keeps it in ``received``; deaf, it hangs up instead."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None, *, deaf: bool = False) -> None:
        self.received: list[Received] = []
        self.status = status
        self.headers = dict(headers or {})
        self.deaf = deaf
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
                super().handle_one_request()

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                peer = self.client_address
                upstream.received.append(Received(self.command, self.path, self.headers, body, peer))
                if upstream.deaf:
                    self.close_connection = True
                    return
                self.send_response(upstream.status)
                for name, value in {"Content-Length": "2", **upstream.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"ok")

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
