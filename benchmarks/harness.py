"""The servers under measurement: started one process each, pinned, watched from outside, stopped by their id."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen, TimeoutExpired, run

import psutil

from benchmarks.client import connect
from benchmarks.machine import Cores, pin
from benchmarks.postgres import Postgres
from benchmarks.redis_server import Redis

ROOT = Path(__file__).parent.parent

_LOG = "log"
_READY_SECONDS = 60
_STOP_SECONDS = 5
_PROBE = b"POST /chatkit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}"


class DidNotStart(Exception):
    """A server ended, or never answered; the message has the end of its log."""

    def __init__(self, contender: str, message: str) -> None:
        super().__init__(message)
        self.contender = contender


@dataclass(frozen=True, slots=True)
class Contender:
    """A server to measure: `app` is uvicorn's name for it, `{dir}` in `env`'s values is a directory of its own.

    `{place}` there is the place of a PostgreSQL database of its own, `{redis}` the URL of the run's Redis; `before` are
    Python's arguments for what has to run on the database first. `serve` runs the server with `fastapi-chatkit serve`,
    uvicorn with what we recommend, instead of uvicorn as it is.
    """

    name: str
    app: str
    env: dict[str, str] = field(default_factory=dict[str, str])
    serve: bool = False
    before: tuple[str, ...] = ()

    @property
    def needs_postgres(self) -> bool:
        """Whether it keeps its threads in PostgreSQL."""
        return any("{place}" in value for value in self.env.values())

    @property
    def needs_redis(self) -> bool:
        """Whether what is said goes through Redis."""
        return any("{redis}" in value for value in self.env.values())


@dataclass(slots=True)
class Server:
    """A running contender. `ready`: seconds from its start to its first HTTP answer; `ready_cpu`: its CPU in them.

    `place` is that of its PostgreSQL database (`postgresql://` and this is its URL), empty where it has none.
    """

    name: str
    port: int
    process: Popen[bytes]
    place: str = ""
    ready: float = 0.0
    ready_cpu: float = 0.0

    def cpu(self) -> float:
        """Seconds of CPU, user and system, that the process has used since its start."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def resident(self) -> float:
        """MiB of resident memory, shared pages included."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20

    def own(self) -> float:
        """MiB of memory with shared pages counted by share (PSS); the resident memory where the system has none."""
        full = psutil.Process(self.process.pid).memory_full_info()
        return getattr(full, "pss", full.rss) / 2**20

    async def stop(self) -> None:
        """End the process: as Ctrl-C does, so that a profiler can write its file, and by force after a while."""
        self.process.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(self.process.wait, _STOP_SECONDS)
        except TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)


@dataclass(frozen=True, slots=True)
class Harness:
    """Starts contenders. `directory` keeps their SQLite databases and logs, `postgres` the other databases, `redis`
    what is being said; `profiles`, if any, gets a cProfile file each.

    With `shared`, a contender that is needed again is not started again: quicker, and less apart.
    """

    cores: Cores
    directory: Path
    profiles: Path | None = None
    shared: bool = False
    postgres: Postgres = field(default_factory=Postgres)
    redis: Redis = field(default_factory=Redis)
    _kept: dict[str, Server] = field(default_factory=dict[str, Server])

    @asynccontextmanager
    async def running(self, contender: Contender) -> AsyncIterator[Server]:
        """A running contender, stopped at the end unless it is shared. DidNotStart as `start` has it."""
        key = repr(contender)
        server = self._kept.get(key) or await self.start(contender)
        if self.shared:
            self._kept[key] = server
        try:
            yield server
        finally:
            if not self.shared:
                await server.stop()

    @asynccontextmanager
    async def replicas(self, contender: Contender, count: int) -> AsyncIterator[list[Server]]:
        """So many processes of a contender on one database: the first on the measured core, the others beside the load.

        Whoever replaces one in the list has it stopped as well.

        :raises DidNotStart: one of them did not.
        """
        servers = [await self.start(contender)]
        try:
            for _ in range(count - 1):
                servers.append(await self.start(contender, servers[0].place, beside=True))
            yield servers
        finally:
            for server in servers:
                await server.stop()

    async def close(self) -> None:
        """Stop what is shared, PostgreSQL and Redis."""
        while self._kept:
            await self._kept.popitem()[1].stop()
        await self.postgres.close()
        self.redis.close()

    async def start(self, contender: Contender, place: str = "", *, beside: bool = False) -> Server:
        """Start a contender and wait until it answers, on the database at `place`, else on a fresh one; on the core of
        the measured servers, or `beside` the load.

        :raises DidNotStart: it did not.
        """
        own = self.directory / f"{contender.name}-{time.monotonic_ns()}"
        own.mkdir()
        if contender.needs_postgres and not place:
            place = await self.postgres.create_database()
            await prepare(contender, place)
        started = time.perf_counter()
        server = self._spawn(contender, own, place)
        pin(server.process.pid, self.cores.load if beside else self.cores.server)
        ready = False
        try:
            ready = await _ready(server.process, server.port)
        finally:
            if not ready:
                await server.stop()
        if not ready:
            log = (own / _LOG).read_text()
            raise DidNotStart(contender.name, f"{contender.name} ({contender.app}) did not start:\n{log[-2000:]}")
        server.ready, server.ready_cpu = time.perf_counter() - started, server.cpu()
        return server

    def _spawn(self, contender: Contender, own: Path, place: str) -> Server:
        port = free_port()
        names = {"dir": own, "place": place, "redis": self.redis.url if contender.needs_redis else ""}
        env = os.environ | {key: value.format(**names) for key, value in contender.env.items()}
        with (own / _LOG).open("wb") as log:
            command = self._command(contender, port)
            process = Popen(command, cwd=ROOT, env=env, stdin=DEVNULL, stdout=log, stderr=STDOUT)
        return Server(contender.name, port, process, place)

    def _command(self, contender: Contender, port: int) -> list[str]:
        python = [sys.executable]
        if self.profiles:
            python += ["-m", "cProfile", "-o", str(self.profiles / f"{contender.name}-{port}.prof")]
        if contender.serve:
            serve = ["-m", "fastapi_chatkit.cli.main", "serve", "--app", contender.app, "--log-level", "warning"]
            return [*python, *serve, "--port", str(port)]
        uvicorn = ["-m", "uvicorn", contender.app, "--port", str(port), "--no-access-log", "--log-level", "warning"]
        patience = ["--timeout-graceful-shutdown", "2"]
        return python + uvicorn + patience


async def prepare(contender: Contender, place: str) -> None:
    """Run what has to run before the contender's server, on the database at `place`; DidNotStart if it fails."""
    if contender.before:
        command = [sys.executable, *(argument.format(place=place) for argument in contender.before)]
        done = await asyncio.to_thread(run, command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise DidNotStart(contender.name, f"{contender.name}: {command} failed:\n{done.stderr[-2000:]}")


def free_port() -> int:
    """A port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _ready(process: Popen[bytes], port: int) -> bool:
    """Whether the endpoint answered before the process ended. Any answer to a request without a user will do."""
    end = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            connection = await connect(port)
            reply = await connection.ask(_PROBE)
        except OSError:
            await asyncio.sleep(0.005)
            continue
        connection.close()
        return reply.status < 500
    return False
