"""Debian's nginx with the configuration of ``deploy/``, on a free loopback port, stopped by its process id.

What is changed of it for a test: where it listens, and which replicas there are. It ends when the thread ends
that starts it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import pytest

from tests.support.redis import die_with_the_parent
from tests.support.server import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx/nginx.conf"
START_SECONDS = 20.0


class Nginx:
    """nginx at ``url``, in front of ``127.0.0.1:<port>`` for each of ``upstream_ports``; a context manager.

    ``verifier`` is the port of who says who is calling: then the lines of the configuration for that are in force.
    """

    def __init__(self, upstream_ports: Iterable[int], *, verifier: int | None = None) -> None:
        self._binary = nginx_binary()
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="chatkit-nginx-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (self.folder / "nginx.conf").write_text(configuration(self.port, verifier))
        self._name(upstream_ports)
        (self.folder / "log").touch()
        if self._user is not None:
            for path in (self.folder, self.folder / "log"):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self._check()
        self._process = self._start()

    @property
    def pid(self) -> int:
        """Of the process that signals go to."""
        return self._process.pid

    @property
    def log(self) -> str:
        """The lines of requests and of errors."""
        return (self.folder / "log").read_text()

    def reload(self, upstream_ports: Iterable[int]) -> None:
        """Take up other replicas; returns when the workers that know only the old ones take no more connections."""
        self._name(upstream_ports)
        self._check()
        old = self._workers()
        self._process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + START_SECONDS
        while any(_accepts(worker) for worker in old) or not self._workers() - old:
            assert time.monotonic() < deadline, f"nginx does not reload:\n{self.log}"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it at once, with its open connections, and delete its folder."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _name(self, upstream_ports: Iterable[int]) -> None:
        """Write which replicas there are, as a deployment on machines of one's own would."""
        servers = [f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n" for port in upstream_ports]
        (self.folder / "replicas.conf").write_text("".join(servers))

    def _command(self) -> list[str]:
        folder = str(self.folder)
        return [self._binary, "-e", "stderr", "-p", folder, "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]

    def _check(self) -> None:
        """Let nginx judge the configuration. It opens its logs for that: standard output must be one it may open."""
        with (self.folder / "log").open("ab") as log:
            done = subprocess.run(
                [*self._command(), "-t"], **self._as_user(), stdout=log, stderr=subprocess.PIPE, text=True
            )
        assert done.returncode == 0, done.stderr
        assert "[warn]" not in done.stderr, done.stderr

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen(
                self._command(),
                **self._as_user(),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_the_parent(signal.SIGTERM),  # which its workers hear of, too
            )
        process = cast("subprocess.Popen[bytes]", started)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, self.log
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return process
            time.sleep(0.01)
        raise AssertionError(f"nginx did not start:\n{self.log}")

    def _as_user(self) -> dict[str, Any]:
        keywords: dict[str, Any] = {"cwd": self.folder, "stdin": subprocess.DEVNULL}
        if self._user is not None:
            keywords |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return keywords

    def _workers(self) -> set[int]:
        return {int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()}


def start_nginx(upstream_ports: Iterable[int]) -> Nginx:
    """nginx in front of replicas on this machine; the caller stops it, or uses it as a context manager."""
    return Nginx(upstream_ports)


def configuration(port: int, verifier: int | None = None) -> str:
    """The shipped one, listening on a loopback port."""
    text = _replaced(CONFIGURATION.read_text(), "listen 8080 ", f"listen 127.0.0.1:{port} ")
    if verifier is None:
        return text
    return _replaced(text.replace("#~ ", ""), "http://127.0.0.1:9000", f"http://127.0.0.1:{verifier}")


def nginx_binary() -> str:
    """Where it is. A desk may be without it, and skips the test; continuous integration may not."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        reason = "needs nginx: apt install nginx"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return found


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is in the configuration {text.count(old)} times"
    return text.replace(old, new)


def _accepts(worker: int) -> bool:
    """Whether a worker of before takes new connections."""
    try:
        return b"shutting down" not in Path(f"/proc/{worker}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
