"""Tools that need the user's word first: asked in the thread, called after a yes, remembered either way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from agents import (
    Agent,
    FunctionTool,
    RunContextWrapper,
    ToolGuardrailFunctionOutput,
    ToolInputGuardrailData,
    ToolOutputGuardrailData,
    function_tool,
    tool_input_guardrail,
    tool_output_guardrail,
)
from chatkit import types as sdk

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.openai_agents import OpenAIAgent, TurnContext
from fastapi_chatkit.agents.openai_agents.approvals import AskedCall, asked_in, decisions, questions, record
from fastapi_chatkit.agents.tool_log import ToolRecord, hidden_item
from fastapi_chatkit.operations import AddStructuredInput, AnswerInput, Submission
from fastapi_chatkit.store import SQLiteStore
from fastapi_chatkit.testing import Answer, ToolCall, ToolCalls
from tests.support.talking import Talk, sent
from tests.unit.agents.openai_agents.driving import CONTEXT, Chat, Said, conversation

pytestmark = pytest.mark.anyio


class Files:
    """Tools over files that can be deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def agent(self) -> Agent[Any]:
        @function_tool(needs_approval=True)
        async def delete_file(name: str) -> str:
            """Deletes a file."""
            self.deleted.append(name)
            return f"deleted {name}"

        @function_tool
        async def list_files() -> str:
            """Lists the files."""
            return "a.txt, b.txt"

        return Agent[Any](name="Files", tools=[delete_file, list_files])


@pytest.fixture
def files() -> Files:
    return Files()


def asked(said: Said) -> dict[str, Any]:
    """The questions of an answer."""
    (item,) = said.items("structured_input")
    return item


async def say_yes(chat: Chat, said: Said, *values: str) -> Said:
    """Answer the questions of an answer in their order."""
    item = asked(said)
    answers = dict(zip((question["id"] for question in item["inputs"]), values or ("Yes",), strict=True))
    return await chat.answer(item["id"], **answers)


async def test_nothing_is_done_before_the_answer(talk: Talk, files: Files) -> None:
    talk.server.load([Answer("One moment.", ToolCall("delete_file", {"name": "a.txt"}))])
    async with talk(files.agent()) as chat:
        said = await chat.say("Delete a.txt")
    item = asked(said)
    assert said.end["status"] == "completed"
    assert files.deleted == []
    (question,) = item["inputs"]
    assert question["question"] == "Delete file (name: a.txt)?"
    assert [option["value"] for option in question["options"]] == ["Yes", "No"]


async def test_yes_makes_the_call_once_and_goes_on(talk: Talk, files: Files) -> None:
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "It is gone."])
    async with talk(files.agent()) as chat:
        said = await say_yes(chat, await chat.say("Delete a.txt"))
    assert files.deleted == ["a.txt"]
    assert said.texts == ["It is gone."]
    assert [(task["title"], task["status_indicator"]) for task in said.tasks] == [("Delete file", "complete")]
    assert list(talk.server.requests[1].tool_outputs.values()) == ["deleted a.txt"]


@pytest.mark.parametrize("answer", ["No", "Not today", ""])
async def test_anything_but_yes_does_nothing_and_tells_the_model(talk: Talk, files: Files, answer: str) -> None:
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "Very well."])
    async with talk(files.agent()) as chat:
        said = await say_yes(chat, await chat.say("Delete a.txt"), answer)
    assert files.deleted == []
    assert said.texts == ["Very well."]
    (output,) = talk.server.requests[1].tool_outputs.values()
    assert output.startswith("The user was asked and declined. Nothing was done.")
    assert ("Not today" in output) == (answer == "Not today")


@pytest.mark.parametrize("answer", ["yes", " YES "])
async def test_yes_is_yes_in_any_case(talk: Talk, files: Files, answer: str) -> None:
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "It is gone."])
    async with talk(files.agent()) as chat:
        await say_yes(chat, await chat.say("Delete a.txt"), answer)
    assert files.deleted == ["a.txt"]


async def test_each_of_several_calls_has_a_question_of_its_own(talk: Talk, files: Files) -> None:
    calls = [ToolCall("delete_file", {"name": name}) for name in ("a.txt", "b.txt", "c.txt")]
    talk.server.load([ToolCalls(*calls, ToolCall("list_files")), "Done."])
    async with talk(files.agent()) as chat:
        said = await chat.say("Delete all")
        assert len(asked(said)["inputs"]) == 3
        await say_yes(chat, said, "Yes", "No", "Yes")
        stored = await chat.stored()
    assert files.deleted == ["a.txt", "c.txt"]
    outputs = list(talk.server.requests[1].tool_outputs.values())
    assert sorted(output[:9] for output in outputs) == sorted(["a.txt, b.", "deleted a", "The user ", "deleted c"])
    assert sum(item["type"] == "structured_input" for item in stored) == 1


async def test_an_answer_comes_after_other_messages_and_with_another_agent(talk: Talk, files: Files) -> None:
    """Nothing is held in memory: the agent that is answered need not be the one that asked."""
    script = [ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), *["Hm."] * 3, "It is gone."]
    talk.server.load(script)
    async with talk(files.agent()) as chat:
        said = await chat.say("Delete a.txt")
        for text in ("Wait", "What was that file?", "I see"):
            await chat.say(text)
        assert ("- Delete file (name: a.txt)?: (no answer)") in sent(talk.server.requests[1])[1][1]
        later = Files()
        options: dict[str, Any] = {"model": "gpt-test", "api": talk.api, "base_url": talk.server.base_url}
        await chat.engine._agent.close()  # a restart
        chat.engine._agent = OpenAIAgent(later.agent(), **options)
        said = await say_yes(chat, said)
    assert (files.deleted, later.deleted) == ([], ["a.txt"])
    assert said.texts == ["It is gone."]


async def test_a_tool_that_is_gone_by_then_is_said_to_be(talk: Talk, files: Files) -> None:
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "I cannot any more."])
    agent = files.agent()
    async with talk(agent) as chat:
        said = await chat.say("Delete a.txt")
        agent.tools = []
        said = await say_yes(chat, said)
    assert said.texts == ["I cannot any more."]
    assert files.deleted == []
    assert "not available now" in str(talk.server.requests[1].tool_outputs)


async def test_a_tool_that_is_switched_off_by_then_is_not_called(talk: Talk, files: Files) -> None:
    agent, switched_on = files.agent(), True
    tool = agent.tools[0]
    assert isinstance(tool, FunctionTool)
    tool.is_enabled = lambda context, of: switched_on
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "I cannot any more."])
    async with talk(agent) as chat:
        said = await chat.say("Delete a.txt")
        switched_on = False
        await say_yes(chat, said)
    assert files.deleted == []
    assert "not available now" in str(talk.server.requests[1].tool_outputs)


async def test_an_approved_call_passes_the_guardrails_of_its_tool(talk: Talk, files: Files) -> None:
    """The user's word does not replace the application's rules."""

    @tool_input_guardrail
    def not_b(data: ToolInputGuardrailData) -> ToolGuardrailFunctionOutput:
        if "b.txt" in data.context.tool_arguments:
            return ToolGuardrailFunctionOutput.reject_content("b.txt stays")
        return ToolGuardrailFunctionOutput.allow()

    @tool_output_guardrail
    def no_names(data: ToolOutputGuardrailData) -> ToolGuardrailFunctionOutput:
        return ToolGuardrailFunctionOutput.reject_content("one file is gone")

    agent = files.agent()
    tool = agent.tools[0]
    assert isinstance(tool, FunctionTool)
    tool.tool_input_guardrails, tool.tool_output_guardrails = [not_b], [no_names]
    talk.server.load([ToolCalls(*(ToolCall("delete_file", {"name": f"{name}.txt"}) for name in "ab")), "One is gone."])
    async with talk(agent) as chat:
        await say_yes(chat, await chat.say("Delete both"), "Yes", "Yes")
    assert files.deleted == ["a.txt"]
    assert sorted(talk.server.requests[1].tool_outputs.values()) == ["b.txt stays", "one file is gone"]


async def test_a_guardrail_that_ends_the_run_ends_it_before_an_approved_call(talk: Talk, files: Files) -> None:
    @tool_input_guardrail
    def never(data: ToolInputGuardrailData) -> ToolGuardrailFunctionOutput:
        return ToolGuardrailFunctionOutput.raise_exception()

    agent = files.agent()
    tool = agent.tools[0]
    assert isinstance(tool, FunctionTool)
    tool.tool_input_guardrails = [never]
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"}))])
    async with talk(agent) as chat:
        said = await say_yes(chat, await chat.say("Delete a.txt"))
    assert said.error is not None
    assert "stopped by a check" in said.error["message"]
    assert files.deleted == []


async def test_the_application_words_the_question(talk: Talk, files: Files) -> None:
    async def question(arguments: Mapping[str, Any], turn: Turn) -> str:
        return f"{turn.context.user_id}, delete {arguments['name']} for good?"

    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"}))])
    async with talk(files.agent(), questions={"delete_file": question}) as chat:
        said = await chat.say("Delete a.txt")
    assert asked(said)["inputs"][0]["question"] == "alice, delete a.txt for good?"


async def test_a_question_that_cannot_be_worded_is_asked_plainly(
    talk: Talk, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    async def question(arguments: Mapping[str, Any], turn: Turn) -> str:
        raise RuntimeError("no words")

    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"}))])
    async with talk(files.agent(), questions={"delete_file": question}) as chat:
        said = await chat.say("Delete a.txt")
    assert asked(said)["inputs"][0]["question"] == "Delete file (name: a.txt)?"
    assert "could not be worded" in caplog.text


async def test_what_tools_answered_is_known_in_the_next_turn(talk: Talk, files: Files) -> None:
    talk.server.load([ToolCalls(ToolCall("list_files")), "Two files.", "I know: a.txt and b.txt."])
    async with talk(files.agent()) as chat:
        await chat.say("Which files?")
        await chat.say("And again?")
        public = [item for item in await chat.stored() if item["type"] != "hidden_context_item"]
    request = talk.server.requests[2]
    assert list(request.tool_outputs.values()) == ["a.txt, b.txt"]
    assert "a.txt, b.txt" not in json.dumps(public)


async def test_the_call_that_waits_is_not_shown_to_the_model(talk: Talk, files: Files) -> None:
    """A call without its output is refused by every API; the question says what is waited for."""
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "Please answer."])
    async with talk(files.agent()) as chat:
        await chat.say("Delete a.txt")
        said = await chat.say("Well?")
    assert said.texts == ["Please answer."]
    assert talk.server.requests[1].tool_outputs == {}


async def test_an_answer_to_another_question_calls_nothing(talk: Talk, files: Files) -> None:
    @function_tool
    async def ask(context: RunContextWrapper[TurnContext]) -> str:
        """Asks."""
        thread = context.context.thread
        question = sdk.StructuredInputFreeform(type="freeform", id="q1", question="Which?")
        item = sdk.StructuredInputItem(id="ask_1", thread_id=thread.id, created_at=thread.created_at, inputs=[question])
        await context.context.stream(sdk.ThreadItemDoneEvent(item=item))
        return "asked"

    agent = files.agent()
    agent.tools.append(ask)
    talk.server.load([ToolCalls(ToolCall("ask")), "I asked.", "Fine."])
    async with talk(agent) as chat:
        await chat.say("Ask me")
        said = await chat.answer("ask_1", q1="Yes")
    assert said.texts == ["Fine."]
    assert files.deleted == []


async def test_an_approved_call_that_fails_does_not_keep_the_others_from_being_made(talk: Talk, files: Files) -> None:
    @function_tool(needs_approval=True, failure_error_function=None)
    async def explode() -> str:
        """Explodes."""
        raise RuntimeError("a secret of the server")

    agent = files.agent()
    agent.tools.append(explode)
    talk.server.load([ToolCalls(ToolCall("explode"), ToolCall("delete_file", {"name": "a.txt"})), "One of two."])
    async with talk(agent) as chat:
        said = await say_yes(chat, await chat.say("Do both"), "Yes", "Yes")
    assert said.texts == ["One of two."]
    assert files.deleted == ["a.txt"]
    failed, done = talk.server.requests[1].tool_outputs.values()
    assert failed == "This failed in the middle: it is not known whether it was done."
    assert done == "deleted a.txt"
    assert next(task["content"].partition(" (")[0] for task in said.tasks) == failed


class Waiting(OpenAIAgent):
    """Takes its time before it goes on after an answer."""

    async def agent_for(self, turn: Turn) -> Agent[Any]:
        if turn.kind == "structured_input":
            await asyncio.sleep(60)
        return await super().agent_for(turn)


async def test_a_yes_that_a_stop_has_overtaken_is_said_to_be_lost(talk: Talk, files: Files) -> None:
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "It was not deleted."])
    agent = Waiting(files.agent(), model="gpt-test", api=talk.api, base_url=talk.server.base_url)
    async with conversation(agent) as chat:
        item = asked(await chat.say("Delete a.txt"))
        answers = {item["inputs"][0]["id"]: AnswerInput(values=["Yes"])}
        run = await chat.start(
            AddStructuredInput(thread_id=chat.thread_id or "", item_id=item["id"], input=Submission(answers=answers))
        )
        chat.engine.cancel(run.id)
        async for _ in chat.engine.read(run):
            pass
        said = await chat.say("Is it gone?")
    assert files.deleted == []
    assert said.texts == ["It was not deleted."]
    (output,) = talk.server.requests[1].tool_outputs.values()
    assert output.startswith("The user was asked, but the call was not made")


async def test_a_yes_is_for_the_agents_own_tool_that_asked(talk: Talk, files: Files) -> None:
    """Another agent, with a tool of the same name, is not what the user was asked about."""
    talk.server.load([ToolCalls(ToolCall("delete_file", {"name": "a.txt"})), "Not any more."])
    async with talk(files.agent()) as chat:
        said = await chat.say("Delete a.txt")
        other = Files()
        await chat.engine._agent.close()
        renamed = other.agent().clone(name="Others")
        chat.engine._agent = OpenAIAgent(renamed, model="gpt-test", api=talk.api, base_url=talk.server.base_url)
        await say_yes(chat, said)
    assert (files.deleted, other.deleted) == ([], [])
    assert "not available now" in str(talk.server.requests[1].tool_outputs)


async def test_a_long_argument_does_not_hide_the_others(talk: Talk) -> None:
    @function_tool(needs_approval=True)
    async def send(text: str, to: str) -> str:
        """Sends."""
        return "sent"

    talk.server.load([ToolCalls(ToolCall("send", {"text": "x" * 5000, "to": "everybody"}))])
    async with talk(Agent[Any](name="A", tools=[send])) as chat:
        said = await chat.say("Send it")
    question = asked(said)["inputs"][0]["question"]
    assert "… (5000 characters), to: everybody" in question


@pytest.mark.parametrize("before", [0, 1, 5])
async def test_what_was_asked_is_found_behind_what_was_stored_in_between(files: Files, before: int) -> None:
    """A button that is pressed at the wrong moment stores its own hidden item just before the question."""
    call = AskedCall("ask_1", "call_1", "delete_file", "{}", ("", "Files"))
    store = SQLiteStore(":memory:")
    await store.initialize_schema()
    thread = sdk.ThreadMetadata(id="thr_1", created_at=datetime.now())
    await store.save_thread(thread, CONTEXT)
    turn = Turn("run_1", "structured_input", thread, None, CONTEXT, store)
    asking = questions(turn, [(call, "Really?")])
    asking.inputs[0].answer = sdk.StructuredInputAnswer(values=["Yes"])
    turn.answered = asking
    await store.add_thread_item("thr_1", record(turn, [call]), CONTEXT)
    for number in range(before):
        await store.add_thread_item("thr_1", hidden_item(turn, [ToolRecord("x", {}, str(number))]), CONTEXT)
    await store.add_thread_item("thr_1", asking, CONTEXT)
    found = await decisions(turn)
    await store.close()
    assert [(decision.call, decision.approved) for decision in found] == [(call, True)]


async def test_a_record_that_another_version_has_written_calls_nothing(files: Files) -> None:
    content = {"type": "tool_approval", "user_id": "alice", "calls": [{"question": "ask_1", "name": "x"}, 7, None]}
    item = sdk.HiddenContextItem(id="x", thread_id="t", created_at=datetime.now(), content=content)
    assert asked_in(item) == []
