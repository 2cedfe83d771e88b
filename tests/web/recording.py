"""Conversations with real servers, as the component has them: each stream's events, and what is stored in the end.

The component's tests replay them: those in ``web/tests/state/recordings``, which ``python -m tests.web.recording``
makes anew, and those that ``test_web.py`` makes of the server as it is.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2

from tests.support.node import WEB
from tests.support.server import Server, message, serve, serve_app
from tests.support.taskflow import KEY, somebody

RECORDINGS = WEB / "tests/state/recordings"

CHAT = [
    "hello",
    "markdown",
    "show me a table",
    "some code",
    "think step by step",
    "show me a widget",
    "show me a form",
    "ask me a question",
    "show a notice",
    "an effect",
    "count to 20",
    "write 150 words",
    "an error",
    "what time is it",
]
TASKFLOW = [
    "add a task to buy groceries by Friday, high priority",
    "add a task to water the plants every week",
    "start task 1",
    "show me my tasks",
    "show me the form for a new task",
    "complete task 1 and task 2",
    "what is overdue?",
]

APP = """
from fastapi import FastAPI
from fastapi_chatkit import ChatKit
from fastapi_chatkit.agents.offline import OfflineAgent

app = FastAPI()
ChatKit(app, agent=OfflineAgent(delay=0.001))
"""

Json = dict[str, Any]


def record(folder: Path, scratch: Path) -> None:
    """Hold each conversation, and write it into ``folder``. ``scratch`` is for the servers' files."""
    with serve_app(scratch, APP, CHATKIT_COALESCE_MS="0") as server:
        _write(folder / "chat.json", _hold(server, CHAT))
    example = {"PYTHONPATH": str(WEB.parent), "TASKFLOW_TOKEN_KEY": KEY}
    with serve(scratch, "--app", "examples.taskflow.main:app", **example) as server:
        _write(folder / "taskflow.json", _hold(server, TASKFLOW))


def _write(path: Path, recording: Json) -> None:
    """An event or an item a line."""
    streams = ",\n".join(_lines(stream) for stream in recording["streams"])
    path.write_text(f'{{"streams": [\n{streams}\n],\n"stored": {_lines(recording["stored"])}}}\n')


def _lines(values: list[Json]) -> str:
    return "[\n" + ",\n".join(json.dumps(value, ensure_ascii=False) for value in values) + "\n]"


def _hold(server: Server, words: list[str]) -> Json:
    person = somebody(server.url, "recorded")

    def ask(operation: str, **params: Any) -> httpx2.Response:
        response = person.chatkit({"type": operation, "params": params}, {"X-ChatKit-Resume": "1"})
        assert response.status_code == 200, response.text
        return response

    streams = [_events(ask("threads.create", input=message(words[0])))]
    thread_id = next(event["thread"]["id"] for event in streams[0] if event["type"] == "thread.created")
    streams += [
        _events(ask("threads.add_user_message", thread_id=thread_id, input=message(text))) for text in words[1:]
    ]
    newest = ask("items.list", thread_id=thread_id, limit=1).json()["data"][0]
    if newest["type"] == "client_tool_call":
        streams.append(_events(ask("threads.add_client_tool_output", thread_id=thread_id, result={"time": "12:00"})))
    stored = ask("items.list", thread_id=thread_id, order="asc", limit=100).json()
    assert not stored["has_more"]
    return {"streams": streams, "stored": stored["data"]}


def _events(response: httpx2.Response) -> list[Json]:
    lines = response.text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        record(RECORDINGS, Path(scratch))
    sys.stdout.write(f"{RECORDINGS}\n")
