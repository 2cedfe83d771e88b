"""What is acknowledged survives a SIGKILL at any moment; SIGTERM lets answers finish, or ends them in good order."""

import json
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fastapi_chatkit.runs.lease import RENEW_SECONDS
from tests.support.database import query, stored_items, stored_text
from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.postgres import Postgres, run_apart
from tests.support.server import Server, message, serve, text_of
from tests.support.stores import migrated_database

KILLS = 200
CLIENTS = 3
RECOVERY_SECONDS = 15
BURIALS_EVERY = 20

APP = '''
import asyncio

from chatkit.widgets import Card, Text
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """Two messages with a widget between them and a title, with moments of silence to be killed in."""
    for index in range(5):
        yield f"before{index} of {turn.text} "
        await asyncio.sleep(0.002)
    yield Card(children=[Text(value=f"a widget for {turn.text}")])
    turn.thread.title = f"Title after {turn.text}"
    for index in range(5):
        yield f"after{index} of {turn.text} "
        await asyncio.sleep(0.002)
'''


class Talker:
    """A client that sends one message after the other to one thread until its connection breaks."""

    def __init__(self, endpoint: str, name: str, thread_id: str = "") -> None:
        self._endpoint = endpoint
        self._name = name
        self.thread_id = thread_id
        self.bodies: list[bytes] = []

    def talk(self) -> None:
        for number in range(10_000):
            text = f"{self._name}-{number}"
            operation = create(text)
            if self.thread_id:
                params = {"thread_id": self.thread_id, "input": message(text)}
                operation = {"type": "threads.add_user_message", "params": params}
            try:
                with DroppingClient(self._endpoint, operation) as client:
                    try:
                        client.read_all()
                    finally:
                        self.bodies.append(client.body)
                        self._learn_thread(client)
            except OSError:
                return
            if not client.complete:
                return

    def _learn_thread(self, client: DroppingClient) -> None:
        for event in client.events:
            if event["type"] == "thread.created":
                self.thread_id = event["thread"]["id"]

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events that arrived whole."""
        frames = [frame for body in self.bodies for frame in body.split(b"\n\n")[:-1] if frame.startswith(b"data: ")]
        return [json.loads(frame.removeprefix(b"data: ")) for frame in frames]


def all_items(server: Server, thread_id: str) -> list[dict[str, Any]]:
    """Every visible item of a thread, page by page."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = server.op("items.list", thread_id=thread_id, order="asc", limit=100, **after)
        items += page["data"]
        if not page["has_more"]:
            return items
        after = {"after": page["after"]}


def assert_sound(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def assert_acknowledged_is_kept(server: Server, talker: Talker) -> None:
    """What a client saw as done is there, as it saw it, in the order in which it saw it."""
    events = talker.events
    if not talker.thread_id:
        return
    seen = [event["item"] for event in events if event["type"] == "thread.item.done"]
    kept = all_items(server, talker.thread_id)
    ids = [item["id"] for item in kept]
    assert len(set(ids)) == len(ids), "an item is there twice"
    texts = [item["content"][0]["text"] for item in kept if item["type"] == "user_message"]
    assert len(set(texts)) == len(texts), "a message is there twice"
    as_kept = {item["id"]: json.dumps(item) for item in kept}
    assert [as_kept.get(item["id"]) for item in seen] == [json.dumps(item) for item in seen]
    seen_ids = [item["id"] for item in seen]
    assert [item_id for item_id in ids if item_id in set(seen_ids)] == seen_ids or any(
        event["type"] == "progress_update" for event in events
    )  # a message that waited has moved to where its answer is
    titles = [event["thread"]["title"] for event in events if event["type"] == "thread.updated"]
    if titles:  # a later one may have been stored and not been seen
        assert server.op("threads.get_by_id", thread_id=talker.thread_id)["title"] >= titles[-1]


def test_nothing_acknowledged_is_lost_to_200_kills(forks: Forks, tmp_path: Path) -> None:
    """At any moment of a turn. Of each round's clients one goes on in a thread that an earlier kill may have hit.

    In some rounds the leases of the dead have ended, and the kill comes when they are about to be buried.
    """
    random_ = random.Random(2025)
    talkers: list[Talker] = []
    threads: list[str] = []
    for kill in range(KILLS):
        burial = kill % BURIALS_EVERY == BURIALS_EVERY - 1
        if burial:
            end_leases(tmp_path / "chatkit.db")
        with forks.serve_app(tmp_path, APP) as server:
            for talker in talkers:
                assert_acknowledged_is_kept(server, talker)
            threads += {talker.thread_id for talker in talkers} - {"", *threads}
            talkers = [Talker(server.endpoint, f"k{kill:03}-c{n}") for n in range(CLIENTS)]
            if threads:
                talkers[0].thread_id = random_.choice(threads)
            with ThreadPoolExecutor(CLIENTS) as pool:
                for talker in talkers:
                    pool.submit(talker.talk)
                time.sleep(random_.uniform(0.005, 0.15) + (RENEW_SECONDS - 0.2 if burial else 0.0))
                server.kill()
            assert server.process.returncode == -signal.SIGKILL
        if kill % 20 == 0:
            assert_sound(tmp_path / "chatkit.db")
    with forks.serve_app(tmp_path, APP) as server:
        for talker in talkers:
            assert_acknowledged_is_kept(server, talker)
        assert_all_runs_end(tmp_path / "chatkit.db")
        for thread_id in {*threads, *(talker.thread_id for talker in talkers if talker.thread_id)}:
            assert text_of(server.send("once more", thread_id)).startswith("before0 of once more "), "it is stuck"
        assert "Traceback" not in server.log
    assert_sound(tmp_path / "chatkit.db")
    ends = dict(query(tmp_path / "chatkit.db", "SELECT status, count(*) FROM runs GROUP BY status"))
    assert ends.keys() == {"completed", "interrupted"}
    assert ends["interrupted"] > KILLS / 2  # the kills came while there was something to lose


def end_leases(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute("UPDATE replicas SET lease_until = 0")


def assert_all_runs_end(path: Path) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while left := query(path, "SELECT id, status FROM runs WHERE ended_at IS NULL"):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


# --- one kill, looked at closely --------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Arguments of ``serve`` for a database of its own."""
    if request.param == "sqlite":
        yield []
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = run_apart(migrated_database(postgres))
    yield ["--database-url", url]
    run_apart(postgres.drop_database(url))


def test_what_was_said_a_second_before_the_kill_is_kept(forks: Forks, tmp_path: Path, database: list[str]) -> None:
    with forks.serve(tmp_path, *database) as server:
        client = DroppingClient(server.endpoint, create("count to 400"), {"X-ChatKit-Resume": "1"})
        seen: list[tuple[float, str]] = []
        with client:
            client.read_until(b"text_delta")
            while time.monotonic() < (seen[0][0] if seen else time.monotonic() + 1) + 2.5:
                client.receive()
                seen.append((time.monotonic(), text_of(client.events)))
            waiting = DroppingClient(server.endpoint, add_message(client, "hello"), {"X-ChatKit-Resume": "1"})
            waiting.read_until(b"progress_update")
            waiting.close()
            killed = time.monotonic()
            server.kill()
        thread_id, run_id, last = thread_of(client), client.events[0]["run_id"], client.last_event_id
    with forks.serve(tmp_path, *database) as server:
        attach = {"thread_id": thread_id, "run_id": run_id, "after": last}
        with DroppingClient(server.endpoint, {"type": "runs.attach", "params": attach}) as client:
            client.read_all()
        stream = client.events
        assert [event["type"] for event in stream if event["type"] != "run.snapshot"] == ["error", "run.ended"]
        assert stream[0]["type"] == "run.snapshot"
        assert stream[-2]["allow_retry"] is True
        assert (stream[-1]["status"], stream[-1]["stop_reason"]) == ("interrupted", "crashed")
        assert time.monotonic() - killed < RECOVERY_SECONDS
        items = all_items(server, thread_id)
        assert [item["type"] for item in items] == ["user_message", "user_message", "assistant_message"]
        kept = items[-1]["content"][0]["text"]
        assert seen[-1][1].startswith(kept)
        a_second_before = [text for moment, text in seen if moment <= killed - 1][-1]
        assert kept.startswith(a_second_before)
        assert a_second_before
        snapshots = [event["items"] for event in stream if event["type"] == "run.snapshot"]
        assert snapshots[-1] == [items[0], items[2]]
        run = server.op("runs.get", thread_id=thread_id, run_id=run_id)["run"]
        assert (run["status"], run["attempt"]) == ("interrupted", 2)
        assert text_of(server.send("thanks", thread_id)).startswith("You are welcome")


def add_message(client: DroppingClient, text: str) -> dict[str, Any]:
    params = {"thread_id": thread_of(client), "input": message(text)}
    return {"type": "threads.add_user_message", "params": params}


def thread_of(client: DroppingClient) -> str:
    return next(event for event in client.events if event["type"] == "thread.created")["thread"]["id"]


def test_everything_is_there_after_closing_and_reopening(forks: Forks, tmp_path: Path) -> None:
    with forks.serve_app(tmp_path, APP) as server:
        events = server.send("hello")
        thread_id = events[0]["thread"]["id"]
        server.op("items.feedback", thread_id=thread_id, item_ids=[events[-1]["item"]["id"]], kind="positive")
        server.op("threads.update", thread_id=thread_id, title="Renamed")
        thread, items = server.op("threads.get_by_id", thread_id=thread_id), all_items(server, thread_id)
        assert server.stop() in (0, -signal.SIGTERM)  # uvicorn gives the signal on to itself
    assert_sound(tmp_path / "chatkit.db")
    with forks.serve_app(tmp_path, APP) as server:
        assert server.op("threads.get_by_id", thread_id=thread_id) == thread
        assert all_items(server, thread_id) == items
        assert [item["type"] for item in items] == ["user_message", "assistant_message", "widget", "assistant_message"]
        assert query(tmp_path / "chatkit.db", "SELECT kind FROM feedback") == [("positive",)]


# --- SIGTERM ----------------------------------------------------------------------------------------------------------

LONG = "count to 400"  # the offline agent takes some seconds for it
SHORT = "count to 60"


@pytest.fixture(params=["forked", "own interpreter"])
def start(request: pytest.FixtureRequest, forks: Forks) -> Callable[..., Any]:
    return forks.serve if request.param == "forked" else serve


@pytest.fixture
def draining(forks: Forks, tmp_path: Path) -> Iterator[Server]:
    """``serve`` with 10 s for answers to finish."""
    with forks.serve(tmp_path, CHATKIT_DRAIN_SECONDS="10") as server:
        yield server


def begun(server: Server, text: str) -> tuple[DroppingClient, str]:
    """An answer under way, and its thread."""
    client = DroppingClient(server.endpoint, create(text))
    client.read_until(b"text_delta")
    return client, next(event for event in client.events if event["type"] == "thread.created")["thread"]["id"]


def test_sigterm_ends_an_idle_server_with_0(start: Callable[..., Any], tmp_path: Path) -> None:
    with start(tmp_path) as server:
        server.send("count to 3")
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 5
        assert "Traceback" not in server.log


def test_an_answer_under_way_finishes_before_the_server_does(draining: Server) -> None:
    client, thread_id = begun(draining, SHORT)
    with client:
        draining.process.send_signal(signal.SIGTERM)
        client.read_all()
        assert client.complete
    events = client.events
    assert events[-1]["type"] == "thread.item.done"
    assert not [event for event in events if event["type"] == "error"]
    draining.process.wait(10)
    assert text_of(events) == stored_text(draining.cwd / "chatkit.db", thread_id)
    assert "60" in text_of(events)
    assert "Traceback" not in draining.log


def test_a_draining_server_takes_no_new_runs_and_still_answers_reads(draining: Server) -> None:
    client, thread_id = begun(draining, LONG)
    with client:
        draining.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 5
        while (refused := draining.post(create("hello"))).status_code != 503:
            assert time.monotonic() < deadline
        body = refused.json()
        assert body["code"] == "draining"
        assert int(refused.headers["retry-after"]) > 0
        assert draining.op("threads.get_by_id", thread_id=thread_id)["id"] == thread_id
        assert draining.process.poll() is None


def test_an_answer_that_takes_too_long_is_interrupted_with_its_text_kept(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    with start(tmp_path, CHATKIT_DRAIN_SECONDS="0.5") as server:
        client, thread_id = begun(server, LONG)
        with client:
            server.process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            client.read_all()
            assert client.complete, "the stream was cut, not ended"
            assert time.monotonic() - started < 3
        events = client.events
        server.process.wait(10)
        error = next(event for event in events if event["type"] == "error")
        assert error["allow_retry"] is True
        stored = stored_items(tmp_path / "chatkit.db", thread_id)
        assert [item["type"] for item in stored] == ["user_message", "assistant_message"]
        assert text_of(events) == stored_text(tmp_path / "chatkit.db", thread_id) != ""
        done = [event["item"] for event in events if event["type"] == "thread.item.done"]
        assert done == stored
        runs = query(tmp_path / "chatkit.db", "SELECT status, stop_reason, ended_at FROM runs")
        assert [run[:2] for run in runs] == [("interrupted", "shutdown")]
        assert runs[0][2] is not None
        assert "Traceback" not in server.log


def test_a_second_signal_ends_the_waiting(draining: Server) -> None:
    client, thread_id = begun(draining, LONG)
    with client:
        started = time.monotonic()
        draining.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        draining.process.send_signal(signal.SIGINT)
        client.read_all()
        draining.process.wait(10)
        assert time.monotonic() - started < 6
    assert text_of(client.events) == stored_text(draining.cwd / "chatkit.db", thread_id) != ""


def test_a_reader_that_never_reads_does_not_keep_the_server_from_ending(forks: Forks, tmp_path: Path) -> None:
    with forks.serve(tmp_path, CHATKIT_DRAIN_SECONDS="0.2") as server:
        client = DroppingClient(server.endpoint, create(LONG), receive_buffer=2048)
        client.read_until(b"thread.created")
        with client:
            started = time.monotonic()
            server.stop()
            assert time.monotonic() - started < 8


def test_sigterm_at_once_after_the_start(forks: Forks, tmp_path: Path) -> None:
    with forks.serve(tmp_path) as server:
        server.stop()
        assert "Traceback" not in server.log
    assert_sound(tmp_path / "chatkit.db")
