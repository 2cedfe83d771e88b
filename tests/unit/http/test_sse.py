"""A run to a client that reads it, that leaves, and that takes nothing."""

import asyncio
import logging
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from fastapi_chatkit.dialects.native import NativeEncoder
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import LoggedEvent
from fastapi_chatkit.http import sse
from fastapi_chatkit.http.sse import EventStream, stream_headers, whole_run

Message = MutableMapping[str, Any]


class Client:
    """An ASGI client. It takes the first ``takes`` messages and not one more, until it is told to."""

    def __init__(self, takes: int = 10**6) -> None:
        self.takes = takes
        self.sent: list[Message] = []
        self.waiting: Message | None = None
        self.left = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.detached: list[bool] = []

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if len(self.sent) >= self.takes:
            self.waiting = message
            await self.goes_on.wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def complete(self) -> bool:
        return not self.sent[-1].get("more_body", True)


class Streaming:
    """A run's log, and a client's stream of it."""

    def __init__(self, client: Client, heartbeat: float = 60.0) -> None:
        self.client = client
        self.log = MemoryEventLog()
        self.run = self.log.open("run_1", attempt=1)
        headers = stream_headers("req_1", "run_1", "thr_1")
        reader = self.log.read("run_1", None, heartbeat)
        self.response = EventStream(reader, NativeEncoder(resumable=True), client.detached.append, headers)
        self.task = asyncio.create_task(self.response({"type": "http"}, client.receive, client.send))

    async def end(self) -> None:
        self.run.append("run.ended", b"{}")
        async with asyncio.timeout(5):
            await self.task


async def read_again(log: MemoryEventLog) -> bytes:
    encoder = NativeEncoder(resumable=True)
    return b"".join([encoder.frames(batch) async for batch in log.read("run_1", None, 60)])


async def test_a_client_that_reads_gets_everything() -> None:
    streaming = Streaming(Client())
    for number in range(2000):
        streaming.run.append_text("msg_1", 0, f"{number} ")
        if number % 100 == 0:
            await asyncio.sleep(0)
    await streaming.end()
    assert streaming.client.body == await read_again(streaming.log)
    assert streaming.client.complete
    assert streaming.client.detached == [False]


async def test_large_events_are_sent_in_pieces() -> None:
    streaming = Streaming(Client())
    for _ in range(3):
        streaming.run.append("progress_update", b"x" * 500_000)
    await streaming.end()
    assert streaming.client.body == await read_again(streaming.log)
    assert max(len(message.get("body", b"")) for message in streaming.client.sent) <= 64 * 1024


async def test_a_client_that_takes_nothing_is_dropped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sse, "STALL_SECONDS", 0.1)
    caplog.set_level(logging.INFO)
    streaming = Streaming(Client(takes=2))
    for _ in range(200):
        streaming.run.append_text("msg_1", 0, "x" * 10_000)
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await streaming.task
    assert streaming.client.detached == [True]
    assert not streaming.client.complete
    assert streaming.run.followers == set()
    record = next(record for record in caplog.records if "and was dropped" in record.message)
    assert (record.levelname, record.run_id, record.request_id) == ("INFO", "run_1", "req_1")  # type: ignore[attr-defined]
    assert streaming.task.cancelling() == 0


async def test_what_waits_for_a_client_is_bounded() -> None:
    streaming = Streaming(Client(takes=1))
    for _ in range(200):
        streaming.run.append_text("msg_1", 0, "x" * 10_000)
    await asyncio.sleep(0.01)
    assert streaming.client.waiting is not None
    assert len(streaming.client.waiting["body"]) <= 64 * 1024
    streaming.client.goes_on.set()
    await streaming.end()
    assert streaming.client.body == await read_again(streaming.log)


async def test_a_slow_client_is_not_dropped_while_it_takes_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "STALL_SECONDS", 0.5)
    client = Client()
    plain_send = client.send

    async def slow_send(message: Message) -> None:
        await asyncio.sleep(0.06)
        await plain_send(message)

    client.send = slow_send
    streaming = Streaming(client)
    for _ in range(10):
        streaming.run.append("progress_update", b"x" * 40_000)
    await streaming.end()
    assert client.complete
    assert client.detached == [False]


async def test_a_silent_run_is_no_stalled_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "STALL_SECONDS", 0.05)
    streaming = Streaming(Client(), heartbeat=0.2)
    await asyncio.sleep(0.3)
    await streaming.end()
    assert b": ping" in streaming.client.body
    assert streaming.client.complete


async def test_whoever_cancels_the_response_is_heard_though_its_client_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "STALL_SECONDS", 0.05)
    streaming = Streaming(Client(takes=1))
    streaming.run.append_text("msg_1", 0, "x")
    await asyncio.sleep(0.01)
    streaming.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await streaming.task
    assert streaming.client.detached == [True]


async def test_a_client_that_leaves_ends_the_stream() -> None:
    streaming = Streaming(Client())
    streaming.run.append_text("msg_1", 0, "x")
    await asyncio.sleep(0.01)
    streaming.client.left.set()
    async with asyncio.timeout(5):
        await streaming.task
    assert streaming.client.detached == [True]


async def test_an_awaited_run_is_held_without_the_updates_on_the_way() -> None:
    log = MemoryEventLog()
    run = log.open("run_1", attempt=1)
    client = Client()
    waiting: asyncio.Task[Sequence[LoggedEvent] | None] = asyncio.create_task(
        whole_run(log.read("run_1", None, 60), client.receive, client.detached.append)
    )
    for number in range(100):
        run.append_text("msg_1", 0, f"{number} ")
    run.append("thread.item.done", b'{"item":{}}')
    run.append("run.ended", b"{}")
    events = await waiting
    assert events is not None
    assert [event.type for event in events] == ["thread.item.done", "run.ended"]
