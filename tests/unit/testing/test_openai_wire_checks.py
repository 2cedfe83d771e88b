"""Requests that OpenAI would refuse are refused, with its status, code and parameter."""

from typing import Any

import httpx2
import pytest
from openai import BadRequestError, OpenAI

from fastapi_chatkit.testing import OpenAIWireServer

USER = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
CALLING = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f"}}]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "ok"}


def content(*types: str) -> list[dict[str, str]]:
    return [{"type": kind, "text": "Hi"} for kind in types]


def post(server: OpenAIWireServer, path: str, body: Any) -> httpx2.Response:
    server.load("Hello")
    return httpx2.post(f"{server.base_url}/{path}", json=body)


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"input": "Hi"}, "model", "Missing required parameter: 'model'."),
        ({"model": 1, "input": "Hi"}, "model", "expected a string, but got int"),
        ({"model": "m"}, "input", "Missing required parameter: 'input'."),
        ({"model": "m", "input": {"a": 1}}, "input", "Invalid type for 'input'"),
        ({"model": "m", "input": "Hi", "stream": "yes"}, "stream", "Invalid type for 'stream'"),
        ({"model": "m", "input": [{"role": "robot", "content": "Hi"}]}, "input[0].role", "Invalid value: 'robot'"),
        ({"model": "m", "input": [{"role": "user", "content": content("text")}]}, "input[0].content[0].type", "'text'"),
        (
            {"model": "m", "input": [USER, {"role": "assistant", "content": content("output_text", "input_text")}]},
            "input[1].content[1].type",
            "Supported values are: 'output_text', 'refusal'.",
        ),
        ({"model": "m", "input": [USER, OUTPUT]}, "input", "No tool call found for function call output"),
        ({"model": "m", "input": [USER, CALL]}, "input", "No tool output found for function call call_1."),
        ({"model": "m", "input": "Hi", "tools": [{"type": "function", "function": {}}]}, "tools[0].name", "Missing"),
    ],
)
def test_responses_refuses(server: OpenAIWireServer, body: dict[str, Any], param: str, words: str) -> None:
    reply = post(server, "responses", body)
    error = reply.json()["error"]
    assert (reply.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert words in error["message"]


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"messages": [USER]}, "model", "Missing required parameter: 'model'."),
        ({"model": "m"}, "messages", "Missing required parameter: 'messages'."),
        ({"model": "m", "messages": []}, "messages", "empty array"),
        ({"model": "m", "messages": [{"content": "Hi"}]}, "messages[0].role", "Invalid value: 'None'"),
        ({"model": "m", "messages": [USER], "n": 2}, "n", "one choice"),
        (
            {"model": "m", "messages": [{"role": "user", "content": content("input_text")}]},
            "messages[0].content[0].type",
            "Invalid value: 'input_text'",
        ),
        ({"model": "m", "messages": [USER, RESULT]}, "messages[1].role", "must be a response to a preceeding message"),
        ({"model": "m", "messages": [USER, CALLING]}, "messages", "did not have response messages: call_1"),
        ({"model": "m", "messages": [CALLING, USER, RESULT]}, "messages", "did not have response messages: call_1"),
        (
            {"model": "m", "messages": [USER], "tools": [{"type": "function", "name": "f"}]},
            "tools[0].function",
            "Missing",
        ),
    ],
)
def test_chat_completions_refuses(server: OpenAIWireServer, body: dict[str, Any], param: str, words: str) -> None:
    reply = post(server, "chat/completions", body)
    error = reply.json()["error"]
    assert (reply.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert words in error["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("responses", {"model": "m", "input": [USER, CALL, OUTPUT, USER]}),
        ("responses", {"model": "m", "input": []}),
        ("responses", {"model": "m", "input": [OUTPUT], "previous_response_id": "resp_1"}),
        ("responses", {"model": "m", "input": [{"type": "message", "role": "user", "content": content("input_text")}]}),
        ("responses", {"model": "m", "input": "Hi", "stream": None, "stream_options": 1}),
        ("chat/completions", {"model": "m", "messages": [USER, CALLING, RESULT, USER]}),
        ("chat/completions", {"model": "m", "messages": [USER], "n": 1, "stream_options": []}),
    ],
)
def test_what_is_right_is_accepted(server: OpenAIWireServer, path: str, body: dict[str, Any]) -> None:
    assert post(server, path, body).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(server: OpenAIWireServer, body: bytes) -> None:
    reply = httpx2.post(f"{server.base_url}/responses", content=body)
    assert reply.status_code == 400
    assert "could not parse" in reply.json()["error"]["message"]
    assert server.requests == []


def test_unknown_urls_are_answered_in_openais_form(server: OpenAIWireServer) -> None:
    for method, path, status in [("GET", "nothing", 404), ("GET", "responses", 405)]:
        reply = httpx2.request(method, f"{server.base_url}/{path}")
        assert reply.status_code == status
        assert reply.json()["error"]["message"] == f"Invalid URL (GET /v1/{path})"


def test_a_refused_request_takes_no_reply(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load(["Hello"])
    with pytest.raises(BadRequestError):
        client.responses.create(model="gpt-test")
    assert server.remaining == 1
    assert len(server.requests) == 1
