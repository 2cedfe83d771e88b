"""Calls of the API that go wrong on the way: one sentence for each, and nothing of the API's own words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from pydantic import SecretStr

from examples.taskflow.client import NOT_ACCEPTED, NOT_ANSWERING, APIError, TaskFlowAPI
from examples.taskflow.identity import Caller
from tests.support.server import free_port

CALLER = Caller("zoë", SecretStr("the token"))


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[tuple[TaskFlowAPI, list[bytes]]]:
    """An API that answers every request with these bytes, or never; and the requests that reach it."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is None:
            await reader.read()  # until the caller gives up
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    async with server, httpx2.AsyncClient(base_url=url) as client:
        yield TaskFlowAPI(client, timeout=0.2 if answer is None else 10), requests


def response(status: str, body: bytes, kind: bytes = b"application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\nContent-Type: ".encode()
    return head + kind + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, NOT_ANSWERING),
        (b"", NOT_ANSWERING),
        (b"220 mail.example ESMTP\r\n", NOT_ANSWERING),
        (response("200 OK", b"<html>", b"text/html"), NOT_ANSWERING),
        (response("302 Found", b""), NOT_ANSWERING),
        (response("404 Not Found", b"<html>"), NOT_ANSWERING),
        (response("404 Not Found", b'{"error": "secret"}'), NOT_ANSWERING),
        (response("422 Unprocessable", b'{"detail": [{"msg": "secret"}]}'), NOT_ANSWERING),
        (response("500 Oops", b'{"detail": "secret"}'), NOT_ANSWERING),
        (response("503 Busy", b'{"detail": "busy"}'), NOT_ANSWERING),
        (response("401 Unauthorized", b'{"detail": "secret"}'), NOT_ACCEPTED),
        (response("403 Forbidden", b""), NOT_ACCEPTED),
        (response("404 Not Found", b'{"detail": "There is no task 7."}'), "There is no task 7."),
        (response("409 Conflict", b'{"detail": "It is completed."}'), "It is completed."),
        (response("422 Unprocessable", b'{"detail": "No."}'), "No."),
    ],
)
async def test_what_goes_wrong_is_one_sentence_and_is_not_tried_again(answer: bytes | None, said: str) -> None:
    async with answering(answer) as (api, requests):
        with pytest.raises(APIError) as caught:
            await api.call(CALLER, "POST", "/projects/default/tasks", json={"title": "x"})
    assert caught.value.message == said
    assert len(requests) == 1


async def test_an_api_that_is_not_there_is_not_answering() -> None:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}/api") as client:
        with pytest.raises(APIError, match=NOT_ANSWERING):
            await TaskFlowAPI(client).call(CALLER, "GET", "/projects")


async def test_a_call_is_made_as_the_user() -> None:
    async with answering(response("200 OK", b'{"projects": []}')) as (api, requests):
        assert await api.call(CALLER, "GET", "/projects", params={"tags": ["a", "b"]}) == {"projects": []}
    lines = requests[0].decode().split("\r\n")
    assert lines[0] == "GET /api/projects?tags=a&tags=b HTTP/1.1"
    assert {"Authorization: Bearer the token", "X-User-ID: zoë", "X-TaskFlow-Via: chat"} <= set(lines)
