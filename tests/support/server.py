"""A real server in a process of its own, on a free loopback port, stopped by its process id."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

HEADERS = {"X-User-ID": "alice", "Authorization": "Bearer token-of-alice", "Content-Type": "application/json"}
START_SECONDS = 30.0

FUNCTION_APP = '''
import asyncio
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """`say N` answers N words, `slow N` one word every 50 ms, `spin N` never awaits, `boom` fails after some text."""
    command, _, rest = turn.text.partition(" ")
    count = int(rest) if rest.isdigit() else 3
    for index in range(count):
        if command == "slow":
            await asyncio.sleep(0.05)
        yield f"word{index} "
    if command == "boom":
        raise RuntimeError("a secret of the server")
'''


@dataclass
class Server:
    """A running server. ``cwd`` holds its database (``chatkit.db``) and ``log``."""

    process: subprocess.Popen[bytes]
    url: str
    cwd: Path
    client: httpx2.Client = field(repr=False)

    @property
    def endpoint(self) -> str:
        return f"{self.url}/chatkit"

    @property
    def log(self) -> str:
        return (self.cwd / "server.log").read_text()

    def post(self, body: Any, headers: dict[str, str] | None = None, **kwargs: Any) -> httpx2.Response:
        """POST JSON (or bytes as they are) as alice."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(self.endpoint, content=content, headers=headers or HEADERS, **kwargs)

    def op(self, name: str, _headers: dict[str, str] | None = None, /, **params: Any) -> Any:
        """A native operation that does not stream; its JSON."""
        response = self.post({"type": name, "params": params}, _headers)
        assert response.status_code == 200, response.text
        return response.json()

    def events(self, name: str, _headers: dict[str, str] | None = None, /, **params: Any) -> list[dict[str, Any]]:
        """A native operation that streams; its events."""
        response = self.post({"type": name, "params": params}, _headers)
        assert response.status_code == 200, response.text
        return parse_native(response.content)

    def send(self, text: str, thread_id: str | None = None) -> list[dict[str, Any]]:
        """Send a message, in a new thread unless one is given; the events of the answer."""
        if thread_id is None:
            return self.events("threads.create", input=message(text))
        return self.events("threads.add_user_message", thread_id=thread_id, input=message(text))

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self, sig: signal.Signals = signal.SIGTERM, timeout: float = 40) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout)


def message(text: str) -> dict[str, Any]:
    """A user's message as the composer sends it."""
    return {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}


def parse_native(stream: bytes) -> list[dict[str, Any]]:
    """The events of a native stream; comments are left out, anything else fails."""
    frames = stream.decode().split("\n\n")
    assert frames[-1] == "", "the stream ends in the middle of a frame"
    events: list[dict[str, Any]] = []
    for frame in frames[:-1]:
        if frame.startswith(":"):
            continue
        assert frame.startswith("data: "), frame
        events.append(json.loads(frame.removeprefix("data: ")))
    return events


def text_of(events: list[dict[str, Any]]) -> str:
    """The assistant's text, put together from the deltas."""
    updates = [event["update"] for event in events if event["type"] == "thread.item.updated"]
    return "".join(u["delta"] for u in updates if u["type"] == "assistant_message.content_part.text_delta")


@contextlib.contextmanager
def serve(cwd: Path, *args: str, **env: str) -> Iterator[Server]:
    """``fastapi-chatkit serve`` in ``cwd``."""
    port = free_port()
    command = [sys.executable, "-m", "fastapi_chatkit.cli.main", "serve", "--port", str(port), *args]
    with _running(command, cwd, port, env) as server:
        yield server


@contextlib.contextmanager
def serve_app(cwd: Path, source: str = FUNCTION_APP, **env: str) -> Iterator[Server]:
    """The application ``app`` of a module with the given source, on uvicorn, in ``cwd``."""
    (cwd / "served_app.py").write_text(source)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "served_app:app", "--port", str(port)]
    with _running(command, cwd, port, {"PYTHONPATH": _path(cwd), **env}) as server:
        yield server


def _path(cwd: Path) -> str:
    """The application's directory, then what this process was told."""
    return os.pathsep.join([str(cwd), *filter(None, [os.environ.get("PYTHONPATH")])])


@contextlib.contextmanager
def _running(command: list[str], cwd: Path, port: int, env: dict[str, str]) -> Iterator[Server]:
    with (cwd / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **env}, stdout=log, stderr=log)
    with httpx2.Client(timeout=60) as client:
        server = Server(process, f"http://127.0.0.1:{port}", cwd, client)
        try:
            _wait_until_ready(server)
            yield server
        finally:
            if process.poll() is None:
                server.kill()


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended with {server.process.returncode}:\n{server.log}")
        with contextlib.suppress(httpx2.TransportError):
            server.client.get(server.url)
            return
        time.sleep(0.02)
    raise AssertionError(f"the server is not ready:\n{server.log}")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
