"""A real server on a PostgreSQL that is restarted, killed and locked while it streams: every stream ends in good order,
every stored message has its run, and every run has an end.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.postgres import OwnPostgres, fetch, run_apart
from tests.support.server import HEADERS, Server, message, text_of
from tests.support.stores import migrated_database

BOB = {**HEADERS, "X-User-ID": "bob"}

APP = '''
import asyncio

from chatkit.widgets import Card, Text
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """`N words`: with a widget in the middle, which is stored while the answer goes on."""
    count = int(turn.text.split()[0])
    for index in range(count):
        if index == count // 2:
            yield Card(children=[Text(value="half of it")])
        yield f"word{index} "
        await asyncio.sleep(0.02)
'''


@pytest.fixture
def url(unlucky: OwnPostgres) -> str:
    return run_apart(migrated_database(unlucky))


@pytest.fixture
def server(url: str, forks: Forks, tmp_path: Path) -> Iterator[Server]:
    env = {"CHATKIT_DATABASE_URL": url, "CHATKIT_POOL_SIZE": "4", "CHATKIT_STATEMENT_TIMEOUT": "2"}
    with forks.serve_app(tmp_path, APP, **env) as server:
        yield server


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    return run_apart(fetch(url, statement))


@contextmanager
def locked(url: str, statement: str) -> Iterator[None]:
    """Somebody runs a statement in a transaction and keeps it open."""
    release, held = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await connection.execute(statement)
                held.set()
                await asyncio.to_thread(release.wait, 60)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(asyncio.run, hold())
        assert held.wait(10)
        try:
            yield
        finally:
            release.set()
            holding.result()


class Stream:
    """One answer, read to its end by a thread."""

    def __init__(self, server: Server, text: str) -> None:
        self._client = DroppingClient(server.endpoint, create(text))

    def read(self) -> None:
        self._client.read_all(90)
        self._client.close()

    @property
    def accepted(self) -> bool:
        return self._client.status == 200

    @property
    def ended_with(self) -> str:
        """Its last event."""
        assert self._client.complete
        return self._client.events[-1]["type"]

    def check(self, stored: dict[str, list[dict[str, Any]]]) -> None:
        """It ended whole, or it says why not; what it showed is stored."""
        assert self._client.complete
        if not self.accepted:
            body = json.loads(self._client.body)
            assert (self._client.status, body["code"]) == (503, "overloaded")
            assert b"retry-after: " in self._client.head.lower()
            return
        events = self._client.events
        last = events[-1]
        assert last["type"] == "error" or last["type"] == "thread.item.done", last
        items = stored[events[0]["thread"]["id"]]
        texts = [part["text"] for item in items if item["type"] == "assistant_message" for part in item["content"]]
        assert "".join(texts) == text_of(events)


def stored_items(url: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for thread_id, data in query(url, "SELECT thread_id, data FROM chatkit.items ORDER BY thread_id, seq"):
        found.setdefault(thread_id, []).append(json.loads(data))
    return found


def assert_every_message_has_its_run_and_every_run_its_end(url: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while query(url, "SELECT id FROM chatkit.runs WHERE ended_at IS NULL"):
        assert time.monotonic() < deadline, "a run has no end"
        time.sleep(0.2)
    orphans = """
        SELECT id FROM chatkit.items AS item WHERE type = 'user_message' AND NOT EXISTS (
            SELECT 1 FROM chatkit.runs AS run WHERE run.thread_id = item.thread_id AND run.user_id = item.user_id)
    """
    assert query(url, orphans) == []


@pytest.mark.parametrize("end", [OwnPostgres.stop, OwnPostgres.kill])
def test_a_restart_under_streams_costs_errors_and_nothing_else(
    server: Server, unlucky: OwnPostgres, url: str, end: Callable[[OwnPostgres], None]
) -> None:
    streams: list[Stream] = []
    with ThreadPoolExecutor(60) as threads:

        def begin(count: int) -> None:
            for _ in range(count):
                stream = Stream(server, "60 words")
                streams.append(stream)
                threads.submit(stream.read)

        begin(20)
        for pause in (0.2, 1.5):
            time.sleep(0.4)
            end(unlucky)
            begin(10)
            time.sleep(pause)
            unlucky.start()
        time.sleep(0.2)
        begin(10)
    assert sum(stream.accepted for stream in streams) >= 30
    assert_every_message_has_its_run_and_every_run_its_end(url)
    stored = stored_items(url)
    for stream in streams:
        stream.check(stored)
    assert server.op("threads.list", limit=100)["data"]


def test_an_outage_longer_than_a_request_waits_is_503_and_ends_by_itself(
    server: Server, unlucky: OwnPostgres, url: str
) -> None:
    thread_id = server.send("2 words")[0]["thread"]["id"]
    unlucky.stop()
    for body in ({"type": "threads.list", "params": {}}, create("2 words")):
        started = time.monotonic()
        response = server.post(body)
        assert time.monotonic() - started < 5
        assert (response.status_code, response.json()["code"]) == (503, "overloaded")
        assert int(response.headers["retry-after"]) > 0
    unlucky.start()
    assert text_of(server.send("3 words", thread_id)) == "word0 word1 word2 "
    assert_every_message_has_its_run_and_every_run_its_end(url)


def test_the_text_of_an_answer_that_ends_during_an_outage_is_stored_when_it_is_over(
    server: Server, unlucky: OwnPostgres, url: str
) -> None:
    stream = Stream(server, "1 word of many")
    stream.read()
    stream = Stream(server, "40 words")
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(stream.read)
        time.sleep(0.6)  # the widget in the middle is stored by now
        unlucky.stop()
        time.sleep(6)
        assert not reading.done()  # it waits: what it has shown is not stored yet
        unlucky.start()
    assert_every_message_has_its_run_and_every_run_its_end(url)
    stream.check(stored_items(url))
    assert query(url, "SELECT DISTINCT status FROM chatkit.runs") == [("completed",)]


def test_an_answer_that_stores_something_during_an_outage_goes_on_when_it_is_over(
    server: Server, unlucky: OwnPostgres, url: str
) -> None:
    stream = Stream(server, "40 words")
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(stream.read)
        time.sleep(0.2)  # the widget in the middle comes now
        unlucky.stop()
        time.sleep(6)
        assert not reading.done()
        unlucky.start()
    assert_every_message_has_its_run_and_every_run_its_end(url)
    stream.check(stored_items(url))
    assert query(url, "SELECT DISTINCT status FROM chatkit.runs") == [("completed",)]


@pytest.mark.parametrize("new_thread", [False, True])
def test_a_message_that_was_given_up_is_not_stored_or_has_a_run_that_ends(
    server: Server, url: str, new_thread: bool
) -> None:
    """The second of two that wait for a lock starts late: the server still works on it when its caller is told 503."""
    thread_id = server.send("2 words")[0]["thread"]["id"]
    body = {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": message("2 words")}}
    if new_thread:
        body = create("2 words")
    lock = "LOCK TABLE chatkit.runs IN EXCLUSIVE MODE"
    with ThreadPoolExecutor(2) as threads, locked(url, lock):
        answers = [threads.submit(server.post, body) for _ in range(2)]
        assert {answer.result().status_code for answer in answers} == {503}
    assert_every_message_has_its_run_and_every_run_its_end(url, 15)
    first, *others = query(url, "SELECT status FROM chatkit.runs ORDER BY created_at")
    assert first == ("completed",)
    assert set(others) <= {("failed",)}


def test_a_server_that_is_stopped_while_the_database_hangs_ends_its_streams_in_good_order(
    unlucky: OwnPostgres, url: str, forks: Forks, tmp_path: Path
) -> None:
    (tmp_path / "hanging_app.py").write_text(APP)
    env = {"CHATKIT_DATABASE_URL": url, "CHATKIT_DRAIN_SECONDS": "0", "CHATKIT_STATEMENT_TIMEOUT": "1"}
    with forks.serve(tmp_path, "--app", "hanging_app:app", **env) as server:
        stream = Stream(server, "500 words")
        with ThreadPoolExecutor(1) as thread:
            reading = thread.submit(stream.read)
            time.sleep(0.5)
            unlucky.freeze()
            assert server.stop(timeout=40) == 0
            reading.result()
    unlucky.thaw()
    assert stream.ended_with == "error"


def test_a_locked_table_is_503_in_time_and_leaves_other_users_reads_alone(server: Server, url: str) -> None:
    thread_id = server.send("2 words")[0]["thread"]["id"]
    body = {"type": "items.list", "params": {"thread_id": thread_id}}

    def blocked(_: int) -> tuple[int, float]:
        started = time.monotonic()
        response = server.post(body)
        assert "retry-after" in response.headers
        return response.status_code, time.monotonic() - started

    with locked(url, "LOCK TABLE chatkit.items IN ACCESS EXCLUSIVE MODE"), ThreadPoolExecutor(30) as threads:
        answers = [threads.submit(blocked, number) for number in range(30)]
        time.sleep(0.3)
        for _ in range(20):
            started = time.monotonic()
            assert server.op("threads.list", BOB) == {"data": [], "has_more": False}
            assert time.monotonic() - started < 1
        for answer in answers:
            status, seconds = answer.result()
            assert status == 503
            assert seconds < 5
    assert len(server.op("items.list", thread_id=thread_id)["data"]) == 4


def test_streams_hold_no_connection(server: Server, url: str) -> None:
    streams = [Stream(server, "150 words") for _ in range(40)]
    with ThreadPoolExecutor(40) as threads:
        reading = [threads.submit(stream.read) for stream in streams]
        time.sleep(1)
        activity = "SELECT state FROM pg_stat_activity WHERE application_name = 'fastapi-chatkit'"
        busy: list[int] = []
        for _ in range(10):
            states = query(url, activity)
            assert len(states) <= 4
            busy.append(sum(state != "idle" for (state,) in states))
            server.op("threads.list")
            time.sleep(0.02)
        assert sum(busy) <= 10
        assert not any(future.done() for future in reading)
    stored = stored_items(url)
    for stream in streams:
        stream.check(stored)
