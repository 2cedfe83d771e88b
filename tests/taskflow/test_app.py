"""An application can be started again after it was stopped, as tests of it do."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from examples.taskflow.app import api_app, chat_app, create_app, mcp_app
from examples.taskflow.settings import Settings
from tests.support.taskflow import KEY, TOKENS

HEADERS = {"Authorization": f"Bearer {TOKENS.sign('alice')}", "X-User-ID": "alice"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "taskflow_list_tasks", "arguments": {}}}
MCP_HEADERS = {**HEADERS, "Accept": "application/json, text/event-stream"}


def settings() -> Settings:
    return Settings(token_key=SecretStr(KEY), api_url="http://127.0.0.1:9/api", mcp_server_url="http://127.0.0.1:9/mcp")


def test_all_of_it_starts_twice_and_keeps_its_tasks() -> None:
    app = create_app(Settings(token_key=SecretStr(KEY)))
    for number in (1, 2):
        with TestClient(app, base_url="http://127.0.0.1") as client:
            added = client.post("/api/projects/default/tasks", json={"title": "Buy milk"}, headers=HEADERS)
            assert added.json()["task"]["id"] == number
            listed = client.post("/mcp", json=LIST, headers=MCP_HEADERS)
            assert listed.json()["result"]["structuredContent"]["total"] == number
            assert client.get("/readyz").status_code == 200
            threads = {"type": "threads.list", "params": {}}
            assert client.post("/chatkit", json=threads, headers=HEADERS).json()["data"] == []


@pytest.mark.parametrize("factory", [api_app, mcp_app, chat_app])
def test_each_process_starts_twice(factory: Callable[[Settings], FastAPI]) -> None:
    app = factory(settings())
    for _ in range(2):
        with TestClient(app, base_url="http://127.0.0.1") as client:
            assert client.get("/docs").status_code == 200


def test_the_tools_are_there_only_while_they_run() -> None:
    app = mcp_app(settings())
    outside = TestClient(app, base_url="http://127.0.0.1")
    for _ in range(2):
        with TestClient(app, base_url="http://127.0.0.1") as client:
            answer = client.post("/mcp", json=LIST, headers=MCP_HEADERS).json()["result"]
            assert answer["content"][0]["text"] == "TaskFlow is not answering now: try again in a moment."
        stopped = outside.post("/mcp", json=LIST, headers=MCP_HEADERS)
        assert (stopped.status_code, stopped.json()) == (503, {"detail": "The tools are not running."})
