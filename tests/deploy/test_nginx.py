"""Streams and messages through nginx as `deploy/` has it, in front of real replicas."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from chatkit.types import AssistantMessageItem

from fastapi_chatkit.client import AsyncChatKitClient
from tests.support.dropping import DroppingClient, create
from tests.support.forking import Forks
from tests.support.nginx import Nginx, start_nginx
from tests.support.server import HEADERS, Server, free_port, message, text_of
from tests.support.upstreams import Upstream

RESUME = {"X-ChatKit-Resume": "1"}
LIMIT = 2 * 1024 * 1024
APP = '''
import asyncio, os, signal
from pathlib import Path
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn):
    """`silent` says its name and no more, `say N` N words as fast as it can, `step N` a word for each file there is;
    anything else counts slowly."""
    command, _, count = turn.text.partition(" ")
    yield f"{Path.cwd().name} "
    if command == "silent":
        await asyncio.sleep(600)
    for number in range(int(count or 1000)):
        while command == "step" and not Path(f"step{number}").exists():
            await asyncio.sleep(0.01)
        if command != "say":
            await asyncio.sleep(0.02)
        yield f"word{number} "


class DiesOnce:
    """Kills the process when a message was stored and nothing was answered yet; only the first one that gets there."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def dying(event):
            if event["type"] == "http.response.start" and b"1" in [v for k, v in scope["headers"] if k == b"x-die"]:
                try:
                    Path("../died").touch(exist_ok=False)
                except FileExistsError:
                    pass
                else:
                    os.kill(os.getpid(), signal.SIGKILL)
            await send(event)

        await self.app(scope, receive, dying if scope["type"] == "http" else send)


app.add_middleware(DiesOnce)


@app.get("/readyz")
async def readyz():
    await chat.check()
    return {"status": "ok"}
'''

Replicas = Callable[[int], list[Server]]


@pytest.fixture
def replicas(forks: Forks, tmp_path: Path) -> Iterator[Replicas]:
    """Starts so many servers on one database."""
    with ExitStack() as stack:

        def start(count: int) -> list[Server]:
            env = {"CHATKIT_DATABASE_URL": f"sqlite:///{tmp_path}/shared.db", "CHATKIT_AUTH": "trust"}
            started: list[Server] = []
            for number in range(count):
                folder = tmp_path / f"replica{number}"
                folder.mkdir()
                started.append(stack.enter_context(forks.serve_app(folder, APP, **env)))
            return started

        yield start


@pytest.fixture
def proxied(replicas: Replicas) -> Iterator[tuple[Server, str]]:
    """One replica, and the endpoint of the nginx in front of it."""
    (server,) = replicas(1)
    with start_nginx([port_of(server)]) as nginx:
        yield server, f"{nginx.url}/chatkit"


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def attach(thread_id: str) -> dict[str, object]:
    return {"type": "runs.attach", "params": {"thread_id": thread_id}}


def thread_of(client: DroppingClient) -> str:
    return next(event for event in client.events if event["type"] == "thread.created")["thread"]["id"]


# --- streams ----------------------------------------------------------------------------------------------------------


def test_a_token_is_not_held_back(proxied: tuple[Server, str]) -> None:
    server, endpoint = proxied
    with DroppingClient(endpoint, create("step 5"), {"Accept-Encoding": "gzip"}) as client:
        client.read_until(b"replica0 ")
        for number in range(4):
            (server.cwd / f"step{number}").touch()
            client.read_until(f"word{number} ".encode())  # the agent waits for what is done when it has arrived
        assert not client.complete
        assert client.header("content-type").startswith("text/event-stream")
        assert client.header("x-accel-buffering") == "no"
        assert b"content-encoding" not in client.head.lower()


def test_a_long_replay_comes_whole_to_a_slow_reader(proxied: tuple[Server, str]) -> None:
    server, endpoint = proxied
    thread_id = server.send("say 20000")[0]["thread"]["id"]
    with (
        DroppingClient(server.endpoint, attach(thread_id)) as direct,
        DroppingClient(endpoint, attach(thread_id), receive_buffer=4096) as through,
    ):
        direct.read_all()
        while not through.complete:
            through.receive(size=2000)
    assert through.complete
    assert through.body == direct.body
    assert len(through.body) > 150_000


def test_a_client_that_does_not_read_holds_up_its_replica_and_fills_no_file() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    with (
        socket.create_server(("127.0.0.1", 0)) as replica,
        start_nginx([replica.getsockname()[1]]) as nginx,
        DroppingClient(f"{nginx.url}/chatkit", {}, receive_buffer=4096) as client,
    ):
        connection, _ = replica.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(head)
            while not client.head:  # which comes before there is a body
                client.receive()
            assert taken_of(connection, 64 * 1024 * 1024) < 48 * 1024 * 1024  # what the sockets hold


def taken_of(connection: socket.socket, size: int) -> int:
    """How much of so many bytes is sent before nothing is taken for a second."""
    connection.settimeout(1)
    taken = 0
    with contextlib.suppress(TimeoutError):
        while taken < size:
            taken += connection.send(b": ping\n\n" * 8192)
    return taken


def test_a_client_of_http_1_0_gets_a_stream(proxied: tuple[Server, str]) -> None:
    host, _, port = proxied[1].removeprefix("http://").removesuffix("/chatkit").partition(":")
    content = json.dumps(create("say 3")).encode()
    lines = ["POST /chatkit HTTP/1.0", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in HEADERS.items()]
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.split()[1] == b"200"
    assert b"transfer-encoding" not in head.lower()
    assert body.startswith(b"data: ")
    assert b"thread.item.done" in body.split(b"\n\n")[-2]


def test_a_client_that_leaves_is_gone_for_the_replica(proxied: tuple[Server, str]) -> None:
    server, endpoint = proxied
    with DroppingClient(endpoint, create("silent")) as client:
        client.read_until(b"replica0 ")
        client.drop()
    thread_id = thread_of(client)
    deadline = time.monotonic() + 10  # the first heartbeat, which nobody would take, comes after 15 s
    while (run := server.op("runs.get", thread_id=thread_id)["run"])["status"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (run["status"], run["stop_reason"]) == ("cancelled", "disconnected")


async def test_a_client_that_can_come_back_survives_the_death_of_its_replica(replicas: Replicas) -> None:
    servers = replicas(2)
    with start_nginx(map(port_of, servers)) as nginx:
        async with (
            AsyncChatKitClient(f"{nginx.url}/chatkit", user="alice", token="t") as client,
            client.send("count") as answer,
        ):
            said = ""
            async for text in answer.text():
                said += text
                if "word80 " in said:  # after 1.6 s: what it said in the first of them is in the database
                    break
            servers[int(said.startswith("replica1 "))].kill()
            events = [event async for event in answer.json()]
            assert answer.outcome is not None
            assert (answer.outcome.status, answer.outcome.stop_reason) == ("interrupted", "crashed")
            items = await client.items.list(answer.thread_id, order="asc")
    assert [event["type"] for event in events][-1] == "run.ended"
    question, kept = items.data
    assert question.type == "user_message"
    assert isinstance(kept, AssistantMessageItem)
    assert said.startswith(kept.content[0].text[:60])
    assert "word10 " in kept.content[0].text


def test_open_streams_go_on_when_the_replicas_change(replicas: Replicas) -> None:
    first, second = replicas(2)
    with start_nginx([port_of(first)]) as nginx:
        with DroppingClient(f"{nginx.url}/chatkit", create("count 100"), RESUME) as client:
            client.read_until(b"word3 ")
            nginx.reload([port_of(second)])
            with DroppingClient(f"{nginx.url}/chatkit", create("say 1"), RESUME) as new:
                new.read_all()
            client.read_all()
        assert client.complete
        assert client.events[-1]["status"] == "completed"
    assert text_of(client.events).startswith("replica0 ")
    assert text_of(new.events) == "replica1 word0 "


# --- a message is stored once -----------------------------------------------------------------------------------------


def test_a_message_that_reached_a_replica_is_not_sent_to_another() -> None:
    with Upstream(deaf=True) as dying, Upstream() as other, start_nginx([dying.port, other.port]) as nginx:
        answers = [httpx2.post(f"{nginx.url}/chatkit", content=b"{}") for _ in range(4)]
    assert (len(dying.received), len(other.received)) == (1, 3)
    (response,) = [answer for answer in answers if answer.status_code != 200]
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    problem = response.json()
    assert set(problem) == {"detail", "code", "request_id"}
    assert problem["code"] == "overloaded"
    assert problem["request_id"] == response.headers["X-Request-ID"]


def test_what_changes_nothing_is_asked_of_another_replica() -> None:
    with Upstream(deaf=True) as dying, Upstream() as other, start_nginx([dying.port, other.port]) as nginx:
        for number in range(4):
            assert httpx2.get(f"{nginx.url}/chatkit/runs/run_{number}/events").status_code == 200
    assert len(dying.received) == 1  # and is left alone for a while
    assert len(other.received) == 4


def test_a_message_goes_to_another_replica_when_one_cannot_be_connected_to() -> None:
    with Upstream() as other, start_nginx([free_port(), other.port, free_port()]) as nginx:
        for number in range(6):
            body = str(number).encode()
            assert httpx2.post(f"{nginx.url}/chatkit", content=body).status_code == 200
    assert [request.body for request in other.received] == [b"0", b"1", b"2", b"3", b"4", b"5"]


async def test_a_client_repeats_its_message_under_its_key_and_it_is_stored_once(replicas: Replicas) -> None:
    servers = replicas(2)
    with start_nginx(map(port_of, servers)) as nginx:
        transport = Marking(httpx2.AsyncHTTPTransport())
        client = AsyncChatKitClient(f"{nginx.url}/chatkit", user="alice", token="t", transport=transport)
        async with client, client.send("count") as answer:  # attached to the run of the dead replica
            threads = await client.threads.list()
            items = await client.items.list(answer.thread_id)
    assert [server.process.poll() is None for server in servers].count(False) == 1
    assert [thread.id for thread in threads.data] == [answer.thread_id]
    assert [item.type for item in items.data] == ["user_message"]


class Marking(httpx2.AsyncBaseTransport):
    """Asks the replica that gets a request to die of it, once."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["X-Die"] = "1"
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
def test_the_largest_body_passes_and_one_byte_more_does_not(proxied: tuple[Server, str], chunked: bool) -> None:
    server, endpoint = proxied
    for size, status in ((LIMIT, 422), (LIMIT + 1, 413)):
        body = b'{"type": "x", "params": {}}'.ljust(size)
        content = iter([body]) if chunked else body
        through = server.client.post(endpoint, content=content, headers=HEADERS)
        direct = server.post(body)
        assert (through.status_code, direct.status_code) == (status, status)
        answers = [response.json() for response in (through, direct)]
        assert answers[0].pop("request_id") == through.headers["X-Request-ID"]
        del answers[1]["request_id"]
        assert answers[0] == answers[1]


def test_a_token_as_long_as_the_replicas_take_passes(proxied: tuple[Server, str]) -> None:
    server, endpoint = proxied
    headers = {**HEADERS, "Authorization": f"Bearer {'t' * 16384}"}
    body = {"type": "threads.list", "params": {}}
    assert server.client.post(endpoint, json=body, headers=headers).status_code == 200


def test_what_the_replica_is_told_of_the_caller() -> None:
    with Upstream() as upstream, start_nginx([upstream.port]) as nginx:
        claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-User-ID": "ålice".encode()}
        with httpx2.Client() as client:
            for request_id in ("one", "no good", ""):
                headers = list({**claims, "X-Request-ID": request_id, "Connection": "close"}.items())
                client.get(f"{nginx.url}/chatkit", headers=headers)
    first, *others = [request.headers for request in upstream.received]
    assert first["X-Forwarded-For"] == "127.0.0.1"
    assert first["X-Forwarded-Proto"] == "http"
    assert first["X-Forwarded-Host"] == first["Host"] == nginx.url.removeprefix("http://")
    assert first["X-User-ID"].encode("latin-1").decode() == "ålice"
    assert first["Connection"] is None
    assert first["X-Request-ID"] == "one"
    assert all(len(other["X-Request-ID"]) == 32 for other in others)


def test_connections_to_a_replica_are_used_again() -> None:
    with Upstream() as upstream, start_nginx([upstream.port]) as nginx, httpx2.Client() as client:
        for _ in range(20):
            client.post(f"{nginx.url}/chatkit", content=b"{}")
    assert len(upstream.received) == 20
    assert len({request.peer for request in upstream.received}) == 1


def test_probes(replicas: Replicas) -> None:
    (server,) = replicas(1)
    with start_nginx([port_of(server)]) as nginx:
        assert httpx2.get(f"{nginx.url}/readyz").json()["status"] == "ok"
        assert httpx2.get(f"{nginx.url}/nginx-health").text == "ok\n"
        assert httpx2.get(f"{nginx.url}/docs").status_code == 200
        assert httpx2.get(f"{nginx.url}/metrics").status_code == 404
        server.kill()
        assert httpx2.get(f"{nginx.url}/readyz").status_code == 502
        assert httpx2.get(f"{nginx.url}/nginx-health").text == "ok\n"


# --- who is calling ---------------------------------------------------------------------------------------------------


def test_the_lines_that_verify_replace_what_the_client_claims() -> None:
    with (
        Upstream(headers={"X-User-ID": "alice", "Content-Length": "2"}) as verifier,
        Upstream() as replica,
        Nginx([replica.port], verifier=verifier.port) as nginx,
    ):
        endpoint = f"{nginx.url}/chatkit"
        headers = {"X-User-ID": "bob", "Authorization": "Bearer of-alice"}
        assert httpx2.post(endpoint, content=b"{}", headers=headers).status_code == 200
        verifier.headers = {}  # verified, but does not say who it is
        assert httpx2.post(endpoint, content=b"{}", headers=headers).status_code == 200
        verifier.status = 401
        assert httpx2.post(endpoint, content=b"{}", headers=headers).status_code == 401
        assert httpx2.get(f"{endpoint}/runs/run_1/events", headers=headers).status_code == 401
        assert httpx2.get(f"{nginx.url}/verify", headers=headers).status_code == 404
    assert [request.headers.get_all("X-User-ID") for request in replica.received] == [["alice"], None]
    assert {request.headers["Authorization"] for request in verifier.received} == {"Bearer of-alice"}
    assert {request.body for request in verifier.received} == {b""}
    assert [request.body for request in replica.received] == [b"{}", b"{}"]


def test_the_components_files_are_for_anybody_where_callers_are_verified() -> None:
    with (
        Upstream(status=401) as verifier,
        Upstream() as replica,
        Nginx([replica.port], verifier=verifier.port) as nginx,
    ):
        assert httpx2.get(f"{nginx.url}/chatkit/ui/chatkit.js", headers={"X-User-ID": "bob"}).status_code == 200
        assert httpx2.post(f"{nginx.url}/chatkit", content=b"{}").status_code == 401
    assert [request.headers.get_all("X-User-ID") for request in replica.received] == [None]


def test_as_it_ships_it_passes_on_what_the_client_claims(proxied: tuple[Server, str]) -> None:
    """What the configuration warns of; should it change, the warning goes."""
    server, endpoint = proxied
    body = {"type": "threads.create", "params": {"input": message("say 1")}}
    server.client.post(endpoint, json=body, headers={**HEADERS, "X-User-ID": "bob"})
    assert len(server.op("threads.list", {**HEADERS, "X-User-ID": "bob"})["data"]) == 1
    assert server.op("threads.list")["data"] == []
    assert text_of(server.send("say 1")) == "replica0 word0 "
