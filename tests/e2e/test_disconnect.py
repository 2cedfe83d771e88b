"""What a dropped connection does to the answer under way, and what readers and agents can do to each other."""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.support.database import query, stored_items, stored_text
from tests.support.dropping import DroppingClient, create, submit
from tests.support.forking import Forks
from tests.support.server import HEADERS, Server, parse_native, text_of

APP = '''
import asyncio
import os
import time

from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn
from fastapi_chatkit.http import sse

sse.STALL_SECONDS = float(os.environ.get("STALL_SECONDS", sse.STALL_SECONDS))
app = FastAPI()
chat = ChatKit(app)
states = {}


@app.get("/agents")
async def agents():
    return states


@chat.respond
async def reply(turn: Turn):
    """`slow N` says a word every 50 ms; `big N` says N times 100 kB; `spin S` never awaits for S seconds, and
    `spin-events S` neither, in other events than text; `stubborn N` is `slow` and takes no notice of being cancelled;
    `silent` says something and then nothing, `flood` 4 MB and then nothing; `tidy` takes 0.3 s to clean up."""
    command, _, rest = turn.text.partition(" ")
    state = states[turn.thread.id] = {"state": "running", "yielded": 0}
    try:
        if command in ("spin", "spin-events"):
            end = time.monotonic() + float(rest)
            while time.monotonic() < end:
                yield "spinning " if command == "spin" else turn.progress("spinning")
        elif command in ("silent", "flood"):
            yield "said " if command == "silent" else "x" * 4_000_000
            await asyncio.sleep(60)
        else:
            for index in range(int(rest)):
                try:
                    await asyncio.sleep(0.0 if command == "big" else 0.05)
                except asyncio.CancelledError:
                    if command != "stubborn":
                        raise
                yield "x" * 100_000 if command == "big" else f"word{index} "
                state["yielded"] += 1
        state["state"] = "finished"
    except (asyncio.CancelledError, GeneratorExit):
        if command == "tidy":
            await asyncio.sleep(0.3)
        state["state"] = "stopped"
        state["at"] = time.time()
        raise
'''

NOTE = "The user cancelled the stream. Stop responding to the prior request."
RESUME = {"X-ChatKit-Resume": "1"}
DEADLINE = 1.0


@pytest.fixture(scope="module")
def cancelling(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The default: a dropped connection cancels."""
    with forks.serve_app(tmp_path_factory.mktemp("cancelling"), APP) as server:
        yield server


@pytest.fixture(scope="module")
def impatient(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that drops a client which takes nothing for a second."""
    with forks.serve_app(tmp_path_factory.mktemp("impatient"), APP, STALL_SECONDS="1") as server:
        yield server


@pytest.fixture(scope="module")
def continuing(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with forks.serve_app(tmp_path_factory.mktemp("continuing"), APP, CHATKIT_ON_DISCONNECT="continue") as server:
        yield server


def thread_of(client: DroppingClient) -> str:
    client.read_until(b"thread.created")
    return next(event for event in client.events if event["type"] == "thread.created")["thread"]["id"]


def newest_thread(server: Server, known: set[str]) -> str:
    """The thread that came after the known ones."""
    return eventually(lambda: next((t for t in threads_of(server) if t not in known), None))


def threads_of(server: Server) -> set[str]:
    return {thread["id"] for thread in server.op("threads.list", limit=100)["data"]}


def state_of(server: Server, thread_id: str) -> dict[str, Any]:
    return server.client.get(f"{server.url}/agents").json().get(thread_id, {})


def run_of(server: Server, thread_id: str) -> tuple[Any, ...]:
    rows = query(server.cwd / "chatkit.db", "SELECT status, stop_reason FROM runs WHERE thread_id = ?", thread_id)
    return rows[-1]


def eventually(answer: Callable[[], Any], timeout: float = 10) -> Any:
    """The first true answer."""
    deadline = time.monotonic() + timeout
    while not (found := answer()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


def wait_for_end(server: Server, thread_id: str) -> tuple[Any, ...]:
    """The run's status and stop reason, once it has ended."""
    return eventually(lambda: (run := run_of(server, thread_id))[0] != "running" and run)


def assert_stopped(server: Server, thread_id: str, dropped_at: float, received: str) -> None:
    """The agent was stopped in time; its text and a hidden note are kept."""
    state = eventually(lambda: (s := state_of(server, thread_id)).get("state") == "stopped" and s)
    assert state["at"] - dropped_at < DEADLINE
    assert wait_for_end(server, thread_id) == ("cancelled", "disconnected")
    kept = stored_text(server.cwd / "chatkit.db", thread_id)
    assert kept.startswith(received)
    assert kept == "".join(f"word{index} " for index in range(state["yielded"]))
    stored = stored_items(server.cwd / "chatkit.db", thread_id)
    assert [item["type"] for item in stored] == ["user_message", "assistant_message", "sdk_hidden_context"]
    assert stored[-1]["content"] == NOTE
    visible = server.op("items.list", thread_id=thread_id, order="asc")["data"]
    assert visible == stored[:2]
    assert NOTE not in str(server.op("threads.get_by_id", thread_id=thread_id))


def assert_continued(server: Server, thread_id: str, words: int, received: str) -> None:
    """The answer was completed and nothing hidden is there."""
    assert wait_for_end(server, thread_id) == ("completed", None)
    kept = stored_text(server.cwd / "chatkit.db", thread_id)
    assert kept == "".join(f"word{index} " for index in range(words))
    assert kept.startswith(received)
    stored = stored_items(server.cwd / "chatkit.db", thread_id)
    assert [item["type"] for item in stored] == ["user_message", "assistant_message"]


# --- streams ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leave", [DroppingClient.close, DroppingClient.drop], ids=["closed", "reset"])
def test_a_dropped_connection_stops_the_agent_and_keeps_the_text(
    cancelling: Server, leave: Callable[[DroppingClient], None]
) -> None:
    client = DroppingClient(cancelling.endpoint, create("slow 200"))
    thread_id = thread_of(client)
    client.read_until(b"word5 ")
    dropped_at = time.time()
    leave(client)
    assert_stopped(cancelling, thread_id, dropped_at, text_of(client.events))


def test_the_next_turn_of_a_stopped_thread_works(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("slow 200")) as client:
        thread_id = thread_of(client)
        client.read_until(b"word1 ")
    wait_for_end(cancelling, thread_id)
    assert text_of(cancelling.send("slow 2", thread_id)) == "word0 word1 "
    types = [item["type"] for item in cancelling.op("items.list", thread_id=thread_id, order="asc")["data"]]
    assert types == ["user_message", "assistant_message"] * 2


def test_a_connection_dropped_in_silence_stops_the_agent(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("silent")) as client:
        thread_id = thread_of(client)
        client.read_until(b"said ")
    dropped_at = time.time()
    state = eventually(lambda: (s := state_of(cancelling, thread_id)).get("state") == "stopped" and s)
    assert state["at"] - dropped_at < DEADLINE
    wait_for_end(cancelling, thread_id)
    assert stored_text(cancelling.cwd / "chatkit.db", thread_id) == "said "


def test_a_connection_dropped_before_any_text_leaves_no_empty_message(cancelling: Server) -> None:
    known = threads_of(cancelling)
    DroppingClient(cancelling.endpoint, create("slow 200")).close()
    thread_id = newest_thread(cancelling, known)
    assert wait_for_end(cancelling, thread_id)[0] == "cancelled"
    stored = stored_items(cancelling.cwd / "chatkit.db", thread_id)
    assert stored[0]["type"] == "user_message"
    assert stored[-1]["type"] == "sdk_hidden_context"
    assert all(item["content"][0]["text"].strip() for item in stored if item["type"] == "assistant_message")


def test_an_agent_that_ignores_being_cancelled_is_stopped_all_the_same(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("stubborn 100")) as client:
        thread_id = thread_of(client)
        client.read_until(b"word2 ")
    dropped_at = time.monotonic()
    assert wait_for_end(cancelling, thread_id)[0] == "cancelled"
    assert time.monotonic() - dropped_at < DEADLINE + 0.5


def test_an_agent_may_clean_up_while_it_is_stopped(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("tidy 100")) as client:
        thread_id = thread_of(client)
        client.read_until(b"word2 ")
    dropped_at = time.time()
    assert_stopped(cancelling, thread_id, dropped_at, text_of(client.events))


def test_with_continue_the_answer_completes(continuing: Server) -> None:
    with DroppingClient(continuing.endpoint, create("slow 20")) as client:
        thread_id = thread_of(client)
        client.read_until(b"word3 ")
    assert_continued(continuing, thread_id, 20, text_of(client.events))
    stored = [item["type"] for item in stored_items(continuing.cwd / "chatkit.db", thread_id)]
    assert stored == ["user_message", "assistant_message"]  # and nothing hidden: nobody stopped it


def test_a_client_that_can_resume_never_cancels(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("slow 20"), RESUME) as client:
        thread_id = thread_of(client)
        client.read_until(b"word3 ")
    assert_continued(cancelling, thread_id, 20, text_of(client.events))


def test_a_stream_that_is_read_to_its_end_says_what_is_stored(cancelling: Server) -> None:
    events = cancelling.send("slow 5")
    thread_id = events[0]["thread"]["id"]
    assert text_of(events) == stored_text(cancelling.cwd / "chatkit.db", thread_id)
    assert_continued(cancelling, thread_id, 5, text_of(events))
    assert events[-1]["item"] == stored_items(cancelling.cwd / "chatkit.db", thread_id)[-1]


def test_a_deleted_thread_stops_its_run_and_ends_its_stream(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("slow 200")) as client:
        thread_id = thread_of(client)
        client.read_until(b"word1 ")
        started = time.monotonic()
        assert cancelling.op("threads.delete", thread_id=thread_id) == {}
        client.read_all()
        assert client.complete
        assert time.monotonic() - started < DEADLINE + 0.5
    assert stored_items(cancelling.cwd / "chatkit.db", thread_id) == []


# --- JSON-RPC clients that wait for the result ------------------------------------------------------------------------


def leave_while_waiting(server: Server, text: str, headers: dict[str, str] | None = None) -> str:
    """Ask for a result, wait until the answer is under way, leave; the thread."""
    known = threads_of(server)
    with DroppingClient(server.endpoint, submit(text), {"Accept": "application/json", **(headers or {})}):
        thread_id = newest_thread(server, known)
        eventually(lambda: state_of(server, thread_id).get("yielded", 0) >= 3)
    return thread_id


def test_a_waiting_client_that_leaves_stops_the_agent(cancelling: Server) -> None:
    thread_id = leave_while_waiting(cancelling, "slow 200")
    assert_stopped(cancelling, thread_id, time.time(), "word0 word1 word2 ")


def test_a_waiting_client_that_leaves_changes_nothing_with_continue(continuing: Server) -> None:
    thread_id = leave_while_waiting(continuing, "slow 20")
    assert_continued(continuing, thread_id, 20, "")


def test_a_waiting_client_that_can_resume_never_cancels(cancelling: Server) -> None:
    thread_id = leave_while_waiting(cancelling, "slow 20", RESUME)
    assert_continued(cancelling, thread_id, 20, "")


def test_a_jsonrpc_stream_that_is_dropped_stops_the_agent(cancelling: Server) -> None:
    known = threads_of(cancelling)
    with DroppingClient(cancelling.endpoint, submit("slow 200"), {"Accept": "text/event-stream"}) as client:
        thread_id = newest_thread(cancelling, known)
        client.read_until(b"word3 ")
        dropped_at = time.time()
    assert_stopped(cancelling, thread_id, dropped_at, "word0 word1 word2 ")


# --- readers and agents that are hard on others -----------------------------------------------------------------------


def lateness_of_a_slow_stream(server: Server, words: int = 20) -> float:
    """The longest wait between two words that are said 50 ms apart, beyond those 50 ms, in seconds."""
    arrivals: list[float] = []
    with DroppingClient(server.endpoint, create(f"slow {words}")) as client:
        for index in range(words):
            client.read_until(f"word{index} ".encode())
            arrivals.append(time.monotonic())
        client.read_all()
    return max(later - earlier for earlier, later in itertools.pairwise(arrivals)) - 0.05


def test_a_reader_that_never_reads_holds_nobody_up(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("big 150"), receive_buffer=4096) as stuck:
        thread_id = thread_of(stuck)
        assert lateness_of_a_slow_stream(cancelling) < 0.5
        assert wait_for_end(cancelling, thread_id) == ("completed", None)  # not even its own answer
        assert cancelling.op("threads.list", limit=1)["data"]
    assert stored_text(cancelling.cwd / "chatkit.db", thread_id) == "x" * 15_000_000
    types = [item["type"] for item in stored_items(cancelling.cwd / "chatkit.db", thread_id)]
    assert types == ["user_message", "assistant_message"]


def test_a_reader_that_reads_late_gets_everything(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("big 60"), receive_buffer=4096) as late:
        thread_id = thread_of(late)
        wait_for_end(cancelling, thread_id)
        text = text_of(parse_native(late.read_all()))
    assert text == "x" * 6_000_000


@pytest.mark.alone
@pytest.mark.parametrize("command", ["spin", "spin-events"])
def test_an_agent_that_never_awaits_starves_nobody(cancelling: Server, command: str) -> None:
    with DroppingClient(cancelling.endpoint, create(f"{command} 1.5")) as spinner:
        reads: list[float] = []
        done = threading.Event()

        def read() -> None:
            with httpx2.Client(timeout=30) as client:
                while not done.is_set():
                    started = time.monotonic()
                    body = b'{"type":"threads.list","params":{"limit":5}}'
                    assert client.post(cancelling.endpoint, content=body, headers=HEADERS).status_code == 200
                    reads.append(time.monotonic() - started)
                    time.sleep(0.02)

        reader = threading.Thread(target=read)
        reader.start()
        assert lateness_of_a_slow_stream(cancelling) < 0.5
        done.set()
        reader.join()
        assert len(reads) > 5
        assert max(reads) < 1.0
        assert len(spinner.read_all()) > 0


def test_an_agent_that_never_awaits_is_stopped_too(cancelling: Server) -> None:
    with DroppingClient(cancelling.endpoint, create("spin 20")) as client:
        thread_id = thread_of(client)
        client.read_until(b"spinning ")
    dropped_at = time.monotonic()
    assert wait_for_end(cancelling, thread_id) == ("cancelled", "disconnected")
    assert time.monotonic() - dropped_at < DEADLINE + 1
    assert stored_text(cancelling.cwd / "chatkit.db", thread_id).startswith(text_of(client.events))


def test_a_client_that_takes_nothing_is_dropped_and_its_run_stopped(impatient: Server) -> None:
    known = threads_of(impatient)
    with DroppingClient(impatient.endpoint, create("flood"), receive_buffer=4096) as client:
        thread_id = newest_thread(impatient, known)
        assert wait_for_end(impatient, thread_id) == ("cancelled", "disconnected")
        assert run_of(impatient, thread_id) == ("cancelled", "disconnected")
        client.read_all()
        assert not client.complete, "what was on its way comes, and then the end of the connection"
    assert "Traceback" not in impatient.log


def test_a_client_that_was_dropped_for_taking_nothing_resumes_by_id(impatient: Server) -> None:
    with DroppingClient(impatient.endpoint, create("big 40"), RESUME, receive_buffer=4096) as client:
        client.read_until(b"thread.created")
        thread_id = next(event for event in client.events if event["type"] == "thread.created")["thread"]["id"]
        assert wait_for_end(impatient, thread_id) == ("completed", None)
        time.sleep(2.5)  # a client that is on its way to being dropped may not read meanwhile
        client.read_all()
        assert not client.complete
        first, last = client.events, re.findall(rb"^id: (\S+)$", client.body.rpartition(b"\n\n")[0], re.MULTILINE)[-1]
    attach = {"type": "runs.attach", "params": {"thread_id": thread_id, "after": last.decode()}}
    with DroppingClient(impatient.endpoint, attach, RESUME) as again:
        again.read_all()
        assert again.complete
        assert text_of(first + again.events) == "x" * 4_000_000


def test_many_connections_dropped_at_once_leave_nothing_running(cancelling: Server) -> None:
    clients = [DroppingClient(cancelling.endpoint, create("slow 200")) for _ in range(20)]
    threads = [thread_of(client) for client in clients]
    for client in clients:
        client.read_until(b"word0 ")
    for client in clients:
        client.close()
    dropped_at = time.monotonic()
    for thread_id in threads:
        assert wait_for_end(cancelling, thread_id) == ("cancelled", "disconnected")
    assert time.monotonic() - dropped_at < 3
    assert "Traceback" not in cancelling.log
