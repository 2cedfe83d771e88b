"""Servers forked from a process that has imported everything: the same processes as ``server.py``'s, sooner.

They are real: of their own process id, on a real socket, and a SIGKILL ends them as it ends any other. What is not the
same is what a process imports at its start; tests of that start their own interpreter.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx2

from tests.support import server as plain
from tests.support.server import FUNCTION_APP, Server, free_port

ROOT = Path(__file__).parents[2]


class ForkedProcess:
    """What the tests use of a ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    def ended(self, code: int) -> None:
        """The process has ended."""
        self.returncode = code
        self._ended.set()

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; its exit code, negative for a signal."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"server {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """Signal it, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """Starts servers; one per test session is enough. ``modules`` are imported before the first, for all."""

    def __init__(self, *modules: str) -> None:
        command = [sys.executable, str(ROOT / "tests/support/zygote.py"), *modules]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        self._zygote = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment
        )
        self._processes: dict[int, ForkedProcess] = {}
        self._changed = threading.Condition()
        self._starting = threading.Lock()
        self._started: list[ForkedProcess] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def close(self) -> None:
        """End the zygote, and what is left of its children."""
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.close()
        self._zygote.wait(10)
        self._listener.join(10)
        self._zygote.stdout.close()

    def start(self, argv: list[str], cwd: Path, env: dict[str, str]) -> ForkedProcess:
        """Fork a server."""
        job = {"argv": argv, "cwd": str(cwd), "env": env, "log": str(cwd / "server.log")}
        assert self._zygote.stdin is not None
        with self._starting, self._changed:
            self._zygote.stdin.write(json.dumps(job).encode() + b"\n")
            self._zygote.stdin.flush()
            assert self._changed.wait_for(lambda: bool(self._started), 20), "the zygote does not answer"
            return self._started.pop()

    def _listen(self) -> None:
        assert self._zygote.stdout is not None
        for line in self._zygote.stdout:
            word, *numbers = line.split()
            with self._changed:
                if word == b"started":
                    process = self._processes[int(numbers[0])] = ForkedProcess(int(numbers[0]))
                    self._started.append(process)
                    self._changed.notify_all()
                elif word == b"ended":
                    self._processes.pop(int(numbers[0])).ended(int(numbers[1]))

    @contextlib.contextmanager
    def serve(self, cwd: Path, *args: str, **env: str) -> Iterator[Server]:
        """``fastapi-chatkit serve`` in ``cwd``."""
        port = free_port()
        with self._running(["fastapi-chatkit", "serve", "--port", str(port), *args], cwd, port, env) as server:
            yield server

    @contextlib.contextmanager
    def serve_app(self, cwd: Path, source: str = FUNCTION_APP, **env: str) -> Iterator[Server]:
        """The application ``app`` of a module with the given source, on uvicorn, in ``cwd``."""
        (cwd / "served_app.py").write_text(source)
        port = free_port()
        with self._running(["uvicorn", "served_app:app", "--port", str(port)], cwd, port, env) as server:
            yield server

    @contextlib.contextmanager
    def _running(self, argv: list[str], cwd: Path, port: int, env: dict[str, str]) -> Iterator[Server]:
        process = self.start(argv, cwd, {**clean_environment(), **env})
        with httpx2.Client(timeout=60) as client:
            popen = cast("subprocess.Popen[bytes]", process)
            server = Server(popen, f"http://127.0.0.1:{port}", cwd, client)
            try:
                plain._wait_until_ready(server)
                yield server
            finally:
                if process.poll() is None:
                    server.kill()


def clean_environment() -> dict[str, str]:
    """The environment without settings and keys of this machine's: fixtures of a module run before the test's own."""
    prefixes = ("CHATKIT_", "TASKFLOW_CHATKIT_", "OPENAI_")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
