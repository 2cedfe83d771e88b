"""The documentation: every operation has an example, and the server takes each of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chatkit import types as sdk
from pydantic import TypeAdapter

from tests.support.problems import STATUS, check_problem
from tests.support.server import Server
from tests.support.wire import stranger

OPERATIONS = [
    "threads.create",
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.add_structured_input",
    "threads.retry_after_item",
    "threads.custom_action",
    "threads.sync_custom_action",
    "threads.get_by_id",
    "threads.list",
    "threads.update",
    "threads.delete",
    "items.list",
    "items.feedback",
    "attachments.create",
    "attachments.delete",
    "input.transcribe",
    "runs.attach",
    "runs.cancel",
    "runs.get",
]

_REQUEST: TypeAdapter[sdk.ChatKitReq] = TypeAdapter(sdk.ChatKitReq)


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    response = server.client.get(f"{server.url}/openapi.json")
    assert response.status_code == 200
    return response.json()


@pytest.fixture(scope="module")
def endpoint(document: dict[str, Any]) -> dict[str, Any]:
    return document["paths"]["/chatkit"]["post"]


@pytest.fixture(scope="module")
def examples(endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """The example bodies."""
    body = endpoint["requestBody"]
    assert body["required"] is True
    (media_type,) = body["content"]
    assert media_type == "application/json"
    return [example["value"] for example in body["content"][media_type]["examples"].values()]


def test_it_describes_the_endpoint(document: dict[str, Any], endpoint: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    assert set(document["paths"]["/chatkit"]) == {"post"}
    assert endpoint["description"]
    headers = {parameter["name"].lower(): parameter for parameter in endpoint["parameters"]}
    assert {"x-user-id", "x-request-id", "idempotency-key", "x-chatkit-resume"} <= set(headers)
    assert all(parameter["in"] == "header" for parameter in headers.values())
    assert headers["x-user-id"]["required"] is True
    schemes = document["components"]["securitySchemes"]
    (name,) = endpoint["security"][0]
    assert (schemes[name]["type"], schemes[name]["scheme"]) == ("http", "bearer")


def test_it_lists_every_status_and_code(endpoint: dict[str, Any]) -> None:
    described = endpoint["responses"]
    assert {"application/json", "text/event-stream"} <= set(described["200"]["content"])
    for code, status in STATUS.items():
        reply = described[str(status)]
        schema = reply["content"]["application/json"]["schema"]
        assert code in json.dumps(reply), code
        assert set(schema["required"]) == {"detail", "code", "request_id"}


def test_each_operation_has_one_example(examples: list[dict[str, Any]]) -> None:
    assert sorted(example["type"] for example in examples if "type" in example) == sorted(OPERATIONS)
    methods = [example["method"] for example in examples if "jsonrpc" in example]
    assert "threads.runs.submitMessage" in methods


def test_the_examples_are_the_official_sdks(examples: list[dict[str, Any]]) -> None:
    for example in examples:
        if "jsonrpc" not in example and not example["type"].startswith("runs."):  # which are beyond it
            _REQUEST.validate_python(example)


def test_the_server_takes_each_example(server: Server, plain_server: Server, examples: list[dict[str, Any]]) -> None:
    for running in (server, plain_server):
        headers = stranger()
        for example in examples:
            response = running.post(example, headers)
            if response.status_code != 200:
                codes = (
                    "run_not_found",
                    "thread_not_found",
                    "item_not_found",
                    "attachment_not_found",
                    "invalid_request",
                )
                problem = check_problem(response, *codes)
                assert "errors" not in problem, (example, problem)


def test_examples_that_need_nothing_succeed(server: Server, examples: list[dict[str, Any]]) -> None:
    for example in examples:
        if "jsonrpc" in example or not {"thread_id", "attachment_id"} & set(example["params"]):
            assert server.post(example, stranger()).status_code == 200, example


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_schema_names_each_operation(endpoint: dict[str, Any], operation: str) -> None:
    assert f'"{operation}"' in json.dumps(endpoint["requestBody"]["content"]["application/json"]["schema"])


def test_the_pages_answer(server: Server) -> None:
    for path in ("/docs", "/redoc"):
        response = server.client.get(server.url + path)
        assert response.status_code == 200
        assert "text/html" in response.headers["content-type"]
        assert "/openapi.json" in response.text
