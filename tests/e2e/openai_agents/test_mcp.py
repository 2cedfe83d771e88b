"""Tools of a real MCP server in an agent's answers, with models behind both of OpenAI's APIs."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from agents import Agent, function_tool
from chatkit import types as sdk
from chatkit.widgets import DynamicWidgetRoot
from mcp_types import ToolAnnotations

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from fastapi_chatkit.agents.openai_agents import OpenAIAgent
from fastapi_chatkit.agents.openai_agents.arguments import without
from fastapi_chatkit.agents.tool_result import ToolResult
from fastapi_chatkit.agents.widgets import ShownWidget
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.testing import Answer, Failure, ToolCall, ToolCalls
from tests.support.talking import Talk, sent
from tests.unit.agents.mcp.servers import Running, make, serving
from tests.unit.agents.openai_agents.driving import CONTEXT, Chat, Said, conversation

pytestmark = pytest.mark.anyio

READS = ToolAnnotations(read_only_hint=True)
ASKS = ToolAnnotations(destructive_hint=True)


@pytest.fixture
def tasks() -> Iterator[Running]:
    """A server with tools over tasks in projects; ``notes`` is what they did."""
    running = make()

    @running.mcp.tool(annotations=READS)
    def list_tasks(project_id: int = 0) -> dict[str, Any]:
        return {"project": project_id, "titles": ["milk", "bread"]}

    @running.mcp.tool(title="Add a task")
    def add_task(title: str, project_id: int = 0) -> dict[str, Any]:
        running.notes.append(f"added {title} to {project_id}")
        return {"added": title}

    @running.mcp.tool(annotations=ASKS, title="Delete a task")
    def delete_task(task_id: int, project_id: int = 0) -> dict[str, Any]:
        running.notes.append(f"deleted {task_id} of {project_id}")
        return {"deleted": task_id}

    with serving(running):
        yield running


@pytest.fixture
async def mcp(tasks: Running) -> AsyncIterator[MCPTools]:
    tools = MCPTools([MCPServer(name="Tasks", url=tasks.url, timeout=5)])
    yield tools
    await tools.close()


def card(result: ToolResult, turn: Turn) -> ShownWidget:
    """Shows which tool answered."""
    widget = {"type": "Card", "id": result.name, "children": [{"type": "Text", "id": "t", "value": result.text}]}
    return ShownWidget(DynamicWidgetRoot.model_validate(widget), copy_text=f"card of {result.name}")


async def answer(chat: Chat, said: Said, value: str) -> Said:
    (item,) = said.items("structured_input")
    return await chat.answer(item["id"], **{item["inputs"][0]["id"]: value})


async def test_a_tool_is_called_as_the_user_and_shown_with_its_duration(
    talk: Talk, mcp: MCPTools, tasks: Running
) -> None:
    talk.server.load([ToolCalls(ToolCall("add_task", {"title": "milk"})), "Added."])
    async with talk(mcp=mcp) as chat:
        said = await chat.say("Add milk")
        stored = await chat.stored()
    assert said.texts == ["Added."]
    assert tasks.notes == ["added milk to 0"]
    (call,) = [asked for asked in tasks.asked if asked.rpc == "tools/call"]
    assert call.headers["x-user-id"] == "alice"
    (task,) = said.tasks
    assert (task["title"], task["status_indicator"]) == ("Add a task", "complete")
    assert re.fullmatch(r"[0-9.]+ s", task["content"])
    (kept,) = [item for item in stored if item["type"] == "hidden_context_item"]
    assert [(record["name"], record["arguments"]) for record in kept["content"]["calls"]] == [
        ("add_task", {"title": "milk"})
    ]
    assert {"list_tasks", "add_task", "delete_task"} < set(talk.server.requests[0].tool_names)


async def test_the_next_message_costs_one_request_a_call(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    call = ToolCalls(ToolCall("list_tasks"))
    talk.server.load([call, "First.", call, "Second."])
    async with talk(mcp=mcp) as chat:
        await chat.say("One")
        before = len(tasks.asked)
        await chat.say("Two")
    assert [asked.rpc for asked in tasks.asked[before:]] == ["tools/call"]


async def test_a_tool_that_failed_says_why_in_its_task(talk: Talk, mcp: MCPTools) -> None:
    talk.server.load([ToolCalls(ToolCall("fail")), "It did not work."])
    async with talk(mcp=mcp) as chat:
        said = await chat.say("Fail")
    assert re.fullmatch(r"Error executing tool fail: There is no task 7\. \([0-9.]+ s\)", said.tasks[0]["content"])
    assert list(talk.server.requests[1].tool_outputs.values()) == ["Error executing tool fail: There is no task 7."]
    assert said.error is None


async def test_a_server_that_is_down_is_told_to_the_user_and_the_model(talk: Talk) -> None:
    talk.server.load(["I cannot see your tasks."])
    mcp = MCPTools([MCPServer(name="Tasks", url="http://127.0.0.1:9/mcp", connect_timeout=1)])
    async with talk(mcp=mcp) as chat:
        said = await chat.say("My tasks?")
    (notice,) = [event for event in said.events if event["type"] == "notice"]
    assert (notice["title"], notice["level"]) == ("Tasks", "warning")
    assert notice["message"].startswith("Tasks cannot be reached")
    assert said.texts == ["I cannot see your tasks."]
    (role, told) = sent(talk.server.requests[0])[-1]
    assert role == "user"
    assert f"- Tasks: {notice['message']}" in told
    assert talk.server.requests[0].tool_names == []


async def test_a_server_that_goes_down_between_two_messages(talk: Talk) -> None:
    running = make()
    call = ToolCalls(ToolCall("whoami"))
    talk.server.load([call, "Alice.", call, "It is down."])
    with serving(running):
        mcp = MCPTools([MCPServer(name="Tasks", url=running.url, connect_timeout=1)])
        chatting = conversation(OpenAIAgent(model="m", api=talk.api, base_url=talk.server.base_url, mcp=mcp))
        chat = await chatting.__aenter__()
        assert (await chat.say("Who am I?")).texts == ["Alice."]
    try:
        said = await chat.say("Who am I?")
    finally:
        await chatting.__aexit__(None, None, None)
    assert said.texts == ["It is down."]
    assert "cannot be reached" in said.tasks[0]["content"]


async def test_a_destructive_tool_asks_first_in_its_own_words(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    async def question(arguments: Mapping[str, Any], turn: Turn) -> str:
        found = await mcp.call("list_tasks", {"project_id": arguments["project_id"]}, turn.context)
        return f"Delete {found.data['titles'][arguments['task_id']]} of project {arguments['project_id']}?"

    talk.server.load([ToolCalls(ToolCall("delete_task", {"task_id": 1, "project_id": 99})), "Gone."])
    async with talk(mcp=mcp, bind={"project_id": lambda turn: 7}, questions={"delete_task": question}) as chat:
        said = await chat.say("Delete the bread")
        assert said.items("structured_input")[0]["inputs"][0]["question"] == "Delete bread of project 7?"
        assert tasks.notes == []
        said = await answer(chat, said, "Yes")
    assert tasks.notes == ["deleted 1 of 7"]
    assert said.texts == ["Gone."]
    assert said.tasks[0]["title"] == "Delete a task"


async def test_a_yes_reaches_no_other_server_with_a_tool_of_that_name(talk: Talk) -> None:
    first, second = make(), make()
    call = ToolCalls(ToolCall("delete", {"what": "all"}))
    talk.server.load([call, "It is not there."])
    options: dict[str, Any] = {"model": "m", "api": talk.api, "base_url": talk.server.base_url}
    with serving(second):
        with serving(first):
            both = [MCPServer(name="First", url=first.url), MCPServer(name="Second", url=second.url)]
            asking = conversation(OpenAIAgent(mcp=MCPTools(both), **options))
            chat = await asking.__aenter__()
            said = await chat.say("Delete all")
        await chat.engine._agent.close()
        chat.engine._agent = OpenAIAgent(mcp=MCPTools(both), **options)  # a restart, at which the first one is down
        try:
            said = await answer(chat, said, "Yes")
        finally:
            await asking.__aexit__(None, None, None)
    assert said.texts == ["It is not there."]
    assert (first.notes, second.notes) == ([], [])
    assert "not available now" in str(talk.server.requests[1].tool_outputs)


async def test_after_a_change_no_retry_is_offered(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    talk.server.load([ToolCalls(ToolCall("add_task", {"title": "milk"})), Failure(503)])
    async with talk(mcp=mcp) as chat:
        said = await chat.say("Add milk")
    assert said.error is not None
    assert said.error["allow_retry"] is False
    assert said.error["message"].endswith("What was done before stays done: look at it before you ask for more.")


async def test_after_looking_alone_a_retry_is_offered(talk: Talk, mcp: MCPTools) -> None:
    talk.server.load([ToolCalls(ToolCall("list_tasks")), Failure(503)])
    async with talk(mcp=mcp) as chat:
        said = await chat.say("My tasks?")
    assert said.error is not None
    assert said.error["allow_retry"] is True


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "properties": None},
        {"type": "object", "required": None},
        {"properties": [], "required": 5},
    ],
)
def test_a_schema_that_makes_no_sense_is_that_of_a_tool_without_arguments(schema: dict[str, Any]) -> None:
    assert without(schema, {"project_id": 1}) == {"type": "object", "properties": {}}


def test_bound_arguments_are_left_out_of_a_schema() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"], "title": "T"}
    left = {"type": "object", "properties": {"a": {}}, "required": ["a"], "title": "T"}
    assert without(schema, {"b": 1}) == left


async def test_what_was_bound_when_it_was_asked_counts(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    projects = iter([1, 1, 2, 2, 2])
    talk.server.load([ToolCalls(ToolCall("delete_task", {"task_id": 1})), "Gone."])
    async with talk(mcp=mcp, bind={"project_id": lambda turn: next(projects)}) as chat:
        said = await chat.say("Delete the bread")
        assert (
            said.items("structured_input")[0]["inputs"][0]["question"] == "Delete a task (task_id: 1, project_id: 1)?"
        )
        await answer(chat, said, "Yes")
    assert tasks.notes == ["deleted 1 of 1"]


async def test_a_question_that_finds_nothing_to_ask_is_not_asked(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    async def question(arguments: Mapping[str, Any], turn: Turn) -> None:
        return None

    talk.server.load([ToolCalls(ToolCall("delete_task", {"task_id": 1})), "Done."])
    async with talk(mcp=mcp, questions={"delete_task": question}) as chat:
        said = await chat.say("Delete the bread")
    assert said.texts == ["Done."]
    assert tasks.notes == ["deleted 1 of 0"]


async def test_bound_arguments_are_neither_shown_to_the_model_nor_taken_from_it(
    talk: Talk, mcp: MCPTools, tasks: Running
) -> None:
    talk.server.load([ToolCalls(ToolCall("add_task", {"title": "milk", "project_id": 99})), "Added."])
    async with talk(mcp=mcp, bind={"project_id": lambda turn: 7, "other": lambda turn: 1}) as chat:
        await chat.say("Add milk to project 99")
    assert tasks.notes == ["added milk to 7"]
    assert "project_id" not in json.dumps(talk.server.requests[0].json["tools"])


async def test_a_bound_argument_without_a_value_is_left_out(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    talk.server.load([ToolCalls(ToolCall("add_task", {"title": "milk", "project_id": 99})), "Added."])
    async with talk(mcp=mcp, bind={"project_id": lambda turn: None}) as chat:
        await chat.say("Add milk to project 99")
    assert tasks.notes == ["added milk to 0"]


@pytest.mark.parametrize("arguments", ["[1]", '"text"', "{"])
async def test_arguments_that_are_no_object_are_told_to_the_model(
    talk: Talk, mcp: MCPTools, tasks: Running, arguments: str
) -> None:
    talk.server.load([ToolCalls(ToolCall("add_task", arguments)), "Sorry."])
    async with talk(mcp=mcp) as chat:
        said = await chat.say("Add milk")
    assert said.texts == ["Sorry."]
    assert tasks.notes == []


async def test_the_widget_of_a_tool_stands_before_the_words_about_it(talk: Talk, mcp: MCPTools) -> None:
    talk.server.load([ToolCalls(ToolCall("list_tasks")), "Two tasks."])
    async with talk(mcp=mcp, widgets={"list_tasks": card}) as chat:
        await chat.say("My tasks?")
        kinds = [item["type"] for item in await chat.stored()]
    assert kinds == ["user_message", "hidden_context_item", "workflow", "widget", "assistant_message"]


async def test_what_was_only_looked_up_for_a_change_is_not_shown(talk: Talk, mcp: MCPTools) -> None:
    talk.server.load([ToolCalls(ToolCall("list_tasks")), ToolCalls(ToolCall("add_task", {"title": "a"})), "Added."])
    async with talk(mcp=mcp, widgets={"list_tasks": card, "add_task": card}) as chat:
        said = await chat.say("Add a if it is not there")
    assert [item["copy_text"] for item in said.items("widget")] == ["card of add_task"]


async def test_what_was_looked_up_for_a_question_is_not_shown(talk: Talk, mcp: MCPTools) -> None:
    talk.server.load([ToolCalls(ToolCall("list_tasks")), ToolCalls(ToolCall("delete_task", {"task_id": 1}))])
    async with talk(mcp=mcp, widgets={"list_tasks": card}) as chat:
        said = await chat.say("Delete the bread")
    assert said.items("widget") == []
    assert len(said.items("structured_input")) == 1


async def test_several_lists_are_all_shown(talk: Talk, mcp: MCPTools) -> None:
    talk.server.load([ToolCalls(ToolCall("list_tasks")), ToolCalls(ToolCall("whoami")), "Here."])
    async with talk(mcp=mcp, widgets={"list_tasks": card, "whoami": card}) as chat:
        said = await chat.say("All of it")
    assert [item["copy_text"] for item in said.items("widget")] == ["card of list_tasks", "card of whoami"]


async def test_a_tool_of_the_agents_own_has_a_widget_too(talk: Talk) -> None:
    @function_tool
    async def show_form() -> str:
        """Shows a form."""
        return "shown"

    talk.server.load([ToolCalls(ToolCall("show_form")), "Fill it in."])
    async with talk(Agent[Any](name="A", tools=[show_form]), widgets={"show_form": card}) as chat:
        said = await chat.say("A form")
    assert [item["copy_text"] for item in said.items("widget")] == ["card of show_form"]


async def test_a_builder_that_fails_costs_the_widget_alone(
    talk: Talk, mcp: MCPTools, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(result: ToolResult, turn: Turn) -> ShownWidget:
        raise RuntimeError("no widget")

    talk.server.load([ToolCalls(ToolCall("list_tasks")), "Two tasks."])
    async with talk(mcp=mcp, widgets={"list_tasks": broken}) as chat:
        said = await chat.say("My tasks?")
    assert said.texts == ["Two tasks."]
    assert said.error is None
    assert "the widget of tool list_tasks could not be built" in caplog.text


async def test_what_follows_a_tool_is_the_agents_to_say(talk: Talk, mcp: MCPTools) -> None:
    class Telling(OpenAIAgent):
        def on_tool_result(self, result: ToolResult, turn: Turn) -> list[sdk.ThreadStreamEvent]:
            return [turn.client_effect("changed", {"tool": result.name, "failed": result.failed})]

    talk.server.load([ToolCalls(ToolCall("list_tasks"), ToolCall("fail")), "Done."])
    agent = Telling(model="m", api=talk.api, base_url=talk.server.base_url, mcp=mcp)
    async with conversation(agent) as chat:
        said = await chat.say("Go")
    effects = [event["data"] for event in said.events if event["type"] == "client_effect"]
    assert sorted(effects, key=str) == [
        {"tool": "fail", "failed": True}, {"tool": "list_tasks", "failed": False}
    ]  # fmt: skip


async def test_an_agents_own_tool_wins_over_a_servers_of_that_name(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    @function_tool
    async def add_task(title: str) -> str:
        """Adds a task here."""
        return "own"

    talk.server.load([ToolCalls(ToolCall("add_task", {"title": "milk"})), "Done."])
    async with talk(Agent[Any](name="A", tools=[add_task]), mcp=mcp) as chat:
        await chat.say("Add milk")
    assert list(talk.server.requests[1].tool_outputs.values()) == ["own"]
    assert tasks.notes == []


async def test_a_call_that_was_cut_off_is_remembered_as_such(talk: Talk, mcp: MCPTools, tasks: Running) -> None:
    talk.server.load([ToolCalls(ToolCall("hold")), "I do not know."])
    async with talk(mcp=mcp) as chat:
        run = await chat.start(chat.message("Hold"))
        while "holding" not in tasks.notes:
            await asyncio.sleep(0.01)
        chat.engine.cancel(run.id)
        async for _ in chat.engine.read(run):
            pass
        await chat.say("Was it held?")
    (output,) = talk.server.requests[1].tool_outputs.values()
    assert "it is not known whether it was" in output.lower()


async def test_calls_that_were_answered_while_the_answer_was_stopped_are_remembered(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is slow: what the others have answered has not been taken when the stop comes."""
    put = SQLiteStore.put_item
    answered, stopped = asyncio.Event(), asyncio.Event()
    answers: list[ToolResult] = []

    async def put_slowly(store: SQLiteStore, *args: Any) -> None:
        await stopped.wait()
        await put(store, *args)

    def on_answer(result: ToolResult, turn: Turn) -> None:
        answers.append(result)
        if len(answers) == 3:
            answered.set()

    @function_tool
    async def add_task(title: str) -> str:
        """Adds a task."""
        return f"added {title}"

    talk.server.load([ToolCalls(*(ToolCall("add_task", {"title": title}) for title in "abc")), "Those.", "Those."])
    async with talk(Agent[Any](name="A", tools=[add_task]), widgets={"add_task": on_answer}) as chat:
        monkeypatch.setattr(SQLiteStore, "put_item", put_slowly)
        run = await chat.start(chat.message("Add a, b and c"))
        await answered.wait()
        chat.engine.cancel(run.id)
        stopped.set()
        async for _ in chat.engine.read(run):
            pass
        await chat.say("What did you add?")
    assert sorted(talk.server.requests[-1].tool_outputs.values()) == ["added a", "added b", "added c"]


async def test_the_token_reaches_the_server_of_the_tools_and_nobody_else(
    talk: Talk, mcp: MCPTools, tasks: Running
) -> None:
    talk.server.load([Answer("Looking.", ToolCall("list_tasks")), "Two."])
    async with talk(mcp=mcp) as chat:
        await chat.say("My tasks?")
        stored = json.dumps(await chat.stored())
    token = CONTEXT.access_token
    assert token is not None
    assert {asked.headers.get("authorization") for asked in tasks.asked} == {f"Bearer {token.get_secret_value()}"}
    seen_by_the_model = "".join(json.dumps(request.json) for request in talk.server.requests)
    assert token.get_secret_value() not in seen_by_the_model + stored
