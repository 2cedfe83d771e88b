"""``serve --workers``: processes behind one socket, with PostgreSQL and Redis between them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.forking import clean_environment
from tests.support.postgres import Postgres, run_apart
from tests.support.redis import RedisServer
from tests.support.server import HEADERS, Server, free_port, message, parse_native, serve, text_of
from tests.support.stores import migrated_database

SERVE = [sys.executable, "-m", "fastapi_chatkit.cli.main", "serve", "--port", "0"]

DEADLINE_SECONDS = 30.0

APP = '''
import asyncio, os, time
from pathlib import Path
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

if Path("broken").exists():
    raise RuntimeError("this application is broken")

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """Says in which process it is, and with `slow N` so many words more, one every 50 ms; with `block` it then keeps
    the process from doing anything else."""
    yield f"{os.getpid()} "
    if turn.text == "block":
        await asyncio.sleep(0.2)
        Path("blocked").touch()
        time.sleep(600)
    for index in range(int(turn.text.removeprefix("slow ")) if turn.text.startswith("slow") else 0):
        await asyncio.sleep(0.05)
        yield f"word{index} "


@app.get("/pid")
async def pid():
    return os.getpid()
'''


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[str]:
    url = run_apart(migrated_database(postgres))
    yield url
    run_apart(postgres.drop_database(url))


@contextlib.contextmanager
def started(cwd: Path, database: str, redis: str) -> Iterator[Server]:
    """Two workers of the application."""
    (cwd / "counted.py").write_text(APP)
    env = {"CHATKIT_DATABASE_URL": database, "CHATKIT_REDIS_URL": redis}
    with serve(cwd, "--workers", "2", "--app", "counted:app", **env) as server:
        try:
            until(lambda: len(workers_of(server)) == 2, server)
            yield server
        finally:
            family = descendants(server.process.pid)
            server.kill()
            until(lambda: not any(map(is_alive, family)), server)  # they end with who minds them


@pytest.fixture
def server(database: str, redis_server: RedisServer, tmp_path: Path) -> Iterator[Server]:
    """For a test that ends it."""
    with started(tmp_path, database, redis_server.url) as server:
        yield server


@pytest.fixture(scope="module")
def lasting(database: str, shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For tests that leave two workers behind."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(clean_environment()):
            patch.delenv(name)
        with started(tmp_path_factory.mktemp("lasting"), database, shared_redis.url) as server:
            yield server


def until(holds: Callable[[], bool], server: Server) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    """A process's children and theirs."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [one for child in map(int, children) for one in (child, *descendants(child))]


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def accepts(server: Server) -> bool:
    """Whether it takes connections."""
    try:
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=60).close()
    except ConnectionRefusedError:
        return False
    return True


def workers_of(server: Server) -> set[int]:
    """The processes that answer now: each of many connections lands on one of them."""
    found: set[int] = set()
    for _ in range(60):
        connection = HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=60)
        with contextlib.closing(connection), contextlib.suppress(OSError, HTTPException):
            connection.request("GET", "/pid")
            found.add(int(connection.getresponse().read()))
    return found


def say(server: Server, text: str) -> list[dict[str, Any]]:
    """Send a message over a connection of its own; the events of the answer."""
    body = {"type": "threads.create", "params": {"input": message(text)}}
    return parse_native(httpx2.post(server.endpoint, json=body, headers=HEADERS, timeout=60).content)


class Stream:
    """An answer that has begun, of ``words`` words; in ``process`` if that matters."""

    def __init__(self, server: Server, words: int, process: int | None = None) -> None:
        body = {"type": "threads.create", "params": {"input": message(f"slow {words}")}}
        while True:
            self._client = httpx2.Client(timeout=60)
            self._request = self._client.stream("POST", server.endpoint, json=body, headers=HEADERS)
            self._text = self._request.__enter__().iter_text()
            self.said = ""
            while "word0" not in self.said:
                self.said += next(self._text)
            if process is None or f'"delta":"{process} ' in self.said:
                return
            self.close()

    def rest(self) -> str:
        """All of it, when it has ended."""
        self.said += "".join(self._text)
        self.close()
        return self.said

    def close(self) -> None:
        self._request.__exit__(None, None, None)
        self._client.close()


# --- serving ----------------------------------------------------------------------------------------------------------


def test_conversations_land_on_all_of_them_and_the_greeting_is_said_once(
    lasting: Server, shared_redis: RedisServer
) -> None:
    pids = workers_of(lasting)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: say(lasting, "hi"), range(60)))
    assert {int(text_of(events)) for events in answers} == pids
    assert lasting.log.count("fastapi-chatkit 0") == 1
    assert lasting.log.count("  tokens    Redis 6.2.") == lasting.log.count(f" at {shared_redis.url}\n") == 1
    assert lasting.log.count("  workers   2\n") == 1
    assert len(lasting.op("threads.list", limit=100)["data"]) == len(answers)


def test_the_plain_application_too_and_a_free_port(database: str, redis_server: RedisServer, tmp_path: Path) -> None:
    options = ["--workers", "2", "--database-url", database, "--redis-url", redis_server.url]
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [*SERVE, *options], cwd=tmp_path, env=clean_environment(), stdout=log, stderr=log, text=True
        )
        try:
            deadline = time.monotonic() + DEADLINE_SECONDS
            while (tmp_path / "log").read_text().count("Application startup complete") < 2:
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.05)
            said = (tmp_path / "log").read_text()
            url = said.partition("  endpoint  ")[2].partition("/chatkit")[0]
            ready = httpx2.get(f"{url}/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "ok"), said
            process.terminate()
            assert process.wait(DEADLINE_SECONDS) == 0
        finally:
            process.kill()
            process.wait()


def test_without_its_redis_it_serves_and_says_so_once(database: str, tmp_path: Path) -> None:
    gone = f"redis://127.0.0.1:{free_port()}"
    with started(tmp_path, database, gone) as server:
        assert text_of(say(server, "hi"))
        assert server.log.count(f"  tokens    {gone} not reachable: nothing listens there") == 1


# --- one ends ---------------------------------------------------------------------------------------------------------


def test_one_is_killed_the_other_goes_on_and_a_third_takes_its_place(lasting: Server) -> None:
    one, other = workers_of(lasting)
    stream = Stream(lasting, 40, one)
    os.kill(other, signal.SIGKILL)
    assert "word39" in stream.rest(), "nobody noticed in the other process"
    assert text_of(say(lasting, "hi"))
    until(lambda: len(workers_of(lasting)) == 2, lasting)
    assert one in workers_of(lasting)
    assert f"worker {other} has ended with signal 9: another takes its place" in lasting.log
    assert lasting.log.count("fastapi-chatkit 0") == 1


def test_one_is_told_to_stop_and_no_message_is_refused_meanwhile(lasting: Server) -> None:
    leaving, staying = workers_of(lasting)
    stream = Stream(lasting, 60, leaving)
    os.kill(leaving, signal.SIGTERM)
    until(lambda: "for 1 answers to finish" in lasting.log, lasting)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: say(lasting, "hi"), range(60)))
    assert {int(text_of(events)) for events in answers} <= {leaving, staying}
    assert "word59" in stream.rest()
    until(lambda: len(workers_of(lasting)) == 2, lasting)
    assert leaving not in workers_of(lasting)


def test_one_that_cannot_be_replaced_now_is_replaced_later(lasting: Server) -> None:
    one, other = workers_of(lasting)
    (lasting.cwd / "broken").touch()
    os.kill(other, signal.SIGKILL)
    until(lambda: lasting.log.count("this application is broken") >= 2, lasting)
    assert workers_of(lasting) == {one}
    (lasting.cwd / "broken").unlink()
    until(lambda: len(workers_of(lasting)) == 2, lasting)


def test_when_none_is_left_and_none_can_be_started_it_ends(server: Server) -> None:
    (server.cwd / "broken").touch()
    for pid in workers_of(server):
        os.kill(pid, signal.SIGKILL)
    assert server.process.wait(DEADLINE_SECONDS) == 1


# --- all end ----------------------------------------------------------------------------------------------------------


def test_sigterm_lets_all_finish_and_leaves_nothing_behind(server: Server) -> None:
    streams = [Stream(server, 40, pid) for pid in workers_of(server)]
    family = descendants(server.process.pid)
    assert len(family) >= 2
    server.process.send_signal(signal.SIGTERM)
    until(lambda: not accepts(server), server)
    assert "Shutting down" not in server.log, "they drain"
    for stream in streams:
        assert "word39" in stream.rest()
    assert server.process.wait(DEADLINE_SECONDS) == 0
    until(lambda: not any(map(is_alive, family)), server)


def test_a_second_signal_ends_the_waiting(server: Server) -> None:
    stream = Stream(server, 2000)
    server.process.send_signal(signal.SIGINT)
    until(lambda: "for 1 answers to finish" in server.log, server)
    server.process.send_signal(signal.SIGINT)
    assert '"allow_retry":true' in stream.rest()
    assert server.process.wait(DEADLINE_SECONDS) == 0
    assert "Traceback" not in server.log
    assert server.log.count("Application shutdown complete") == 2


def test_a_third_signal_kills_those_that_are_left(server: Server) -> None:
    with ThreadPoolExecutor(1) as threads:
        cut_off = threads.submit(say, server, "block")
        until((server.cwd / "blocked").exists, server)
        for _ in range(2):
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.3)  # two that come at once are one
        until(lambda: server.log.count("Application shutdown complete") == 1, server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(DEADLINE_SECONDS / 2) == 128 + signal.SIGTERM
        assert server.log.count("does not stop: it is killed") == 1
        assert isinstance(cut_off.exception(DEADLINE_SECONDS), httpx2.TransportError)


def test_who_minds_them_is_killed_and_they_end_with_it(server: Server) -> None:
    stream = Stream(server, 20)
    family = descendants(server.process.pid)
    server.kill()
    assert "word19" in stream.rest(), "as after SIGTERM"
    until(lambda: not any(map(is_alive, family)), server)


IMPATIENT = """
from fastapi_chatkit.cli import main, workers

workers.STOP_SECONDS = 1.0

if __name__ == "__main__":
    main.main()
"""


def test_one_that_hangs_is_killed_in_the_end(database: str, redis_server: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "counted.py").write_text(APP)
    (tmp_path / "impatient.py").write_text(IMPATIENT)
    port = free_port()
    env = {"CHATKIT_DATABASE_URL": database, "CHATKIT_REDIS_URL": redis_server.url, "CHATKIT_DRAIN_SECONDS": "0"}
    command = [sys.executable, "impatient.py", "serve", "--port", str(port), "--workers", "2", "--app", "counted:app"]
    with (tmp_path / "server.log").open("ab") as log, httpx2.Client() as client:
        process = subprocess.Popen(command, cwd=tmp_path, env={**clean_environment(), **env}, stdout=log, stderr=log)
        server = Server(process, f"http://127.0.0.1:{port}", tmp_path, client)
        try:
            until(lambda: len(workers_of(server)) == 2, server)
            one, other = workers_of(server)
            os.kill(other, signal.SIGSTOP)
            assert server.stop() == 0
            assert f"worker {other} does not stop: it is killed" in server.log
            assert f"worker {one} does not" not in server.log
        finally:
            server.kill()


# --- it cannot be -----------------------------------------------------------------------------------------------------


def refused(tmp_path: Path, *options: str, **env: str) -> tuple[int, str]:
    command = [*SERVE, "--workers", "2", *options]
    environment = {**clean_environment(), **env}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    return done.returncode, done.stderr


OWN = "from fastapi import FastAPI\nfrom fastapi_chatkit import ChatKit\napp = FastAPI()\nChatKit(app)\n"


@pytest.mark.parametrize("options", [[], ["--app", "own:app"]])
def test_several_need_redis(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    code, said = refused(tmp_path, *options)
    assert code == 2
    assert said.count("--workers 2 needs Redis: each worker is a process") == 1
    assert "Set CHATKIT_REDIS_URL (redis://HOST:6379), or leave --workers out." in said


@pytest.mark.parametrize("options", [[], ["--app", "own:app"]])
def test_several_need_one_database(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    env = {"CHATKIT_DATABASE_URL": "sqlite:///:memory:", "CHATKIT_REDIS_URL": "redis://127.0.0.1"}
    code, said = refused(tmp_path, *options, **env)
    assert code == 2
    assert said.count("would not know what it does in sqlite:///:memory:") == 1


SDK = """
from chatkit.server import ChatKitServer
from fastapi import FastAPI
from fastapi_chatkit import ChatKit
from tests.support.memory_store import MemoryStore

class Server(ChatKitServer):
    async def respond(self, thread, input_user_message, context):
        yield

def make():
    return Server(MemoryStore())

app = FastAPI()
ChatKit(app, server={server})
"""


@pytest.mark.parametrize("server", ["make()", "make"])
def test_several_need_a_store_that_they_share(server: str, redis_server: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "sdk.py").write_text(SDK.format(server=server))
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    env = {"CHATKIT_REDIS_URL": redis_server.url, "PYTHONPATH": path}
    code, said = refused(tmp_path, "--app", "sdk:app", **env)
    assert code == 2, said
    assert said.count("--workers 2: each worker is a process, and the others would not know what it does in") == 1
    assert "in MemoryStore.\n" in said
    assert said.count("brings a store of its own, make it a PostgresStore.") == 1
    assert "fastapi-chatkit 0" not in said, "nothing serves"
    assert "Traceback" not in said


def test_where_chat_is_off_they_need_nothing(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2", CHATKIT_DATABASE_URL="") as server:
        assert server.client.get(f"{server.url}/healthz").status_code == 200
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("source", "expected", "words"),
    [
        ("raise RuntimeError('bad app')", 1, "RuntimeError: bad app"),
        ("from nowhere import app", 1, "No module named 'nowhere'"),
        ("other = 1", 2, "--app bad:app: "),
        (
            "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\n"
            "@asynccontextmanager\nasync def lifespan(app):\n    raise RuntimeError('bad app')\n    yield\n"
            "app = FastAPI(lifespan=lifespan)",
            1,
            "RuntimeError: bad app",
        ),
    ],
)
def test_an_application_that_cannot_start_ends_it_and_is_said_once(
    source: str, expected: int, words: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text(source)
    code, said = refused(tmp_path, "--app", "bad:app")
    assert code == expected
    assert said.count(words) == 1


def test_a_mistake_about_redis_ends_it(redis_server: RedisServer, tmp_path: Path) -> None:
    code, said = refused(tmp_path, "--redis-url", redis_server.url.replace("//", "//:s3cret@"))
    assert code == 1
    assert said.count(f"Error: cannot use Redis at {redis_server.url}: it refuses the user or the password") == 1
    assert "s3cret" not in said


def test_the_option_is_not_for_an_application_of_ones_own(tmp_path: Path) -> None:
    code, said = refused(tmp_path, "--app", "own:app", "--redis-url", "redis://127.0.0.1")
    assert code == 2
    assert "--redis-url: not with --app" in said
    assert "Set CHATKIT_REDIS_URL in the environment" in said
