"""HTTP and SSE from the client's side: frames however they are cut, requests as servers want them."""

import json
import subprocess
import sys
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi_chatkit.client import AsyncChatKitClient, BadReply, Broken, Busy, Conflict, NotFound, Refused, Unauthorized
from fastapi_chatkit.client.errors import refusal
from tests.unit.cli.fake_server import FakeServer
from tests.unit.client.scripted import SOON, URL, Body, Json, Server, frame, refused, reset

EVENTS: list[Json] = [
    {"type": "progress_update", "text": "größer\u2028als 🙂"},
    {"type": "notice", "level": "info", "message": "a\nb"},
    {"type": "error", "code": "custom", "message": "x" * 200},
]
FRAMES = b"".join(map(frame, EVENTS))


async def stream(*chunks: bytes) -> list[Json]:
    server = Server([], lambda _: Body(chunks), runs=False)
    async with server.client() as client, client.send("hello") as answer:
        return [event async for event in answer.json()]


async def test_events_are_whole_when_every_byte_comes_alone() -> None:
    assert await stream(*(bytes([byte]) for byte in FRAMES)) == EVENTS


async def test_carriage_returns_comments_ids_and_names_are_no_events() -> None:
    lines = (
        b": ping\r\n\r\nid: 1-1\r\nevent: run.started\r\n"
        + FRAMES.replace(b"\n", b"\r\n")
        + b":\r\n\r\nretry: 5\r\n\r\n"
    )
    assert await stream(lines[:9], lines[9:30], lines[30:]) == EVENTS


async def test_what_is_no_json_object_is_passed_over() -> None:
    noise = b"data: {broken\n\ndata: [1]\n\ndata: " + b"[" * 100_000 + b"\n\ndata:\n\n"
    assert await stream(noise, FRAMES, b'data: {"type": "cut off"}\n') == EVENTS


async def test_an_event_of_ten_megabytes_arrives() -> None:
    event = {"type": "notice", "message": "x" * 10_000_000}
    whole = frame(event)
    assert await stream(*(whole[start : start + 65_536] for start in range(0, len(whole), 65_536))) == [event]


@settings(deadline=None)
@given(st.text(max_size=20), st.lists(st.integers(1, 40), max_size=8))
def test_any_text_survives_any_cut(text: str, sizes: list[int]) -> None:
    import asyncio

    event = {"type": "notice", "message": text}
    whole = frame(event)
    chunks, start = list[bytes](), 0
    for size in [*sizes, len(whole)]:
        chunks.append(whole[start : start + size])
        start += size
    assert asyncio.run(stream(*chunks)) == [event]


async def test_a_request_carries_who_asks_what_for_and_in_which_language() -> None:
    server = Server()
    async with AsyncChatKitClient(
        URL, user="Zoë", token="secret", locale="de-DE", metadata={"project": 1, "name": "a"}, transport=server
    ) as client:
        async with client.send("hello", metadata={"name": "b"}) as answer:
            await answer.final_text()
        await client.runs.cancel("thr_1")
    (headers, body), (call_headers, call) = server.requests
    assert dict(headers.raw)[b"X-User-ID"] == "Zoë".encode()
    assert headers["authorization"] == "Bearer secret"
    assert headers["content-type"] == "application/json"
    assert headers["accept-language"] == "de-DE"
    assert headers["x-chatkit-resume"] == "1"
    assert headers["accept"] == "text/event-stream"
    assert headers["idempotency-key"] != call_headers["idempotency-key"]
    message = {"content": [{"type": "input_text", "text": "hello"}], "attachments": [], "inference_options": {}}
    metadata = {"project": 1, "name": "b"}
    assert body == {"type": "threads.create", "params": {"input": message}, "metadata": metadata}
    assert call == {"type": "runs.cancel", "params": {"thread_id": "thr_1"}, "metadata": {"project": 1, "name": "a"}}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (409, Conflict),
        (500, Refused),
        (307, Refused),
    ],
)
async def test_a_refusal_is_of_its_kind_and_says_why(status: int, kind: type[Refused]) -> None:
    server = Server((), refused(status, "reason"), refused(status, "reason"))
    async with server.client() as client:
        with pytest.raises(Refused) as called:
            await client.threads.list()
        with pytest.raises(Refused) as streamed:
            async with client.send("hello"):
                pass
    for error in (called.value, streamed.value):
        assert type(error) is kind
        assert (error.status, error.code, error.detail, error.request_id) == (status, "reason", "No", "req_7")
        assert str(error) == f"No (reason, {status})"


async def test_invalid_fields_are_listed_and_what_is_none_is_no_refusals_field() -> None:
    problems: list[Any] = [{"path": "params.limit", "message": "is negative"}, 3, {"path": 4}]
    error = refusal(422, json.dumps({"detail": ["x"], "code": 5, "errors": problems}).encode(), {})
    assert [(one.path, one.message) for one in error.errors] == [("params.limit", "is negative"), ("", "")]
    assert (error.code, error.detail) == ("", "The server answered with HTTP status 422.")
    for body in (b"<html>", b"[]", b"[" * 100_000, b'{"errors": 1}'):
        assert refusal(502, body, {"X-Request-ID": "r"}).request_id == "r"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("", None), ("soon", None), ("-1", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("²", None)],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert refusal(503, b"", {"Retry-After": header}).retry_after == seconds


@pytest.mark.parametrize("reply", [b"<html>", b"[]", b""])
async def test_a_reply_that_is_no_chatkit_is_called_that(reply: bytes) -> None:
    async with Server((), httpx2.Response(200, content=reply)).client() as client:
        with pytest.raises(BadReply, match="did not answer as a ChatKit server"):
            await client.threads.list()


async def test_a_reply_that_is_another_models_is_called_that() -> None:
    async with Server((), httpx2.Response(200, json={"data": [{"id": 1}]})).client() as client:
        with pytest.raises(BadReply, match=r"threads\.list"):
            await client.threads.list()


async def test_a_stream_that_is_none_is_called_that() -> None:
    async with Server(
        (), httpx2.Response(200, text="<html>", headers={"Content-Type": "text/html"})
    ).client() as client:
        with pytest.raises(BadReply, match="no event stream, but 'text/html'"):
            async with client.send("hello"):
                pass


async def test_what_only_reads_is_asked_again_and_what_changes_something_is_not() -> None:
    page = {"data": [], "has_more": False}
    busy = refused(503, "overloaded", {"Retry-After": "0"})
    draining = refused(503, "draining", {"Retry-After": "0"})
    seen = [httpx2.ReadError("x"), busy, httpx2.Response(200, json=page), httpx2.ReadError("x"), busy, draining]
    server = Server((), *seen)
    async with server.client() as client:
        assert not (await client.threads.list()).data
        with pytest.raises(Broken):
            await client.threads.delete("thr_1")
        with pytest.raises(Busy):  # it may have been done all the same
            await client.threads.delete("thr_1")
        server.replies["threads.delete"] = {}
        await client.threads.delete("thr_1")  # which has certainly not been begun
    assert server.operations == ["threads.list"] * 3 + ["threads.delete"] * 4


async def test_a_busy_server_that_does_not_say_when_is_not_asked_again() -> None:
    server = Server((), refused(503, "not_initialized"))
    async with server.client() as client:
        with pytest.raises(Busy):
            await client.threads.list()


async def test_a_refusal_whose_body_breaks_is_a_broken_connection() -> None:
    broken = httpx2.Response(500, stream=Body([b'{"det'], reset))
    async with Server((), broken, refused(404)).client() as client:
        with pytest.raises(Broken):
            async with client.send("hello"):
                pass


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    async with AsyncChatKitClient(fake.url, user="ada", token="x", patience=SOON) as client:
        assert not (await client.threads.list()).data


def test_without_httpx2_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['httpx2'] = None; import fastapi_chatkit.client"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("fastapi_chatkit.client needs httpx2: pip install 'fastapi-chatkit[client]'\n")


@pytest.mark.parametrize(
    ("url", "user", "token"),
    [
        ("ftp://x/chatkit", "a", "b"),
        ("http:///chatkit", "a", "b"),
        ("chatkit", "a", "b"),
        (URL, " ", "b"),
        (URL, "a\r\nX-User-ID: b", "b"),
        (URL, "a", ""),
    ],
)
def test_what_no_request_can_carry_is_refused_at_once(url: str, user: str, token: str) -> None:
    with pytest.raises(ValueError, match=r"must be printable|is no http"):
        AsyncChatKitClient(url, user=user, token=token)
