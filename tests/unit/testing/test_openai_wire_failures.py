"""What goes wrong on purpose: the official client raises what it raises for OpenAI, and nothing hangs."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
    OpenAI,
    RateLimitError,
)

from fastapi_chatkit.testing import (
    Answer,
    Drop,
    Ending,
    Failure,
    Malformed,
    OpenAIWireServer,
    Stall,
    StreamError,
    Text,
    ToolCall,
)

APIS = ("responses", "chat")


def call(client: OpenAI, api: str, **options: Any) -> Any:
    options = {"model": "gpt-test", **options}
    if api == "responses":
        return client.responses.create(input="Hi", **options)
    return client.chat.completions.create(messages=[{"role": "user", "content": "Hi"}], **options)


def deltas(client: OpenAI, api: str, **options: Any) -> Iterator[str]:
    """The text deltas of a streamed answer."""
    for event in call(client, api, stream=True, **options):
        if api == "responses" and event.type == "response.output_text.delta":
            yield event.delta
        elif api == "chat" and event.choices[0].delta.content:
            yield event.choices[0].delta.content


def read_until(client: OpenAI, api: str, error: type[APIError]) -> list[str]:
    """The text deltas that come before an error."""
    seen: list[str] = []
    with pytest.raises(error):
        seen.extend(deltas(client, api))
    return seen


def wait_for_outcome(server: OpenAIWireServer, outcome: str) -> None:
    deadline = time.monotonic() + 5
    while server.requests[-1].outcome != outcome and time.monotonic() < deadline:
        time.sleep(0.005)
    assert server.requests[-1].outcome == outcome


# --- HTTP errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("failure", "error", "code"),
    [
        (Failure(401), AuthenticationError, "invalid_api_key"),
        (Failure(404), NotFoundError, "model_not_found"),
        (Failure(429, "Slow down.", retry_after=7), RateLimitError, "rate_limit_exceeded"),
        (Failure(429, code="insufficient_quota", type="insufficient_quota"), RateLimitError, "insufficient_quota"),
        (Failure(500), InternalServerError, None),
    ],
)
def test_http_errors_are_the_clients_typed_errors(
    server: OpenAIWireServer,
    client: OpenAI,
    api: str,
    stream: bool,
    failure: Failure,
    error: type[APIStatusError],
    code: str | None,
) -> None:
    server.load([failure])
    with pytest.raises(error) as raised:
        call(client, api, stream=stream)
    assert raised.value.code == code
    assert str(raised.value.request_id).startswith("req_")
    assert raised.value.response.headers.get("retry-after") == ("7" if failure.retry_after else None)
    assert raised.value.response.json()["error"].keys() == {"message", "type", "param", "code"}


def test_the_client_retries_by_itself_and_each_attempt_takes_a_reply(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Failure(503, retry_after=0.01), "Hello"])
    assert list(deltas(client.with_options(max_retries=1), "responses")) == ["Hello"]
    assert [request.headers["x-stainless-retry-count"] for request in server.requests] == ["0", "1"]


def test_the_client_can_be_told_not_to_retry(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Failure(500, retry=False), "Hello"])
    with pytest.raises(InternalServerError):
        call(client.with_options(max_retries=1), "responses")
    assert server.remaining == 1


@pytest.mark.parametrize("api", APIS)
def test_a_script_that_has_run_out_says_so_at_once(server: OpenAIWireServer, client: OpenAI, api: str) -> None:
    server.load(["Hello"])
    call(client, api)
    with pytest.raises(InternalServerError, match="no more replies: 1 were given, and this is request 2") as raised:
        call(client.with_options(max_retries=5), api)
    assert raised.value.code == "script_exhausted"
    assert len(server.requests) == 2


@pytest.mark.parametrize("api", APIS)
def test_a_model_or_key_that_is_not_known_is_refused(api: str) -> None:
    with OpenAIWireServer("Hello", models=["gpt-test"], api_key="sk-right") as server:
        with OpenAI(base_url=server.base_url, api_key="sk-right", max_retries=0) as client:
            assert list(deltas(client, api)) == ["Hello"]
            assert [model.id for model in client.models.list()] == ["gpt-test"]
            with pytest.raises(NotFoundError, match="`gpt-other` does not exist") as raised:
                call(client, api, model="gpt-other")
            assert raised.value.code == "model_not_found"
            with pytest.raises(NotFoundError):
                client.models.retrieve("gpt-other")
        with OpenAI(base_url=server.base_url, api_key="sk-wrong", max_retries=0) as stranger:
            with pytest.raises(AuthenticationError):
                call(stranger, api)
            with pytest.raises(AuthenticationError):
                stranger.models.list()


# --- errors in mid-stream -----------------------------------------------------------------------------------------


def test_response_failed_ends_the_stream(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([StreamError("Boom.", "server_error", after="Hel")])
    *_, delta, last = call(client, "responses", stream=True)
    assert (delta.type, delta.delta) == ("response.output_text.delta", "Hel")
    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert (last.response.error.code, last.response.error.message) == ("server_error", "Boom.")


def test_the_bare_error_event_ends_the_stream(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([StreamError("Boom.", "rate_limit_exceeded", event="error", after="Hel")])
    *_, last = call(client, "responses", stream=True)
    assert (last.type, last.code, last.message) == ("error", "rate_limit_exceeded", "Boom.")


def test_an_error_in_a_chat_stream_is_raised(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([StreamError("Boom.", after="Hel")])
    stream = deltas(client, "chat")
    assert next(stream) == "Hel"
    with pytest.raises(APIError, match=r"Boom\.") as raised:
        next(stream)
    assert raised.value.code == "server_error"


@pytest.mark.parametrize("api", APIS)
def test_an_error_without_a_stream_is_http_500(server: OpenAIWireServer, client: OpenAI, api: str) -> None:
    server.load([StreamError("Boom.")])
    with pytest.raises(InternalServerError, match="Boom"):
        call(client, api)


@pytest.mark.parametrize("api", APIS)
def test_a_dropped_connection_is_a_connection_error(
    server: OpenAIWireServer, client: OpenAI, api: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.load([Drop(after="Hel"), Drop(after="Hel"), "Hello"])
    assert read_until(client, api, APIConnectionError) == ["Hel"]
    with pytest.raises(APIConnectionError):
        call(client, api)
    assert list(deltas(client, api)) == ["Hello"]
    assert [request.outcome for request in server.requests] == ["cut", "cut", "complete"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_drop_can_leave_a_tool_call_open(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Answer("Wait.", ToolCall("f", '{"a": 1'), end=Drop())])
    types: list[str] = []
    with pytest.raises(APIConnectionError):
        types.extend(event.type for event in call(client, "responses", stream=True))
    assert types[-1] == "response.function_call_arguments.delta"
    assert types.count("response.output_item.done") == 1


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("stream", [True, False])
def test_a_malformed_reply_is_no_json(server: OpenAIWireServer, client: OpenAI, api: str, stream: bool) -> None:
    server.load([Malformed(after="Hel")])
    with pytest.raises(json.JSONDecodeError):
        list(call(client, api, stream=stream))


# --- silence ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", APIS)
def test_a_stall_runs_into_the_clients_timeout(server: OpenAIWireServer, client: OpenAI, api: str) -> None:
    server.load([Stall(after="Hel"), Stall()])
    impatient = client.with_options(timeout=0.25)
    assert read_until(impatient, api, APITimeoutError) == ["Hel"]
    wait_for_outcome(server, "client_left")
    with pytest.raises(APITimeoutError):
        call(impatient, api)
    wait_for_outcome(server, "client_left")


def test_a_stall_has_a_limit(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Stall("Hel", limit=0.05)])
    assert read_until(client, "responses", APIConnectionError) == ["Hel"]
    wait_for_outcome(server, "cut")


@pytest.mark.anyio
async def test_a_client_that_stops_reading_is_noticed(server: OpenAIWireServer, async_client: AsyncOpenAI) -> None:
    server.load([Text("tick ", delay=0.01, repeat=1000)])
    async with await async_client.responses.create(model="gpt-test", input="Hi", stream=True) as stream:
        async for event in stream:
            if event.type == "response.output_text.delta":
                break
        assert server.requests[0].outcome == "open"
    wait_for_outcome(server, "client_left")


@pytest.mark.parametrize("ending", [Stall(), Text("tick ", delay=5, repeat=100)])
def test_stopping_the_server_does_not_wait_for_open_streams(ending: Ending | Text) -> None:
    with OpenAIWireServer(ending) as server, OpenAI(base_url=server.base_url, api_key="k", max_retries=0) as client:
        stream = call(client, "responses", stream=True)
        assert next(iter(stream)).type == "response.created"
        before = time.monotonic()
        server.stop()
        assert time.monotonic() - before < 3
        with pytest.raises(APIConnectionError):
            list(stream)
