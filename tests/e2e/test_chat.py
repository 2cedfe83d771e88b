"""The terminal client against a real server: it comes back, goes on with what is under way, and stops it."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.support.cutting import Cutting, cutting
from tests.support.database import query
from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.server import FUNCTION_APP, HEADERS, Server
from tests.unit.cli.fake_server import FakeServer
from tests.unit.cli.test_chat_command import RUN, person

RESUME = {"X-ChatKit-Resume": "1"}
WORDS = "".join(f"word{index} " for index in range(60))


@pytest.fixture(scope="module")
def server(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with forks.serve_app(tmp_path_factory.mktemp("chat"), FUNCTION_APP) as server:
        yield server


def at(server: Server) -> FakeServer:
    """What ``person`` needs of a server: its address."""
    return FakeServer(server.endpoint)


def runs_of(server: Server, user: str) -> list[tuple[str, ...]]:
    statement = "SELECT runs.status FROM runs JOIN threads ON threads.id = runs.thread_id WHERE threads.user_id = ?"
    return query(server.cwd / "chatkit.db", statement, user)


async def ask(url: str, user: str, question: str) -> tuple[int | None, str, str]:
    """``fastapi-chatkit chat QUESTION``: its exit code, and what it wrote."""
    command = [sys.executable, "-c", RUN, "--user", user, question]
    environment = {**os.environ, "CHATKIT_URL": url}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=environment)
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


async def test_an_answer_over_a_network_that_fails_is_printed_once(server: Server) -> None:
    async with cutting(server, [900, 600, 1000, 700, 1500, 2000]) as network:
        assert await ask(network.url, "commuter", "slow 60") == (0, f"{WORDS}\n", "")
        assert network.cut >= 3


def test_ctrl_c_stops_the_run_and_keeps_its_text(server: Server) -> None:
    with person(at(server), "--user", "stopper") as (ada, process):
        ada.sees("›")
        ada.type("slow 1000\r")
        ada.sees("word5 ")
        ada.type("\x03")
        ada.sees("stopped")
        ada.type("say 2\r")
        ada.sees("word0 word1\n")
        ada.type("\x04")
        ada.leaves(process)
    assert runs_of(server, "stopper") == [("cancelled",), ("completed",)]


def test_a_thread_whose_answer_goes_on_is_shown_going_on(server: Server) -> None:
    headers = {**HEADERS, **RESUME, "X-User-ID": "returner"}
    with DroppingClient(server.endpoint, create("slow 60"), headers) as client:
        client.read_until(b"word10 ")
    with person(at(server), "--user", "returner") as (ada, process):
        ada.sees("› slow 60")
        ada.sees("Ctrl-C stops")
        ada.sees("word59")
        ada.type("say 1\r")
        ada.sees("word0\n")
        ada.type("/quit\r")
        ada.leaves(process)
        words = " ".join(ada.screen.split("› slow 60")[1].split("› say 1")[0].split())
    assert words == WORDS.rstrip()


def test_a_person_sees_that_it_reconnects_and_then_the_rest(server: Server) -> None:
    away = threading.Event()
    loop = asyncio.new_event_loop()

    async def proxy() -> None:
        async with cutting(server) as network:
            networks.append(network)
            ready.set()
            await asyncio.to_thread(away.wait)
            network.away = True
            await network.close()
            await asyncio.to_thread(seen.wait)
            network.away = False
            await asyncio.to_thread(done.wait)

    networks: list[Cutting] = []
    ready, seen, done = threading.Event(), threading.Event(), threading.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(proxy(),))
    thread.start()
    try:
        assert ready.wait(10)
        with person(FakeServer(networks[0].url), "--user", "traveller") as (ada, process):
            ada.sees("›")
            ada.type("slow 60\r")
            ada.sees("word3 ")
            away.set()
            ada.sees("reconnecting")
            seen.set()
            ada.sees("word59")
            ada.type("\x04")
            ada.leaves(process)
            assert "reconnecting" not in ada.screen
            assert " ".join(ada.screen.split()).count(WORDS.rstrip()) == 1
    finally:
        for event in (away, seen, done):
            event.set()
        thread.join(10)
        loop.close()
