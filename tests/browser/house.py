"""A server that can be killed and started again at the same address, as nothing but a crash would do."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import httpx2

from tests.support.forking import Forks, clean_environment
from tests.support.server import START_SECONDS, free_port


class Place(Protocol):
    """Where a page is."""

    @property
    def url(self) -> str:
        """Its origin."""
        ...


class Somewhere:
    """The origin of what listens at a port of this machine."""

    def __init__(self, listener: Listener) -> None:
        self.url = f"http://127.0.0.1:{listener.port}"


class Listener(Protocol):
    """What listens."""

    port: int


APP = ("uvicorn", "tests.browser.app:app")
PLAIN = ("fastapi-chatkit", "serve")
TASKFLOW = ("fastapi-chatkit", "serve", "--app", "examples.taskflow.main:app")


class House:
    """The server that ``command`` runs in ``folder``."""

    def __init__(self, forks: Forks, folder: Path, command: tuple[str, ...], **environment: str) -> None:
        self._forks = forks
        self._environment = {**clean_environment(), **environment}
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [*command, "--port", str(self.port)]

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = self._forks.start(self._command, self.folder, self._environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log
            with contextlib.suppress(httpx2.TransportError):
                httpx2.get(f"{self.url}/chatkit/ui/chatkit.js")
                return
            time.sleep(0.02)
        raise AssertionError(f"the server is not ready:\n{self.log}")

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait(10)

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "server.log").read_text()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.kill()
