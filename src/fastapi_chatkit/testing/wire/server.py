"""A server on a free port of this machine, in a thread of its own, for as long as a ``with`` block lasts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fastapi_chatkit.testing.wire.app import wire_app
from fastapi_chatkit.testing.wire.replies import Reply
from fastapi_chatkit.testing.wire.requests import WireRequest
from fastapi_chatkit.testing.wire.script import Script, Source

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from fastapi_chatkit.testing.wire.uvicorn_server import WireUvicorn

_START_TIMEOUT = 10.0
_STOP_TIMEOUT = 10.0


class OpenAIWireServer:
    """Speaks OpenAI's wire format on ``base_url``, from a script::

        with OpenAIWireServer([Text("Hello **world**"), Failure(status=429)]) as server:
            client = OpenAI(base_url=server.base_url, api_key="anything")

    ``script`` is a list of replies, which is used up; one reply, which is repeated; or a function from a request to a
    reply. With ``models``, other models are refused; with ``api_key``, other keys. Needs uvicorn.
    """

    def __init__(
        self,
        script: Source = (),
        *,
        models: Sequence[str] | None = None,
        api_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._script = Script(script)
        self._app = wire_app(self._script, models=models, api_key=api_key)
        self._host = host
        self._port = port
        self._running: tuple[WireUvicorn, threading.Thread] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:PORT/v1``: what ``OPENAI_BASE_URL`` takes. The port stays the same after a stop."""
        if self._port == 0:
            raise RuntimeError("the server has no port yet: use it in a with block, or call start()")
        return f"http://{self._host}:{self._port}/v1"

    @property
    def requests(self) -> list[WireRequest]:
        """The calls of the model so far, in order of arrival, those that were refused included."""
        return list(self._script.requests)

    @property
    def remaining(self) -> int:
        """How many replies of the script were not asked for yet."""
        return self._script.remaining

    def add(self, *replies: Reply) -> None:
        """Append replies to the script."""
        self._script.add(*replies)

    def load(self, script: Source) -> None:
        """Start over with another script, and forget the requests; so that many tests can share one server."""
        self._script.load(script)

    def start(self) -> None:
        """Listen; returns when the server answers. Raises ImportError without uvicorn, OSError if the port is taken."""
        if self._running is not None:
            raise RuntimeError("the server is running already")
        server = _new_server(self._app)
        listener = socket.create_server((self._host, self._port), backlog=1024)
        self._port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listener],), name="openai-wire-server", daemon=True)
        thread.start()
        deadline = time.monotonic() + _START_TIMEOUT
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                listener.close()
                raise RuntimeError("the server did not start; its thread has printed the reason")
            time.sleep(0.001)
        self._running = server, thread

    def stop(self) -> None:
        """Close all connections, the stalled ones too, and wait for the thread to end."""
        if self._running is None:
            return
        server, thread = self._running
        server.should_exit = True
        thread.join(_STOP_TIMEOUT)
        self._running = None


def _new_server(app: ASGIApp) -> WireUvicorn:
    try:
        from fastapi_chatkit.testing.wire.uvicorn_server import WireUvicorn
    except ImportError as error:
        raise ImportError("OpenAIWireServer needs uvicorn: pip install 'fastapi-chatkit[cli]'") from error
    return WireUvicorn(app)
