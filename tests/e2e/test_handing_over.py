"""A replica behind nginx is told to stop: the others take over, and no message is refused meanwhile."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from tests.support.dropping import DroppingClient, create
from tests.support.nginx import Nginx
from tests.support.postgres import Postgres, run_apart
from tests.support.redis import RedisServer
from tests.support.server import HEADERS, Server, parse_native, serve, text_of
from tests.support.stores import migrated_database

APP = '''
import asyncio
from pathlib import Path
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """Says which replica it is in; with `wait` it goes on when it is told to."""
    yield f"{Path.cwd().name} "
    while turn.text == "wait" and not Path("go-on").exists():
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.02)
    yield "done"
'''


@pytest.fixture
def replicas(postgres: Postgres, redis_server: RedisServer, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    url = run_apart(migrated_database(postgres))
    env = {"CHATKIT_DATABASE_URL": url, "CHATKIT_REDIS_URL": redis_server.url, "CHATKIT_AUTH": "trust"}
    with ExitStack() as stack:
        stack.callback(lambda: run_apart(postgres.drop_database(url)))
        started: list[Server] = []
        for name in "ab":
            (tmp_path / name).mkdir()
            (tmp_path / name / "replica.py").write_text(APP)
            started.append(stack.enter_context(serve(tmp_path / name, "--app", "replica:app", **env)))
        yield started[0], started[1]


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def accepts(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port_of(server)), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


def say(endpoint: str, count: int) -> list[str]:
    """So many messages; what each is answered, or why not."""
    answers: list[str] = []
    with httpx2.Client(timeout=60, headers=HEADERS) as client:
        for _ in range(count):
            response = client.post(endpoint, json=create("hi"))
            good = response.status_code == 200
            answers.append(text_of(parse_native(response.content)) if good else response.text)
    return answers


def test_no_message_is_refused_while_one_is_told_to_stop(replicas: tuple[Server, Server]) -> None:
    leaving, staying = replicas
    with (
        Nginx([port_of(leaving), port_of(staying)]) as nginx,
        DroppingClient(leaving.endpoint, create("wait")) as stream,
        ThreadPoolExecutor(4) as threads,
    ):
        endpoint = f"{nginx.url}/chatkit"
        stream.read_until(b'"a "')
        assert set(say(endpoint, 12)) == {"a done", "b done"}, "nginx keeps connections to both"
        answers = [threads.submit(say, endpoint, 40) for _ in range(4)]
        time.sleep(0.3)  # in their midst
        leaving.process.send_signal(signal.SIGTERM)
        said = [answer for task in answers for answer in task.result()]
        assert set(said) <= {"a done", "b done"}
        deadline = time.monotonic() + 30
        while accepts(leaving) or set(said) != {"b done"}:
            assert time.monotonic() < deadline
            said = say(endpoint, 12)
            assert set(said) <= {"a done", "b done"}, "what is connected is served once more"
        assert leaving.process.poll() is None, "what it has begun goes on"
        (leaving.cwd / "go-on").touch()
        stream.read_all()
        assert stream.complete
        assert text_of(stream.events) == "a done"
        assert leaving.process.wait(30) == 0
    assert "Traceback" not in leaving.log
