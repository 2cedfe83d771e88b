"""TaskFlow in several processes: on one database at once, and the API and the tools apart."""

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from examples.taskflow.app import mcp_app
from examples.taskflow.settings import Settings
from tests.support import server as plain
from tests.support.forking import ROOT, Forks
from tests.support.postgres import Postgres, run_apart
from tests.support.server import Server, free_port
from tests.support.taskflow import KEY, Person, somebody, source

DOWN = "TaskFlow is not answering now: try again in a moment."


@contextmanager
def serve_tools(folder: Path, settings: dict[str, str]) -> Iterator[Server]:
    """The command that serves the tools alone."""
    port = free_port()
    command = [sys.executable, "-m", "examples.taskflow.mcp_server", "--port", str(port)]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with plain._running(command, folder, port, {**settings, "PYTHONPATH": path}) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tasks.db"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = run_apart(postgres.create_database())
    yield url
    run_apart(postgres.drop_database(url))


@pytest.fixture
def two(forks: Forks, database_url: str, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two APIs that began at the same time on a database without tables."""

    def serve(name: str) -> Server:
        folder = tmp_path / name
        folder.mkdir()
        settings = {"TASKFLOW_TOKEN_KEY": KEY, "TASKFLOW_DATABASE_URL": database_url}
        return stack.enter_context(forks.serve_app(folder, source("api_app"), **settings))

    with ExitStack() as stack, ThreadPoolExecutor(2) as threads:
        first, second = threads.map(serve, ["first", "second"])
        yield first, second


def test_numbers_have_no_gaps_when_two_processes_add_at_once(two: tuple[Server, Server]) -> None:
    alice = [Person(server.url, "alice") for server in two]

    def add(index: int) -> int:
        return alice[index % 2].add(f"task {index}")["id"]

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(add, range(60)))
    assert sorted(numbers) == list(range(1, 61))
    assert len(alice[0].get("/projects")["projects"]) == 1
    assert len(alice[0].log(limit=100)) == 60


def test_one_request_that_is_sent_to_both_adds_one_task(two: tuple[Server, Server]) -> None:
    alice = [Person(server.url, "alice") for server in two]

    def add(index: int) -> tuple[int, int]:
        body = {"title": "once", "request_id": "the same"}
        response = alice[index % 2].send("POST", "/projects/default/tasks", json=body)
        return response.status_code, response.json()["task"]["id"]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(add, range(16)))
    assert sorted(answers) == [(200, 1)] * 15 + [(201, 1)]
    assert alice[0].get()["total"] == 1


def test_one_of_many_completions_is_taken(two: tuple[Server, Server]) -> None:
    alice = [Person(server.url, "alice") for server in two]
    alice[0].add("again", recurrence="daily")

    def complete(index: int) -> int:
        return alice[index % 2].send("POST", "/projects/default/tasks/1/complete").status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(complete, range(12))) == [200] + [409] * 11
    assert alice[1].get()["total"] == 2


async def test_the_tools_call_an_api_elsewhere(forks: Forks, tmp_path: Path) -> None:
    settings = {"TASKFLOW_TOKEN_KEY": KEY}
    api_folder, mcp_folder = tmp_path / "api", tmp_path / "mcp"
    api_folder.mkdir()
    mcp_folder.mkdir()
    with forks.serve_app(api_folder, source("api_app"), **settings) as api:
        settings["TASKFLOW_API_URL"] = f"{api.url}/api/"
        settings["TASKFLOW_MCP_HOSTS"] = "tools.example, other.example"
        with serve_tools(mcp_folder, settings) as mcp:
            alice = somebody(api.url)
            async with alice.tools(url=mcp.url) as tools:
                await tools.call("add_task", title="from afar")
                assert alice.get()["tasks"][0]["title"] == "from afar"
                api.kill()
                assert await tools.fail("list_tasks") == DOWN
                assert await tools.fail("add_task", title="lost") == DOWN
            assert httpx2.get(f"{mcp.url}/api/projects", headers=alice.headers).status_code == 404
            for host, status in (("tools.example", 400), ("tools.example:8443", 400), ("else.example", 421)):
                headers = {**alice.headers, "Host": host, "Accept": "application/json, text/event-stream"}
                assert httpx2.post(f"{mcp.url}/mcp", json={}, headers=headers).status_code == status
            async with alice.tools(url=mcp.url):
                assert mcp.stop() == -signal.SIGTERM  # who is connected does not hold it up
        assert KEY not in mcp.log
        assert alice.headers["Authorization"] not in mcp.log


async def test_an_api_with_another_key_does_not_accept_the_token(forks: Forks, tmp_path: Path) -> None:
    api_folder, mcp_folder = tmp_path / "api", tmp_path / "mcp"
    api_folder.mkdir()
    mcp_folder.mkdir()
    with forks.serve_app(
        api_folder, source("api_app"), TASKFLOW_TOKEN_KEY="another key, at least as long as ours"
    ) as api:
        settings = {"TASKFLOW_TOKEN_KEY": KEY, "TASKFLOW_API_URL": f"{api.url}/api"}
        with forks.serve_app(mcp_folder, source("mcp_app"), **settings) as mcp:
            async with somebody(mcp.url).tools() as tools:
                said = await tools.fail("list_tasks")
    assert said == "TaskFlow does not accept this user's token: sign in again."


def test_the_tools_do_not_start_without_the_url_of_an_api() -> None:
    with pytest.raises(ValueError, match="TASKFLOW_API_URL must be set"):
        mcp_app(Settings())
