"""HTTP and SSE from the client's side: frames however they are cut, failures with what to do about them."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.cli.terminal.failures import Broken, ClientFailure, Refused, Unreachable
from fastapi_chatkit.cli.terminal.fields import Json
from fastapi_chatkit.cli.terminal.transport import Connection
from tests.unit.cli.fake_server import FakeServer

URL = "http://chat.example/chatkit"
EVENTS: list[dict[str, Any]] = [
    {"type": "progress_update", "text": "größer\u2028als 🙂"},
    {"type": "notice", "level": "info", "message": "a\nb"},
    {"type": "error", "code": "custom", "message": "x" * 200},
]
FRAMES = b"".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode() for event in EVENTS)


class Wire(httpx2.AsyncBaseTransport):
    """Answers every request with ``chunks``, each a read of its own, then with ``error`` if there is one."""

    def __init__(
        self,
        chunks: list[bytes],
        status: int = 200,
        error: Exception | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.requests: list[httpx2.Request] = []
        self.closed = False
        self._chunks = chunks
        self._status = status
        self._error = error
        self._headers = {"Content-Type": "text/event-stream"} | (headers or {})

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(self._status, headers=self._headers, stream=Body(self))

    async def read(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._error is not None:
            raise self._error


class Body(httpx2.AsyncByteStream):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._wire.read()

    async def aclose(self) -> None:
        self._wire.closed = True


def connect(wire: httpx2.AsyncBaseTransport | None, url: str = URL, user: str = "ada") -> Connection:
    return Connection(url, user=user, token="secret", locale="de-DE", transport=wire)


async def stream(wire: Wire) -> list[dict[str, Json]]:
    async with connect(wire) as connection:
        return [event.raw async for event in connection.stream("threads.create", {"input": {}})]


async def failure_of(wire: Wire | None, url: str = URL) -> ClientFailure:
    async with connect(wire, url) as connection:
        with pytest.raises(ClientFailure) as caught:
            await connection.call("threads.list", {})
        return caught.value


async def test_events_are_whole_whichever_byte_they_are_cut_at() -> None:
    for at in range(len(FRAMES)):
        assert await stream(Wire([FRAMES[:at], FRAMES[at:]])) == EVENTS


async def test_events_are_whole_when_every_byte_comes_alone() -> None:
    assert await stream(Wire([bytes([byte]) for byte in FRAMES])) == EVENTS


async def test_carriage_returns_comments_ids_and_names_are_no_events() -> None:
    lines = (
        b": ping\r\n\r\nid: 1-1\r\nevent: run.started\r\n"
        + FRAMES.replace(b"\n", b"\r\n")
        + b":\r\n\r\nretry: 5\r\n\r\n"
    )
    assert await stream(Wire([lines[:9], lines[9:30], lines[30:]])) == EVENTS


async def test_what_is_no_json_object_is_passed_over() -> None:
    noise = b"data: {broken\n\ndata: [1]\n\ndata: " + b"[" * 100_000 + b"\n\ndata:\n\n"
    assert await stream(Wire([noise, FRAMES, b'data: {"type": "cut off'])) == EVENTS


async def test_an_event_of_ten_megabytes_arrives() -> None:
    event = {"type": "notice", "message": "x" * 10_000_000}
    frame = f"data: {json.dumps(event)}\n\n".encode()
    assert await stream(Wire([frame[start : start + 65_536] for start in range(0, len(frame), 65_536)])) == [event]


@given(st.text(max_size=20), st.lists(st.integers(1, 40), max_size=8))
def test_any_text_survives_any_cut(text: str, sizes: list[int]) -> None:
    import asyncio

    event = {"type": "notice", "message": text}
    frame = f"data: {json.dumps(event)}\n\n".encode()
    chunks, start = list[bytes](), 0
    for size in [*sizes, len(frame)]:
        chunks.append(frame[start : start + size])
        start += size
    assert asyncio.run(stream(Wire(chunks))) == [event]


async def test_a_request_carries_who_asks_and_in_which_language() -> None:
    wire = Wire([FRAMES])
    await stream(wire)
    (request,) = wire.requests
    assert request.headers["x-user-id"] == "ada"
    assert request.headers["authorization"] == "Bearer secret"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-language"] == "de-DE"
    assert json.loads(request.content) == {"type": "threads.create", "params": {"input": {}}}


async def test_a_name_outside_ascii_is_sent_as_utf_8() -> None:
    wire = Wire([b"{}"])
    async with connect(wire, user="Zoë") as connection:
        await connection.call("threads.list", {})
    assert dict(wire.requests[0].headers.raw)[b"X-User-ID"] == "Zoë".encode()


async def test_closing_the_events_hangs_up() -> None:
    wire = Wire([FRAMES, FRAMES])
    async with connect(wire) as connection, aclosing(connection.stream("threads.create", {})) as events:
        await anext(events)
        assert not wire.closed
        await events.aclose()
        assert wire.closed


async def test_a_refusal_says_why_and_what_to_do() -> None:
    body = json.dumps({"detail": "The token is not valid", "code": "invalid_token", "request_id": "r"}).encode()
    wire = Wire([body], status=401)
    with pytest.raises(Refused) as caught:
        await stream(wire)
    assert caught.value.message == "The token is not valid (invalid_token, 401)"
    assert caught.value.hint == "Pass a valid token with --token or CHATKIT_TOKEN."
    assert wire.closed


@pytest.mark.parametrize(
    ("status", "body", "headers", "hint"),
    [
        (429, {"code": "rate_limited", "detail": "Too many"}, {"Retry-After": "7"}, "Try again in 7 s."),
        (404, {"detail": "Not Found"}, {}, f"Is {URL} the address of a ChatKit endpoint? See --url."),
        (307, {}, {}, f"Is {URL} the address of a ChatKit endpoint? See --url."),
        (403, {}, {}, "See --user and --token (CHATKIT_TOKEN)."),
        (500, {"code": "internal", "request_id": "req_7"}, {}, "The server's log says more: request req_7"),
        (502, {}, {}, "The server's log says more."),
        (422, {"code": "invalid_request", "detail": "Wrong"}, {}, ""),
    ],
)
async def test_each_refusal_has_its_hint(
    status: int, body: dict[str, Json], headers: dict[str, str], hint: str
) -> None:
    failure = await failure_of(Wire([json.dumps(body).encode()], status=status, headers=headers))
    assert isinstance(failure, Refused)
    assert (failure.status, failure.hint) == (status, hint)


async def test_invalid_parameters_are_listed() -> None:
    body = {
        "code": "invalid_request",
        "detail": "Wrong",
        "errors": [{"path": "params.limit", "message": "is negative"}],
    }
    failure = await failure_of(Wire([json.dumps(body).encode()], status=422))
    assert failure.message == "Wrong (invalid_request, 422)\n  params.limit: is negative"


@pytest.mark.parametrize("reply", [b"<html>", b"[]", b""])
async def test_a_reply_that_is_no_chatkit_is_called_that(reply: bytes) -> None:
    assert "did not answer as a ChatKit server" in (await failure_of(Wire([reply]))).message


async def test_a_stream_that_is_none_is_called_that() -> None:
    with pytest.raises(Broken, match="did not answer as a ChatKit server"):
        await stream(Wire([b"<html>"], headers={"Content-Type": "text/html"}))


@pytest.mark.parametrize("error", [httpx2.ReadError("x"), httpx2.RemoteProtocolError("x"), httpx2.ReadTimeout("x")])
async def test_a_connection_lost_in_the_middle_can_be_tried_again(error: Exception) -> None:
    with pytest.raises(Broken) as caught:
        await stream(Wire([FRAMES], error=error))
    assert caught.value.retry


async def test_no_server_is_an_invitation_to_start_one() -> None:
    failure = await failure_of(None, "http://127.0.0.1:9/chatkit")
    assert isinstance(failure, Unreachable)
    assert failure.text == "No server at http://127.0.0.1:9/chatkit.\nStart one with: fastapi-chatkit serve"


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    async with connect(None, fake.url) as connection:
        assert (await connection.call("threads.list", {})).children("data") == []
