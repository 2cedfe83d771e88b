"""``fastapi-chatkit serve``: what it says at its start, what it tells the application, and how it stops."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.support.forking import clean_environment
from tests.support.redis import RedisServer
from tests.support.server import Server, serve, text_of

SERVE = [sys.executable, "-m", "fastapi_chatkit.cli.main", "serve", "--port", "0"]

OWN = """
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn
from fastapi_chatkit.store import SQLiteStore


@asynccontextmanager
async def lifespan(app):
    app.state.seen = app.state.server_url
    yield


app = FastAPI(lifespan=lifespan, docs_url="/reference")
chat = ChatKit(app)
other = ChatKit(app, path="/other", store=SQLiteStore(":memory:"))


@chat.respond
async def reply(turn: Turn):
    yield "hello"


@app.get("/seen")
async def seen():
    return app.state.seen
"""


STUBBORN = """
import asyncio, time
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn


@asynccontextmanager
async def lifespan(app):
    yield
    await asyncio.sleep(0)
    Path("closed").touch()


app = FastAPI(lifespan=lifespan)
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    yield "begun"
    await asyncio.sleep(0.2)
    Path("begun").touch()
    if turn.text == "block":
        time.sleep(600)
    await asyncio.sleep(600)


@app.get("/silent")
async def silent():
    Path("asked").touch()
    await asyncio.sleep(600)
"""


def until(holds: Callable[[], bool], server: Server) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


def greeting(server: Server) -> list[list[str]]:
    """The lines below the version, each as what and which."""
    lines = server.log.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("fastapi-chatkit "))
    shown = [line for line in lines[start + 1 :] if line.startswith("  ")]
    return [line.split(maxsplit=1) if "try it" not in line else ["try it", line[12:]] for line in shown]


def test_an_application_of_ones_own_is_told_its_address_and_greeted_with_all_its_endpoints(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    with serve(tmp_path, "--app", "own:app") as server:
        assert server.client.get(f"{server.url}/seen").json() == server.url
        assert greeting(server) == [
            ["page", f"{server.url}/"],
            ["endpoint", server.endpoint],
            ["try it", f"fastapi-chatkit chat --url {server.endpoint}"],
            ["threads", "sqlite:///./chatkit.db"],
            ["answers", "the function reply"],
            ["endpoint", f"{server.url}/other"],
            ["try it", f"fastapi-chatkit chat --url {server.url}/other"],
            ["threads", "sqlite:///:memory:"],
            ["answers", "the offline agent (no OPENAI_API_KEY or OPENAI_BASE_URL)"],
            ["docs", f"{server.url}/reference"],
        ]


def test_where_chat_is_off_the_greeting_says_so(tmp_path: Path) -> None:
    with serve(tmp_path, "--host", "localhost", CHATKIT_DATABASE_URL="") as server:
        assert ["threads", "none: CHATKIT_DATABASE_URL is empty, chat is off"] in greeting(server)


def test_an_application_without_chat_in_it_is_greeted_with_its_address(tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text("from fastapi import FastAPI\napp = FastAPI(openapi_url=None)\n")
    with serve(tmp_path, "--app", "bare:app") as server:
        assert greeting(server) == [["address", server.url]]


def test_a_function_that_makes_the_application_will_do(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(
        "from fastapi import FastAPI\ndef make():\n    return FastAPI(openapi_url=None)\n"
    )
    with serve(tmp_path, "--app", "made:make") as server:
        assert greeting(server) == [["address", server.url]]


def test_options_that_the_application_does_not_see_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise RuntimeError('it is not imported')\n")
    options = ["--app", "own:app", "--database-url", "", "--mcp", "tools=https://tools.example/mcp", "--model", "m"]
    command = [*SERVE, *options, "--log-level", "info"]
    environment = clean_environment()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--database-url, --model, --mcp: not with --app" in done.stderr
    assert "Set CHATKIT_DATABASE_URL, CHATKIT_MODEL, CHATKIT_MCP_SERVERS in the environment" in done.stderr


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_mcp_servers_that_are_written_wrongly_end_it_at_once(tmp_path: Path, how: str) -> None:
    wrong = "tools=ftp://s3cret"
    arguments = ["--mcp", "first=https://tools.example/mcp", "--mcp", wrong] if how == "flag" else []
    environment = {**clean_environment(), **({"CHATKIT_MCP_SERVERS": wrong} if how == "variable" else {})}
    command = [*SERVE, *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: CHATKIT_MCP_SERVERS: ")
    assert "s3cret" not in done.stderr


def test_the_flags_for_mcp_servers_are_taken_together(tmp_path: Path) -> None:
    flags = ["--mcp", "one=https://one.example/mcp", "--mcp", "two=https://two.example/mcp"]
    with serve(tmp_path, *flags) as server:
        assert "the offline agent uses no tools" in server.log
    command = [*SERVE, *flags, "--mcp", "one=https://three.example/mcp"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, "a name of its own" in done.stderr) == (1, True)


def test_redis_is_named_with_its_version(tmp_path: Path, redis_server: RedisServer) -> None:
    with serve(tmp_path, CHATKIT_REDIS_URL=redis_server.url) as server:
        (told,) = [which for what, which in greeting(server) if what == "tokens"]
        assert told.startswith("Redis 6.2.")
        assert told.endswith(f" at {redis_server.url}")
        assert server.client.get(f"{server.url}/readyz").json()["checks"] == {
            "store": "ok",
            "redis": "ok",
            "replicas": "ok",
        }


def test_a_redis_that_cannot_be_reached_is_said_and_waited_for(
    tmp_path: Path, start_redis: Callable[..., RedisServer]
) -> None:
    redis = start_redis()
    redis.kill()
    with serve(tmp_path, "--redis-url", redis.url) as server:
        (told,) = [which for what, which in greeting(server) if what == "tokens"]
        assert told.startswith(f"{redis.url} not reachable: nothing listens there; start it")
        assert text_of(server.send("hello")), "it serves"
        assert server.client.get(f"{server.url}/readyz").json()["status"] == "degraded"
        redis.start()
        deadline = time.monotonic() + 30
        while server.client.get(f"{server.url}/readyz").json()["status"] != "ok":
            assert time.monotonic() < deadline, server.log
            time.sleep(0.05)


def test_a_redis_that_cannot_be_used_ends_it_at_once(tmp_path: Path, redis_server: RedisServer) -> None:
    for url, words in (
        (redis_server.url.replace("//", "//:s3cret@"), "it refuses the user or the password"),
        (f"{redis_server.url}/9999", "it has no such database"),
        ("http://:s3cret@host", "must begin with one of redis://"),
    ):
        command = [*SERVE, "--redis-url", url]
        environment = clean_environment()
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Error: " in done.stderr
        assert words in done.stderr
        assert "s3cret" not in done.stderr


# --- it is told to stop -----------------------------------------------------------------------------------------------


@pytest.fixture
def stubborn(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    with serve(tmp_path, "--app", "stubborn:app") as server:
        yield server


def test_ctrl_c_twice_ends_what_is_open_in_good_order(stubborn: Server) -> None:
    with ThreadPoolExecutor(2) as threads:
        answer = threads.submit(stubborn.send, "hello")
        silent = threads.submit(httpx2.get, f"{stubborn.url}/silent", timeout=60)
        until(lambda: {"begun", "asked"} <= {path.name for path in stubborn.cwd.iterdir()}, stubborn)
        stubborn.process.send_signal(signal.SIGINT)
        until(lambda: "for 1 answers to finish" in stubborn.log, stubborn)
        stubborn.process.send_signal(signal.SIGINT)
        assert stubborn.process.wait(30) == 0
        assert answer.result()[-1]["type"] == "error", "it was told"
        assert silent.exception() or silent.result().status_code == 500
    assert (stubborn.cwd / "closed").exists(), "the application closes what it has opened"
    assert "Traceback" not in stubborn.log
    assert "CancelledError" not in stubborn.log


def test_ctrl_c_a_third_time_ends_it_whatever_it_does(stubborn: Server) -> None:
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(stubborn.send, "block")
        until((stubborn.cwd / "begun").exists, stubborn)
        for _ in range(3):
            assert stubborn.process.poll() is None
            stubborn.process.send_signal(signal.SIGINT)
            time.sleep(0.3)  # two that come at once are one
        assert stubborn.process.wait(30) == -signal.SIGINT
        assert isinstance(answer.exception(), httpx2.TransportError)
