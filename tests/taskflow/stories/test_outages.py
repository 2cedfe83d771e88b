"""TaskFlow in three processes, one of which is down, slow, or fails in the middle of a call: it says so and goes on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastapi_chatkit.testing import OpenAIWireServer
from tests.support.forking import Forks
from tests.support.meddling import Meddling, meddling
from tests.support.server import Server
from tests.support.taskflow import Person, somebody, source
from tests.taskflow.stories.chat import Chat, Said, action_in, until
from tests.taskflow.stories.conftest import MODELS, settings_of

IMPATIENT = {"TASKFLOW_MCP_TIMEOUT": "1"}
"""Half a minute is a long time in a test."""

UNKNOWN = "so it is not known whether this was done"
NO_CLAIMS = ("Added", "is pending now")


@dataclass
class Three:
    """The three processes; all that goes to the tools passes ``tools``, to the API ``api``."""

    tools: Meddling
    api: Meddling
    chat_url: str
    api_url: str

    def chat(self) -> Chat:
        """Somebody, for whom the chat and the API are at two addresses."""
        return Chat(Person(self.chat_url, somebody(self.chat_url, "alice").user_id))

    def of(self, chat: Chat) -> Person:
        """The same at the API."""
        return Person(self.api_url, chat.person.user_id)

    def titles(self, chat: Chat) -> list[str]:
        return [task["title"] for task in self.of(chat).get()["tasks"]]


@contextmanager
def three_processes(forks: Forks, folder: Path, settings: dict[str, str]) -> Iterator[Three]:
    def serve(name: str, code: str, **more: str) -> Server:
        (folder / name).mkdir()
        return stack.enter_context(forks.serve_app(folder / name, code, **settings, **more))

    with ExitStack() as stack:
        api = serve("api", source("api_app"))
        to_api = stack.enter_context(meddling(api.url))
        tools = serve("tools", source("mcp_app"), TASKFLOW_API_URL=f"{to_api.url}/api")
        to_tools = stack.enter_context(meddling(tools.url))
        url = f"{to_tools.url}/mcp"
        chat = serve("chat", source("chat_app"), TASKFLOW_MCP_SERVER_URL=url, **IMPATIENT)
        yield Three(to_tools, to_api, chat.url, api.url)


@pytest.fixture(scope="module", params=MODELS)
def three(
    request: pytest.FixtureRequest, forks: Forks, wire: OpenAIWireServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Three]:
    with three_processes(forks, tmp_path_factory.mktemp("three"), settings_of(request.param, wire)) as three:
        yield three


@pytest.fixture(autouse=True)
def well_again(three: Three) -> Iterator[None]:
    """What one test has spoilt is well before the next: the chat tries again by itself."""
    yield
    three.tools.mode = three.api.mode = "pass"
    until(lambda: three.chat().say("show all tasks").items("widget"))


def ends_well(said: Said) -> None:
    """An answer without an error of the chat's, which does not claim that anything was done."""
    assert said.error is None
    assert said.text
    assert said.effects == []
    assert not any(words in said.text for words in NO_CLAIMS)


def test_three_processes_are_one_taskflow(three: Three) -> None:
    chat = three.chat()
    item = chat.say("add a task to buy milk").widget
    chat.press(item, action_in(item["widget"], "task.start"))
    chat.answer(chat.say("delete task 1").question, "No")
    assert [(task["title"], task["status"]) for task in three.of(chat).get()["tasks"]] == [("Buy milk", "in_progress")]
    assert {(entry["actor"], entry["via"]) for entry in three.of(chat).log()} == {(chat.person.user_id, "chat")}
    assert chat.person.send("GET", "/projects").status_code == 404  # the chat has no API


def test_the_tools_are_down_and_come_back(three: Three) -> None:
    chat = three.chat()
    three.tools.mode = "refuse"
    for words in ("add a task to buy milk", "show all tasks"):
        said = chat.say(words)
        ends_well(said)
        assert "TaskFlow" in said.text
    item = chat.items("user_message")[0]
    assert item["content"][0]["text"] == "add a task to buy milk"  # what was written is kept
    assert three.titles(chat) == []
    three.tools.mode = "pass"
    until(lambda: chat.say("add a task to buy milk").items("widget"))
    assert three.titles(chat) == ["Buy milk"]


def test_the_tools_are_slow(three: Three) -> None:
    chat = three.chat()
    chat.say("show all tasks")
    three.tools.mode = "hold"
    said = chat.say("add a task to buy milk")
    ends_well(said)
    assert f"TaskFlow did not answer within 1 seconds, {UNKNOWN}." in said.text
    three.tools.mode = "pass"
    assert three.titles(chat) == ["Buy milk"]  # it was done after all: nothing is tried twice
    [item] = until(lambda: chat.say("show all tasks").items("widget"))
    assert "1. Buy milk" in item["copy_text"]


def test_a_call_is_broken_off_in_the_middle(three: Three) -> None:
    chat = three.chat()
    chat.say("show all tasks")
    three.tools.mode = "break"
    said = chat.say("add a task to buy milk")
    ends_well(said)
    assert f"The connection to TaskFlow broke before it answered, {UNKNOWN}." in said.text
    [(title, content)] = said.calls
    assert title == "Add a task"
    assert "broke" in content
    three.tools.mode = "pass"
    assert three.titles(chat) == ["Buy milk"]


@pytest.mark.parametrize("kind", ["threads.custom_action", "threads.sync_custom_action"])
def test_a_button_that_cannot_reach_the_tools(three: Three, kind: str) -> None:
    chat = three.chat()
    item = chat.say("add a task to buy milk").widget
    action = action_in(item["widget"], "task.start")
    three.tools.mode = "refuse"
    response = chat.act(item["id"], action, kind=kind)
    assert "TaskFlow" in response.text
    assert response.status_code == (200 if kind == "threads.custom_action" else 503)
    assert chat.stored(item) == item
    three.tools.mode = "pass"
    until(lambda: chat.act(item["id"], action, kind=kind).is_success and chat.stored(item) != item)
    assert [entry["action"] for entry in three.of(chat).log()] == ["created", "started"]


@pytest.mark.parametrize("mode", ["refuse", "break"])
def test_the_api_is_down_behind_the_tools(three: Three, mode: str) -> None:
    chat = three.chat()
    three.of(chat).add("Buy milk")
    chat.say("show all tasks")
    three.api.mode = mode  # pyright: ignore[reportAttributeAccessIssue] - one of the modes
    said = chat.say("add a task to call mum")
    ends_well(said)
    assert "TaskFlow is not answering now: try again in a moment." in said.text
    assert chat.say("delete the milk task").items("widget") == []
    three.api.mode = "pass"
    assert three.titles(chat) == ["Buy milk"] + ["Call mum"] * (mode == "break")
    assert chat.say("mark task 1 as complete").effects  # at once: the tools have been there all the time


def test_a_chat_that_has_never_reached_the_tools(
    three: Three, request: pytest.FixtureRequest, forks: Forks, wire: OpenAIWireServer, tmp_path: Path
) -> None:
    settings = settings_of(request.node.callspec.params["three"], wire)
    three.tools.mode = "refuse"
    url = f"{three.tools.url}/mcp"
    with forks.serve_app(tmp_path, source("chat_app"), TASKFLOW_MCP_SERVER_URL=url, **settings) as server:
        chat = Chat(somebody(server.url, "alice"))
        said = chat.say("add a task to buy milk")
        ends_well(said)
        [notice] = said.of("notice")
        assert (notice["level"], notice["title"]) == ("warning", "TaskFlow")
        assert "TaskFlow cannot be reached at the moment." in said.text
        three.tools.mode = "pass"
        until(lambda: chat.say("add a task to buy milk").items("widget"))
        assert three.titles(chat) == ["Buy milk"]
