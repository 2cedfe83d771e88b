"""``fastapi-chatkit runs``: from another terminal than the server's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.database import stored_text
from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.server import Server, message

RESUME = {"X-ChatKit-Resume": "1"}


def runs(cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "fastapi_chatkit.cli.main", "runs", *args]
    return subprocess.run(words, capture_output=True, text=True, cwd=cwd, timeout=60)


@pytest.fixture
def answering(forks: Forks, tmp_path: Path) -> Iterator[tuple[Server, DroppingClient, str]]:
    """A server in the middle of an answer, its reader, and the thread."""
    with forks.serve(tmp_path) as server, DroppingClient(server.endpoint, create("count to 400"), RESUME) as client:
        client.read_until(b"text_delta")
        thread = next(event for event in client.events if event["type"] == "thread.created")["thread"]
        yield server, client, thread["id"]


def test_a_run_is_listed_and_cancelled(answering: tuple[Server, DroppingClient, str]) -> None:
    server, client, thread_id = answering
    run_id = client.events[0]["run_id"]
    follow = {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": message("thanks")}}
    with DroppingClient(server.endpoint, follow, RESUME) as second:
        second.read_until(b"progress_update")
        listed = runs(server.cwd, "ls")
        head, *rows = (line.split() for line in listed.stdout.splitlines())
        assert head == ["RUN", "STATUS", "FOR", "USER", "THREAD"]
        assert [row[0] for row in rows] == [run_id, second.events[0]["run_id"]]
        assert [row[1] for row in rows] == ["running", "queued"]
        assert {(row[-2], row[-1]) for row in rows} == {("alice", thread_id)}
        found = [json.loads(line) for line in runs(server.cwd, "ls", "--json", "--limit", "1").stdout.splitlines()]
        assert [run["id"] for run in found] == [run_id]
        done = runs(server.cwd, "cancel", run_id)
        assert (done.returncode, done.stdout) == (0, f"{run_id} cancelled (cancelled)\n")
        client.read_all()
        assert client.events[-1]["status"] == "cancelled"
        second.read_all()
        assert second.events[-1]["status"] == "completed"
    assert stored_text(server.cwd / "chatkit.db", thread_id).startswith("Here we go.")
    assert runs(server.cwd, "ls").stdout == "Nothing is being answered.\n"


def test_a_run_that_does_not_go_on(answering: tuple[Server, DroppingClient, str]) -> None:
    server, _, _ = answering
    done = runs(server.cwd, "cancel", "run_unknown")
    assert done.returncode == 1
    assert "No run run_unknown goes on" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = runs(tmp_path, "ls")
    assert done.returncode == 1
    assert "There is no database sqlite:///./chatkit.db" in done.stderr
    assert not list(tmp_path.iterdir())
    assert runs(tmp_path, "ls", "--database-url", "").returncode == 1
    assert runs(tmp_path, "cancel").returncode == 2
