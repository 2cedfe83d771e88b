"""Where replies come from, what is recorded of requests, and how the server is started."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from openai import InternalServerError, OpenAI

from fastapi_chatkit.testing import (
    Answer,
    OpenAIWireServer,
    Reply,
    Script,
    Text,
    ToolCall,
    ToolCalls,
    WireRequest,
    wire_app,
)


def say(client: OpenAI, text: str = "Hi") -> str:
    return client.responses.create(model="gpt-test", input=text).output_text


# --- scripts ------------------------------------------------------------------------------------------------------


def test_replies_are_used_up_in_order(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load(["one", Text("two")])
    server.add(Answer("three"))
    assert [say(client) for _ in range(3)] == ["one", "two", "three"]
    assert server.remaining == 0


def test_one_reply_answers_every_request(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load("always")
    assert [say(client) for _ in range(3)] == ["always"] * 3
    with pytest.raises(TypeError, match="constant reply"):
        server.add("more")


def test_a_function_chooses_the_reply(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load(lambda request: f"{request.model} heard {request.user_text}")
    assert say(client, "Hello") == "gpt-test heard Hello"


def test_the_function_may_be_async(server: OpenAIWireServer, client: OpenAI) -> None:
    async def respond(request: WireRequest) -> Reply:
        return Text(request.user_text.upper())

    server.load(respond)
    assert say(client, "loud") == "LOUD"


@pytest.mark.parametrize(("result", "reason"), [(None, "not None"), (ZeroDivisionError("oops"), "oops")])
def test_a_function_that_fails_is_reported_to_the_client(
    server: OpenAIWireServer, client: OpenAI, result: Any, reason: str
) -> None:
    def respond(request: WireRequest) -> Reply:
        if isinstance(result, Exception):
            raise result
        return result

    server.load(respond)
    with pytest.raises(InternalServerError, match=reason) as raised:
        say(client.with_options(max_retries=5))
    assert raised.value.code == "script_failed"
    assert len(server.requests) == 1


def test_an_empty_answer_is_an_answer(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Answer()] * 2)
    assert client.responses.create(model="gpt-test", input="Hi").output == []
    completion = client.chat.completions.create(model="gpt-test", messages=[{"role": "user", "content": "Hi"}])
    assert completion.choices[0].message.content == ""


# --- requests -----------------------------------------------------------------------------------------------------


def test_requests_are_recorded_and_keys_are_not_printed(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load(["Hello"])
    say(client, "Hi there")
    (request,) = server.requests
    assert (request.api, request.path, request.json["input"]) == ("responses", "/v1/responses", "Hi there")
    assert (request.model, request.stream, request.outcome) == ("gpt-test", False, "complete")
    assert request.headers["authorization"] == request.headers["Authorization"] == "Bearer sk-test"
    assert "sk-test" not in repr(request)
    assert "<redacted>" in repr(request)
    server.load([])
    assert server.requests == []


def test_what_tests_ask_for_reads_the_same_in_both_apis(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load("Hello")
    function = {"name": "get_weather", "parameters": {}}
    tools: Any = [{"type": "function", **function}, {"type": "web_search"}]
    client.responses.create(
        model="gpt-test",
        tools=tools,
        input=[
            {"role": "user", "content": "First"},
            {"role": "user", "content": [{"type": "input_text", "text": "Se"}, {"type": "input_text", "text": "cond"}]},
            {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
        ],
    )
    tools = [{"type": "function", "function": function}]
    messages: Any = [
        {"role": "user", "content": [{"type": "text", "text": "Second"}]},
        {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    client.chat.completions.create(model="gpt-test", tools=tools, messages=messages)
    for request in server.requests:
        assert request.user_text == "Second"
        assert request.tool_names == ["get_weather"]
        assert request.tool_outputs == {"call_1": "sunny"}


def test_requests_from_many_threads_are_all_answered(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load(lambda request: request.user_text)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(say(client, str(n)))) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, answers)) == list(range(16))


# --- servers ------------------------------------------------------------------------------------------------------


def test_a_server_can_come_back_on_its_port() -> None:
    server = OpenAIWireServer("Hello")
    with pytest.raises(RuntimeError, match="no port yet"):
        _ = server.base_url
    with server:
        first = server.base_url
        with pytest.raises(RuntimeError, match="running already"):
            server.start()
    with server, OpenAI(base_url=first, api_key="k", max_retries=0) as client:
        assert server.base_url == first
        assert say(client) == "Hello"


def test_without_uvicorn_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi_chatkit.testing.wire.uvicorn_server", None)
    with pytest.raises(ImportError, match=r"pip install 'fastapi-chatkit\[cli\]'"):
        OpenAIWireServer().start()


@pytest.mark.anyio
async def test_the_application_runs_anywhere() -> None:
    script = Script([ToolCalls(ToolCall("f"))])
    transport = httpx2.ASGITransport(wire_app(script))
    async with httpx2.AsyncClient(transport=transport, base_url="http://wire") as client:
        reply = await client.post("/v1/responses", json={"model": "gpt-test", "input": "Hi", "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert "event: response.completed\n" in reply.text
    assert len(script.requests) == 1


@contextmanager
def by_hand(*arguments: str) -> Iterator[str]:
    command = [sys.executable, "-m", "fastapi_chatkit.testing.wire", "--port", "0", "--delay", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline()
        finally:
            process.terminate()


@pytest.mark.parametrize(("arguments", "answer"), [((), "You said: Hi there"), (("--reply", "Moo"), "Moo")])
def test_by_hand_it_repeats_what_it_is_told(arguments: tuple[str, ...], answer: str) -> None:
    with by_hand(*arguments) as line:
        settings = dict(word.split("=", 1) for word in line.split()[1:])
        assert settings["OPENAI_API_KEY"] == "anything"
        with OpenAI(base_url=settings["OPENAI_BASE_URL"], api_key="k") as client:
            assert say(client, "Hi there") == answer
