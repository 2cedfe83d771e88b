"""Two servers on one database: what one is asked, the other does."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.postgres import Postgres, run_apart
from tests.support.server import Server, message, text_of
from tests.support.stores import migrated_database

RESUME = {"X-ChatKit-Resume": "1"}
SILENT = '''
import asyncio
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """`silent` says a word and then nothing; anything else counts slowly."""
    yield "word "
    for number in range(1000 if turn.text != "say" else 3):
        await asyncio.sleep(60 if turn.text == "silent" else 0.02)
        yield f"word{number} "
'''


@pytest.fixture(params=["sqlite", "postgres"])
def both(request: pytest.FixtureRequest, forks: Forks, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/shared.db"
        if request.param == "postgres":
            postgres: Postgres = request.getfixturevalue("postgres")
            url = run_apart(migrated_database(postgres))
            stack.callback(lambda: run_apart(postgres.drop_database(url)))
        servers: list[Server] = []
        for name in "ab":
            (tmp_path / name).mkdir()
            servers.append(stack.enter_context(forks.serve_app(tmp_path / name, SILENT, CHATKIT_DATABASE_URL=url)))
        yield servers[0], servers[1]


def begun(server: Server, text: str) -> tuple[DroppingClient, str, str]:
    """An answer under way, its thread and its run."""
    client = DroppingClient(server.endpoint, create(text), RESUME)
    client.read_until(b"text_delta")
    thread = next(event for event in client.events if event["type"] == "thread.created")["thread"]
    return client, thread["id"], client.events[0]["run_id"]


def add(thread_id: str, text: str = "say") -> dict[str, Any]:
    return {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": message(text)}}


@pytest.mark.parametrize("text", ["silent", "count"])
@pytest.mark.parametrize(
    ("ask", "end"),
    [
        (lambda server, thread_id: server.op("runs.cancel", thread_id=thread_id), ("cancelled", "cancelled")),
        (lambda server, thread_id: server.op("threads.delete", thread_id=thread_id), ("cancelled", "thread_deleted")),
    ],
    ids=["cancel", "delete"],
)
def test_an_answer_of_the_other_process_is_stopped(
    both: tuple[Server, Server], text: str, ask: Callable[[Server, str], Any], end: tuple[str, str]
) -> None:
    here, there = both
    client, thread_id, _ = begun(here, text)
    with client:
        asked = time.monotonic()
        ask(there, thread_id)
        client.read_all(10)
        assert client.complete
        assert time.monotonic() - asked < 5  # 60 s or 20 s if nobody stopped it
        assert (client.events[-1]["status"], client.events[-1]["stop_reason"]) == end


def test_a_message_waits_for_the_other_processs_answer(both: tuple[Server, Server]) -> None:
    here, there = both
    client, thread_id, run_id = begun(here, "count")
    with client, DroppingClient(there.endpoint, add(thread_id), RESUME) as second:
        second.read_until(b"progress_update")
        assert there.op("runs.get", thread_id=thread_id)["run"]["id"] == run_id
        here.op("runs.cancel", thread_id=thread_id, run_id=run_id)
        client.read_all(10)
        second.read_all(10)
        assert second.events[-1]["status"] == "completed"
    items = here.op("items.list", thread_id=thread_id, order="asc")["data"]
    assert [item["type"] for item in items] == ["user_message", "assistant_message"] * 2


def test_whoever_attaches_to_the_other_processs_answer_sees_it_grow_and_end(both: tuple[Server, Server]) -> None:
    here, there = both
    client, thread_id, run_id = begun(here, "count")
    with client, DroppingClient(there.endpoint, attach(thread_id)) as elsewhere:
        elsewhere.read_until(b"word30 ")
        assert here.op("runs.cancel", thread_id=thread_id)["run"]["id"] == run_id
        elsewhere.read_all(10)
        client.read_all(10)
    *snapshots, end = elsewhere.events
    assert {event["type"] for event in snapshots} == {"run.snapshot"}
    assert len(snapshots) > 2
    assert (end["type"], end["status"]) == ("run.ended", "cancelled")
    assert snapshots[-1]["items"][-1]["content"][0]["text"] == text_of(client.events)
    assert [item["type"] for item in snapshots[-1]["items"]] == ["user_message", "assistant_message"]
    with DroppingClient(there.endpoint, attach(thread_id, after=elsewhere.last_event_id)) as again:
        again.read_all(10)
    assert again.events[-1]["type"] == "run.ended"
    headers = {"X-User-ID": "alice", "Authorization": "Bearer x", "Last-Event-ID": elsewhere.last_event_id}
    assert there.client.get(f"{there.endpoint}/runs/{run_id}/events", headers=headers).status_code == 204


def attach(thread_id: str, **params: str) -> dict[str, Any]:
    return {"type": "runs.attach", "params": {"thread_id": thread_id, **params}}


def test_the_same_key_at_both_is_one_run(both: tuple[Server, Server]) -> None:
    headers = {**RESUME, "Idempotency-Key": "one"}
    with DroppingClient(both[0].endpoint, create("say"), headers) as first:
        first.read_until(b"text_delta")
        with DroppingClient(both[1].endpoint, create("say"), headers) as second:
            first.read_all(10)
            second.read_all(10)
    assert first.events[0]["run_id"] == second.events[0]["run_id"]
    assert second.events[-1]["status"] == "completed"
    assert len(both[1].op("threads.list")["data"]) == 1
