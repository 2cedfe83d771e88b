"""Connections that are cut wherever it hurts: several clients on one run, over real sockets, in both dialects.

Each client's pieces, put together, are byte for byte the stream of a reader that was never cut, and the text in them is
the text that is stored. Where a client cuts is drawn from a seed; when the server notices is its own affair.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Self

import pytest

from tests.support.database import stored_items
from tests.support.dropping import DroppingClient, create, submit
from tests.support.forking import Forks
from tests.support.server import Server

APP = '''
import asyncio
import random
from datetime import datetime

from chatkit import types as sdk
from chatkit.errors import CustomStreamError
from chatkit.widgets import Card, Text
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)

WORDS = (
    "plain ",
    "s\\u00fc\\u00df ",
    "\\U0001f600 ",
    "\\u2028 ",
    "\\n\\n",
    "data: x\\n\\nid: 9-9\\n\\n",
    "\\ud83d",
    "\\ude00 ",
    "\\0 ",
)


@chat.respond
async def reply(turn: Turn):
    """`talk SEED`: a second of everything; `fail SEED` fails then."""
    command, _, seed = turn.text.partition(" ")
    chance = random.Random(seed)
    base = {"thread_id": turn.thread.id, "created_at": datetime.now()}
    for number in range(5):
        for _ in range(chance.randrange(5, 25)):
            yield chance.choice(WORDS)
            await asyncio.sleep(chance.choice((0, 0, 0.005, 0.03)))
        yield "long " * chance.choice((1, 4_000))
        yield turn.progress(f"step {number}")
        yield f"end of {number}"
        turn.thread.title = f"Step {number}"
        card = Card(id="card", children=[Text(id="text", value="")])
        widget = sdk.WidgetItem(id=turn.new_id(), widget=card, **base)
        yield sdk.ThreadItemAddedEvent(item=widget)
        for _ in range(5):
            update = sdk.WidgetStreamingTextValueDelta(component_id="text", delta="grown ", done=False)
            yield sdk.ThreadItemUpdatedEvent(item_id=widget.id, update=update)
            await asyncio.sleep(0.005)
        card.children[0].value = "grown " * 5
        yield sdk.ThreadItemDoneEvent(item=widget)
        flow = sdk.WorkflowItem(id=turn.new_id(), workflow=sdk.Workflow(type="custom", tasks=[]), **base)
        yield sdk.ThreadItemAddedEvent(item=flow)
        task = sdk.CustomTask(title="look", status_indicator="complete")
        yield sdk.ThreadItemUpdatedEvent(item_id=flow.id, update=sdk.WorkflowTaskAdded(task_index=0, task=task))
        flow.workflow.tasks.append(task)
        yield sdk.ThreadItemDoneEvent(item=flow)
    yield "the last words"
    if command == "fail":
        raise CustomStreamError("The weather service is closed.", allow_retry=True)
'''

RESUME = {"X-ChatKit-Resume": "1", "X-Request-ID": "req_of_all"}
EVENTS = {"Accept": "text/event-stream"}

WAYS = ("native", "get", "either", "jsonrpc", "jsonrpc")
"""One client each; `either` comes by POST or GET as it likes."""
DIALECTS = ("native", "jsonrpc")


@pytest.fixture(scope="module")
def server(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With comments in every pause, which may be cut too."""
    settings = {"CHATKIT_HEARTBEAT_SECONDS": "0.02", "CHATKIT_COALESCE_MS": "5"}
    with forks.serve_app(tmp_path_factory.mktemp("resume"), APP, **settings) as server:
        yield server


class Live(NamedTuple):
    """A run that somebody has begun."""

    server: Server
    thread_id: str
    run_id: str


class Pieces:
    """What one client has received on all of its connections: whole frames, and nothing else counts."""

    def __init__(self, way: str, chance: random.Random) -> None:
        self.way = way
        self.frames: list[bytes] = []
        self.cuts = 0
        self._chance = chance

    @property
    def complete(self) -> bool:
        """Whether the last frame of the run is there."""
        last = b"event: result\n" if self.way == "jsonrpc" else b"event: run.ended\n"
        return bool(self.frames) and self.frames[-1].startswith(last)

    @property
    def last_id(self) -> str | None:
        """The newest offset, as a client of server-sent events keeps it."""
        return next((offset for frame in reversed(self.frames) if (offset := id_of(frame))), None)

    def take(self, connection: DroppingClient) -> None:
        """Read some bytes, then cut the connection, one way or the other."""
        connection.read_to(self._chance.randrange(1, self._chance.choice((300, 1_000, 1_000, 3_000, 3_000, 200_000))))
        assert connection.status == 200
        self.frames += whole_frames(connection.body)
        assert self.complete or not connection.complete, "a stream ended before its run"
        if self._chance.random() < 0.5:
            connection.drop()
        else:
            connection.close()

    def follow(self, run: Live) -> Self:
        """Come back until everything is there."""
        while not self.complete:
            way = self._chance.choice(WAYS[:2]) if self.way == "either" else self.way
            self.take(attach(run, way, self.last_id, receive_buffer=self._chance.choice((None, 4096))))
            self.cuts += 1
        return self


def whole_frames(body: bytes) -> list[bytes]:
    """The frames that are there to their ends, without comments."""
    return [frame for frame in body.split(b"\n\n")[:-1] if not frame.startswith(b":")]


def attach(run: Live, way: str, after: str | None = None, **options: Any) -> DroppingClient:
    if way == "get":
        headers = RESUME if after is None else {**RESUME, "Last-Event-ID": after}
        return DroppingClient(f"{run.server.endpoint}/runs/{run.run_id}/events", None, headers, **options)
    params = {"thread_id": run.thread_id, "run_id": run.run_id} | ({} if after is None else {"after": after})
    if way == "native":
        return DroppingClient(run.server.endpoint, {"type": "runs.attach", "params": params}, RESUME, **options)
    call = {"jsonrpc": "2.0", "id": 1, "method": "runs.attach", "params": params}
    return DroppingClient(run.server.endpoint, call, {**RESUME, **EVENTS}, **options)


def uncut(run: Live, way: str, after: str | None = None) -> list[bytes]:
    """The stream of a reader that stays."""
    with attach(run, way, after) as connection:
        return whole_frames(connection.read_all())


def id_of(frame: bytes) -> str | None:
    return next((line[4:].decode() for line in frame.split(b"\n") if line.startswith(b"id: ")), None)


def data_of(frame: bytes) -> dict[str, Any]:
    return json.loads(next(line for line in frame.split(b"\n") if line.startswith(b"data: "))[6:])


def texts_of(frames: list[bytes]) -> dict[str, str]:
    """The assistant's messages by id, put together from the deltas of either dialect."""
    texts: dict[str, str] = defaultdict(str)
    for frame in frames:
        data = data_of(frame)
        if frame.startswith(b"event: thread.item.delta\n"):
            texts[data["item_id"]] += data["text"]
        elif data.get("update", {}).get("type", "").endswith(".text_delta"):
            texts[data["item_id"]] += data["update"]["delta"]
    return texts


@pytest.mark.parametrize(
    ("what", "way", "status"),
    [
        ("talk", "native", "completed"),
        ("talk", "jsonrpc", "completed"),
        ("fail", "native", "failed"),
        ("cancel", "jsonrpc", "cancelled"),
    ],
)
def test_what_cut_connections_bring_is_the_whole_stream_once(server: Server, what: str, way: str, status: str) -> None:
    seed = f"{what} {way}"
    text = seed.replace("cancel", "talk")
    begin, headers = (submit(text), {**RESUME, **EVENTS}) if way == "jsonrpc" else (create(text), RESUME)
    first = Pieces(way, random.Random(seed))
    with DroppingClient(server.endpoint, begin, headers) as connection, ThreadPoolExecutor() as pool:
        connection.read_to(1)
        run = Live(server, connection.header("x-chatkit-thread-id"), connection.header("x-chatkit-run-id"))
        staying = {dialect: pool.submit(uncut, run, dialect) for dialect in DIALECTS}
        others = [Pieces(kind, random.Random(f"{seed} {number}")) for number, kind in enumerate(WAYS)]
        following = [pool.submit(client.follow, run) for client in others]
        first.take(connection)
        following.append(pool.submit(first.follow, run))
        if what == "cancel":
            with attach(run, "get") as watching:
                watching.read_until(b"end of 3")
            server.op("runs.cancel", thread_id=run.thread_id)
        streams = {dialect: reader.result(30) for dialect, reader in staying.items()}
        clients = [client.result(30) for client in following]

    for client in clients:
        assert client.frames == streams["jsonrpc" if client.way == "jsonrpc" else "native"]
    assert sum(client.cuts for client in clients) >= 50
    for dialect, stream in streams.items():
        ended = data_of(stream[-2 if dialect == "jsonrpc" else -1])
        assert (ended["run_id"], ended["status"]) == (run.run_id, status)
        numbered = stream[: len(streams["native"])]
        assert [id_of(frame) for frame in numbered] == [f"1-{number + 1}" for number in range(len(numbered))]
        assert uncut(run, dialect) == stream
        middle = len(stream) // 2
        assert uncut(run, dialect, id_of(stream[middle])) == stream[middle + 1 :]
    check_stored(run, streams)


def check_stored(run: Live, streams: dict[str, list[bytes]]) -> None:
    """The text and the items that readers have put together are those in the database."""
    items = stored_items(run.server.cwd / "chatkit.db", run.thread_id)
    visible = [item for item in items if item["type"] != "sdk_hidden_context"]
    said = {item["id"]: item["content"][0]["text"] for item in visible if item["type"] == "assistant_message"}
    assert len(said) > 1
    for stream in streams.values():
        assert texts_of(stream) == said
    done = [data_of(frame) for frame in streams["native"] if b'data: {"type":"thread.item.done"' in frame]
    assert [event["item"] for event in done] == visible
    result = data_of(streams["jsonrpc"][-1])
    assert result["id"] == 1
    if "error" not in result:
        assert result["result"] == {"threadId": run.thread_id, "items": visible}
