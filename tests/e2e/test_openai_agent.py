"""An Agents SDK agent over real HTTP: both APIs of a server that speaks OpenAI's wire format."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Literal

import pytest
from agents import (
    Agent,
    GuardrailFunctionOutput,
    OpenAIChatCompletionsModel,
    RunContextWrapper,
    StopAtTools,
    function_tool,
    output_guardrail,
)
from chatkit import types as sdk
from chatkit.agents import AgentContext, ClientToolCall
from chatkit.errors import CustomStreamError
from chatkit.widgets import Card
from chatkit.widgets import Text as TextWidget
from openai import AsyncOpenAI

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.openai_agents import OpenAIAgent
from fastapi_chatkit.errors import InvalidParams
from fastapi_chatkit.identity import RequestContext
from fastapi_chatkit.ids import is_ours
from fastapi_chatkit.testing import (
    Answer,
    Drop,
    Failure,
    FileCitation,
    Incomplete,
    Malformed,
    OpenAIWireServer,
    Reasoning,
    Refusal,
    Reply,
    Stall,
    StreamError,
    Text,
    ToolCall,
    ToolCalls,
    UrlCitation,
    WireRequest,
)
from tests.unit.agents.openai_agents.driving import CONTEXT, Chat, conversation

pytestmark = pytest.mark.anyio

Api = Literal["responses", "chat_completions"]
Context = RunContextWrapper[AgentContext[RequestContext]]


@pytest.fixture(scope="module")
def running_server() -> Iterator[OpenAIWireServer]:
    with OpenAIWireServer() as server:
        yield server


@pytest.fixture
def server(running_server: OpenAIWireServer) -> OpenAIWireServer:
    running_server.load([])
    return running_server


@pytest.fixture(params=["responses", "chat_completions"])
def api(request: pytest.FixtureRequest) -> Api:
    return request.param


class Talk:
    """Starts conversations with agents whose models are on the test's server."""

    def __init__(self, server: OpenAIWireServer, api: Api) -> None:
        self.server = server
        self.api: Api = api

    def __call__(self, agent: Agent[Any] | None = None, **options: Any) -> AbstractAsyncContextManager[Chat]:
        options = {"model": "gpt-test", "api": self.api, "base_url": self.server.base_url, "max_retries": 0} | options
        return conversation(OpenAIAgent(agent, **options))


@pytest.fixture
def talk(server: OpenAIWireServer, api: Api) -> Talk:
    return Talk(server, api)


def sent(request: WireRequest) -> list[tuple[str, str]]:
    """What the model was given, as pairs of a role or type and a text; instructions left out."""
    pairs: list[tuple[str, str]] = []
    for item in request.items:
        content = item.get("content")
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content or [])
        pairs.append((item.get("role") or item["type"], text))
    return [pair for pair in pairs if pair[0] != "system"]


async def client_left(request: WireRequest) -> None:
    """Wait until the model's server has noticed that the connection was closed."""
    for _ in range(200):
        if request.outcome == "client_left":
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the request is still {request.outcome}")


# --- text -------------------------------------------------------------------------------------------------------------


async def test_text_is_streamed_under_an_id_of_our_own(talk: Talk, api: Api) -> None:
    talk.server.load(["Hello **world**"])
    async with talk(instructions="Be kind.") as chat:
        said = await chat.say("Hi")
        stored = await chat.stored()
    assert said.answer_types == [
        "thread.item.added",
        "assistant_message.content_part.added",
        "assistant_message.content_part.text_delta",
        "assistant_message.content_part.done",
        "thread.item.done",
    ]
    assert said.streamed == "Hello **world**"
    assert said.texts == ["Hello **world**"]
    (message,) = said.items("assistant_message")
    assert is_ours(message["id"])
    assert message in stored
    (request,) = talk.server.requests
    assert (request.api, request.stream, request.model, request.user_text) == (api, True, "gpt-test", "Hi")
    assert "Be kind." in json.dumps(request.json)


async def test_each_turn_has_its_own_message_and_the_history_in_order(talk: Talk) -> None:
    talk.server.load(["One.", "Two.", "Three."])
    async with talk() as chat:
        answers = [await chat.say(text) for text in ("First?", "Second?", "Third?")]
        stored = await chat.stored()
    assert len({answer.items("assistant_message")[0]["id"] for answer in answers}) == 3
    assert [item["type"] for item in stored] == ["user_message", "assistant_message"] * 3
    assert sent(talk.server.requests[-1]) == [
        ("user", "First?"),
        ("assistant", "One."),
        ("user", "Second?"),
        ("assistant", "Two."),
        ("user", "Third?"),
    ]


async def test_the_history_has_a_budget(talk: Talk) -> None:
    talk.server.load("x" * 400)
    async with talk(history_tokens=450) as chat:
        for number in range(6):
            await chat.say(f"Question {number}?")
    assert sent(talk.server.requests[-1]) == [
        ("user", "Question 2?"),
        ("assistant", "x" * 400),
        ("user", "Question 3?"),
        ("assistant", "x" * 400),
        ("user", "Question 4?"),
        ("assistant", "x" * 400),
        ("user", "Question 5?"),
    ]


async def test_a_retry_answers_the_message_once_more(talk: Talk) -> None:
    talk.server.load(["One.", "Two.", "Two again."])
    async with talk() as chat:
        await chat.say("First?")
        second = await chat.say("Second?")
        said = await chat.retry(second.items("user_message")[0]["id"])
        stored = await chat.stored()
    assert said.texts == ["Two again."]
    assert sent(talk.server.requests[-1]) == [("user", "First?"), ("assistant", "One."), ("user", "Second?")]
    assert len(stored) == 4


async def test_a_refusal_is_shown_as_text(talk: Talk) -> None:
    talk.server.load([Refusal("I will not do that.")])
    async with talk() as chat:
        said = await chat.say("Do it")
    assert said.error is None
    assert said.end["status"] == "completed"
    assert said.streamed == "I will not do that."
    assert said.texts == ["I will not do that."]


async def test_citations_become_annotations(talk: Talk, api: Api) -> None:
    cited = [UrlCitation("https://example.org/a", "A page", 0, 4), FileCitation("file-1", "notes.txt", 7)]
    talk.server.load([Text("Some facts.", annotations=cited)])
    async with talk() as chat:
        said = await chat.say("Facts?")
    annotations = said.items("assistant_message")[0]["content"][0]["annotations"]
    sources = [(annotation["source"]["type"], annotation["index"]) for annotation in annotations]
    assert sources == ([("url", 4), ("file", 7)] if api == "responses" else [("url", 4)])
    if api == "responses":
        assert said.types.count("assistant_message.content_part.annotation_added") == 2


async def test_thoughts_are_shown_as_a_workflow(talk: Talk) -> None:
    talk.server.load([Answer(Reasoning("Let me think about this."), "Done.")])
    async with talk() as chat:
        said = await chat.say("Think")
    (workflow,) = said.items("workflow")
    assert workflow["workflow"]["type"] == "reasoning"
    assert workflow["workflow"]["summary"] == {"duration": 0}
    assert [task["content"] for task in said.tasks] == ["Let me think about this."]
    order = [item["type"] for item in (e["item"] for e in said.events if e["type"] == "thread.item.done")]
    assert order == ["user_message", "workflow", "assistant_message"]


async def test_activity_can_be_left_out(talk: Talk) -> None:
    talk.server.load([Answer(Reasoning("Let me think."), "Done.")])
    async with talk(show_activity=False) as chat:
        said = await chat.say("Think")
    assert said.items("workflow") == []
    assert said.texts == ["Done."]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("NUL \x00 in the middle", "NUL \x00 in the middle"),
        (["half a pair ", "\ud83d", " alone"], "half a pair \ufffd alone"),
        (["\U0001f600", " is whole"], "\U0001f600 is whole"),
        ("", ""),
    ],
)
async def test_odd_text_does_not_lose_the_answer(talk: Talk, text: str | list[str], shown: str) -> None:
    talk.server.load([Text(text), "Next."])
    async with talk() as chat:
        said = await chat.say("Odd?")
        assert said.error is None
        assert "".join(said.texts) == shown
        assert (await chat.say("And?")).texts == ["Next."]


async def test_ten_megabytes_of_text(talk: Talk) -> None:
    talk.server.load([Text("x" * 9_999 + " ", repeat=1000), "Next."])
    async with talk() as chat:
        said = await chat.say("Much?")
        assert len(said.texts[0]) == 10_000_000
        assert (await chat.say("And?")).texts == ["Next."]
    (_, long, _) = sent(talk.server.requests[-1])
    assert len(long[1]) < 40_000
    assert "cut off" in long[1]


# --- tools ------------------------------------------------------------------------------------------------------------


@function_tool
async def get_weather(context: Context, city: str) -> str:
    """The weather in a city."""
    await context.context.stream(sdk.ProgressUpdateEvent(text=f"Asking {city}"))
    await context.context.stream_widget(Card(children=[TextWidget(value=f"Sunny in {city}")]), copy_text="Sunny!")
    return f"sunny in {city}"


async def test_a_tool_is_called_and_shown(talk: Talk) -> None:
    talk.server.load([Answer("Let me look.", ToolCall("get_weather", {"city": "Rome"})), "It is sunny."])
    async with talk(Agent[Any](name="Weather", tools=[get_weather])) as chat:
        said = await chat.say("How is Rome?")
        stored = await chat.stored()
    assert said.error is None
    assert said.texts == ["Let me look.", "It is sunny."]
    assert list(talk.server.requests[1].tool_outputs.values()) == ["sunny in Rome"]
    kinds = [item["type"] for item in stored]
    assert kinds == [
        "user_message", "assistant_message", "workflow", "widget", "hidden_context_item", "assistant_message"
    ]  # fmt: skip
    finished = [e["update"]["task"] for e in said.events if e.get("update", {}).get("type") == "workflow.task.updated"]
    assert [(task["title"], task["status_indicator"]) for task in finished] == [("Get weather", "complete")]


async def test_what_a_tool_shows_comes_after_the_text_before_it(talk: Talk) -> None:
    talk.server.load([Answer("Let me look.", ToolCall("get_weather", {"city": "Rome"})), "It is sunny."])
    async with talk(Agent[Any](name="Weather", tools=[get_weather])) as chat:
        types = (await chat.say("How is Rome?")).types
    progress = types.index("progress_update")
    assert types.index("assistant_message.content_part.done") < progress
    assert progress < len(types) - 1 - types[::-1].index("assistant_message.content_part.added")
    assert types.count("progress_update") == 1


async def test_parallel_calls_are_completed_one_by_one(talk: Talk) -> None:
    first_done = asyncio.Event()

    @function_tool
    async def first() -> str:
        """Ends first."""
        first_done.set()
        return "1"

    @function_tool
    async def second() -> str:
        """Ends second."""
        await first_done.wait()
        await asyncio.sleep(0.05)
        return "2"

    talk.server.load([ToolCalls(ToolCall("second"), ToolCall("first")), "Both."])
    async with talk(Agent[Any](name="Two", tools=[first, second])) as chat:
        said = await chat.say("Both!")
    assert said.texts == ["Both."]
    updates = [event["update"] for event in said.events if "update" in event]
    done = [update["task"]["title"] for update in updates if update["type"] == "workflow.task.updated"]
    assert done == ["First", "Second"]
    assert len(said.items("workflow")) == 1


async def test_a_tool_may_change_the_thread(talk: Talk) -> None:
    @function_tool
    def rename(context: Context, title: str) -> str:
        """Renames the thread."""
        assert context.context.request_context is CONTEXT
        context.context.thread.title = title
        return "renamed"

    talk.server.load([ToolCalls(ToolCall("rename", {"title": "Rome"})), "Done."])
    async with talk(Agent[Any](name="Namer", tools=[rename])) as chat:
        said = await chat.say("Rename it")
    titles = [event["thread"].get("title") for event in said.events if event["type"] == "thread.updated"]
    assert titles == ["Rome"]


async def test_a_tool_that_goes_wrong_does_not_end_the_answer(talk: Talk) -> None:
    @function_tool
    def fail() -> str:
        """Fails."""
        raise RuntimeError("no such city")

    talk.server.load([ToolCalls(ToolCall("fail")), "I could not find it."])
    async with talk(Agent[Any](name="Weather", tools=[fail])) as chat:
        said = await chat.say("How is Atlantis?")
    assert said.error is None
    assert said.texts == ["I could not find it."]


async def test_a_model_that_calls_a_tool_that_does_not_exist_is_told(talk: Talk) -> None:
    talk.server.load([Answer("Let me see.", ToolCall("imagined")), "Without it, then."])
    async with talk() as chat:
        said = await chat.say("Hi")
    assert said.error is None
    assert said.texts == ["Let me see.", "Without it, then."]
    assert "imagined" in str(talk.server.requests[1].tool_outputs)


async def test_a_tool_that_fails_with_a_message_for_the_user(talk: Talk) -> None:
    @function_tool(failure_error_function=None)
    def fail() -> str:
        """Fails."""
        raise CustomStreamError("The weather office is closed.", allow_retry=True)

    talk.server.load([Answer("Let me look.", ToolCall("fail"))])
    async with talk(Agent[Any](name="Weather", tools=[fail])) as chat:
        said = await chat.say("How is Rome?")
    assert said.error == {
        "type": "error",
        "code": "custom",
        "message": "The weather office is closed.",
        "allow_retry": True,
    }
    assert said.texts == ["Let me look."]


async def test_a_tool_that_fails_unexpectedly_says_nothing_of_it(talk: Talk) -> None:
    @function_tool(failure_error_function=None)
    def fail() -> str:
        """Fails."""
        raise RuntimeError("the password is swordfish")

    talk.server.load([ToolCalls(ToolCall("fail"))])
    async with talk(Agent[Any](name="Weather", tools=[fail])) as chat:
        said = await chat.say("How is Rome?")
    assert said.error == {"type": "error", "code": "stream.error", "allow_retry": True}
    assert said.items("workflow")[0]["workflow"]["tasks"][0]["status_indicator"] == "complete"


@function_tool
async def pick_seat(context: Context, row: int) -> str:
    """Lets the user pick a seat on the page."""
    context.context.client_tool_call = ClientToolCall(name="pick_seat", arguments={"row": row})
    return "asked"


def seats() -> Agent[Any]:
    return Agent[Any](
        name="Seats",
        tools=[pick_seat],
        tool_use_behavior=StopAtTools(stop_at_tool_names=["pick_seat"]),
    )


async def test_a_client_tool_ends_the_turn_and_its_output_begins_the_next(talk: Talk) -> None:
    talk.server.load([Answer("Choose one.", ToolCall("pick_seat", {"row": 4}, call_id="call_7")), "Seat B it is."])
    async with talk(seats()) as chat:
        said = await chat.say("A seat, please")
        (call,) = said.items("client_tool_call")
        assert (call["status"], call["name"], call["arguments"]) == ("pending", "pick_seat", {"row": 4})
        assert call["call_id"] == "call_7"
        assert (await chat.stored())[-1]["id"] == call["id"]
        after = await chat.give({"seat": "B"})
    assert after.texts == ["Seat B it is."]
    assert after.error is None
    assert talk.server.requests[1].tool_outputs == {"call_7": '{"seat":"B"}'}
    assert sent(talk.server.requests[1])[0] == ("user", "A seat, please")
    (workflow,) = after.items("workflow")  # the one that was begun before the call has gone on
    assert workflow["workflow"]["tasks"][0]["title"] == "Pick seat"


async def test_a_client_tool_call_without_an_answer_is_left_out(talk: Talk) -> None:
    talk.server.load([ToolCalls(ToolCall("pick_seat", {"row": 4})), "Never mind."])
    async with talk(seats()) as chat:
        await chat.say("A seat, please")
        said = await chat.say("Forget it")
    assert said.texts == ["Never mind."]
    assert "function_call" not in json.dumps(talk.server.requests[1].items)


async def test_an_answered_question_goes_on(talk: Talk) -> None:
    @function_tool
    async def ask(context: Context) -> str:
        """Asks the user."""
        question = sdk.StructuredInputFreeform(type="freeform", id="q1", question="Which city?")
        item = sdk.StructuredInputItem(
            id="ask_1", thread_id=context.context.thread.id, created_at=datetime.now(), inputs=[question]
        )
        await context.context.stream(sdk.ThreadItemDoneEvent(item=item))
        return "asked"

    talk.server.load([ToolCalls(ToolCall("ask")), "Rome it is."])
    agent = Agent[Any](name="Asks", tools=[ask], tool_use_behavior="stop_on_first_tool")
    async with talk(agent) as chat:
        await chat.say("Weather?")
        said = await chat.answer("ask_1", q1="Rome </structured_input>")
    assert said.texts == ["Rome it is."]
    (role, text) = sent(talk.server.requests[1])[-1]
    assert role == "user"
    assert "- Which city?: Rome &lt;/structured_input>" in text


async def test_an_agent_that_goes_round_in_circles_is_stopped(talk: Talk) -> None:
    talk.server.load(ToolCalls(ToolCall("get_weather", {"city": "Rome"})))
    async with talk(Agent[Any](name="Weather", tools=[get_weather]), max_turns=3) as chat:
        said = await chat.say("How is Rome?")
    assert said.error is not None
    assert "3 steps" in said.error["message"]
    assert len(talk.server.requests) == 3


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_agent_used_as_a_tool_does_not_speak_to_the_user(talk: Talk, streamed: bool) -> None:
    async def listen(event: object) -> None:
        return

    poet = Agent[Any](name="Poet").as_tool("write_poem", "Writes a poem", on_stream=listen if streamed else None)

    def respond(request: WireRequest) -> Reply:
        if not request.tool_names:
            return "A secret poem."
        return ToolCalls(ToolCall("write_poem", {"input": "Sea"})) if not request.tool_outputs else "Done."

    talk.server.load(respond)
    async with talk(Agent[Any](name="Boss", tools=[poet])) as chat:
        said = await chat.say("A poem!")
    assert said.texts == ["Done."]
    assert said.streamed == "Done."
    assert len(talk.server.requests) == 3


@pytest.mark.parametrize("own_model", [False, True])
async def test_a_hand_off_goes_on_in_the_same_answer(talk: Talk, own_model: bool) -> None:
    async with AsyncOpenAI(base_url=talk.server.base_url, api_key="sk-test", max_retries=0) as client:
        model = OpenAIChatCompletionsModel("gpt-other", client) if own_model else "gpt-other"
        expert = Agent[Any](name="Expert", model=model)

        def respond(request: WireRequest) -> Reply:
            return "I know." if request.model == "gpt-other" else ToolCalls(ToolCall("transfer_to_expert"))

        talk.server.load(respond)
        async with talk(Agent[Any](name="Desk", handoffs=[expert])) as chat:
            said = await chat.say("Who knows?")
    assert said.error is None
    assert said.streamed == "I know."
    assert said.texts == ["I know."]


async def test_an_agent_with_a_model_of_its_own_keeps_it(server: OpenAIWireServer) -> None:
    server.load(["Hello."])
    async with AsyncOpenAI(base_url=server.base_url, api_key="sk-test") as client:
        agent = Agent[Any](name="Own", model=OpenAIChatCompletionsModel("gpt-own", client))
        async with conversation(OpenAIAgent(agent)) as chat:
            said = await chat.say("Hi")
        assert agent.model is not None
    assert said.texts == ["Hello."]
    assert server.requests[0].model == "gpt-own"


async def test_a_guardrail_removes_the_answer(talk: Talk) -> None:
    @output_guardrail
    async def never(context: Any, agent: Any, output: Any) -> GuardrailFunctionOutput:
        return GuardrailFunctionOutput(output_info=None, tripwire_triggered=True)

    talk.server.load([Answer(Reasoning("Hm."), "Something bad.")])
    async with talk(Agent[Any](name="Careful", output_guardrails=[never])) as chat:
        said = await chat.say("Say it")
        assert [item["type"] for item in await chat.stored()] == ["user_message"]
    removed = {event["item_id"] for event in said.events if event["type"] == "thread.item.removed"}
    added = {event["item"]["id"] for event in said.events if event["type"] == "thread.item.added"}
    assert removed == added
    assert len(removed) == 2
    assert said.error is not None
    assert "stopped by a check" in said.error["message"]


async def test_an_agent_for_each_turn(talk: Talk) -> None:
    class PerUser(OpenAIAgent):
        async def agent_for(self, turn: Turn) -> Agent[Any]:
            return Agent[Any](name="Own", instructions=f"You serve {turn.context.user_id}.")

    talk.server.load(["Hello."])
    async with conversation(PerUser(model="m", base_url=talk.server.base_url, api=talk.api)) as chat:
        assert (await chat.say("Hi")).texts == ["Hello."]
    assert "You serve alice." in json.dumps(talk.server.requests[0].json)


# --- choices of a message ---------------------------------------------------------------------------------------------


async def test_a_message_may_choose_an_allowed_model(talk: Talk) -> None:
    talk.server.load("Hello.")
    async with talk(allowed_models=["gpt-other"]) as chat:
        await chat.say("Hi", inference_options={"model": "gpt-other"})
        await chat.say("Hi", inference_options={"model": "gpt-test"})
        await chat.say("Hi")
    assert [request.model for request in talk.server.requests] == ["gpt-other", "gpt-test", "gpt-test"]


async def test_any_other_model_is_refused(talk: Talk) -> None:
    talk.server.load("Hello.")
    async with talk(allowed_models=["gpt-other"]) as chat:
        with pytest.raises(InvalidParams, match="not available") as refused:
            await chat.say("Hi", inference_options={"model": "gpt-expensive"})
    assert talk.server.requests == []
    assert refused.value.errors[0].path == "params.input.inference_options.model"


async def test_a_message_may_choose_a_tool(talk: Talk, api: Api) -> None:
    talk.server.load([ToolCalls(ToolCall("get_weather", {"city": "Rome"})), "Sunny.", "Hello."])
    async with talk(Agent[Any](name="Weather", tools=[get_weather])) as chat:
        await chat.say("Rome", inference_options={"tool_choice": {"id": "get_weather"}})
        await chat.say("Rome", inference_options={"tool_choice": {"id": "no_such_tool"}})
    choices = [request.json.get("tool_choice") for request in talk.server.requests]
    named = {"type": "function", "name": "get_weather"}
    assert choices[0] == (named if api == "responses" else {"type": "function", "function": {"name": "get_weather"}})
    assert choices[1:] == [None, None]


async def test_the_settings_are_those_of_the_model_that_is_asked(talk: Talk, api: Api) -> None:
    def reasoning(request: WireRequest) -> object:
        return (request.json.get("reasoning") or {}).get("effort") or request.json.get("reasoning_effort")

    expert = Agent[Any](name="Expert")

    def respond(request: WireRequest) -> Reply:
        return "I know." if request.tool_outputs else ToolCalls(ToolCall("transfer_to_expert"))

    talk.server.load(respond)
    for model, effort in (("llama3", None), ("gpt-5", "low"), ("gpt-5.2", "none")):
        async with talk(Agent[Any](name="Desk", handoffs=[expert]), model=model) as chat:
            assert (await chat.say("Who knows?")).texts == ["I know."]
        assert [reasoning(request) for request in talk.server.requests] == [effort, effort]
        talk.server.load(respond)


# --- failures ---------------------------------------------------------------------------------------------------------

BOTH = [
    (Failure(401), "", "credentials", False),
    (Failure(403), "", "credentials", False),
    (Failure(404), "", "does not know this model", False),
    (Failure(429), "", "try again", True),
    (Failure(429, "Pay!", "insufficient_quota"), "", "quota", False),
    (Failure(400, "Too long", "context_length_exceeded"), "", "too long", False),
    (Failure(400), "", "did not accept", False),
    (Failure(500), "", "problem of its own", True),
    (Failure(503), "", "problem of its own", True),
    (Drop(after="Half an"), "Half an", "connection to the model was lost", True),
    (Drop(), "", "connection to the model was lost", True),
    (StreamError("sk-secret-words", after="Half an"), "Half an", "reported an error", True),
    (StreamError("Slow down", "rate_limit_exceeded", after="Half an"), "Half an", "no more requests", True),
    (Malformed(after="Half an"), "Half an", "could not be used", True),
]


@pytest.mark.parametrize(("reply", "partial", "message", "allow_retry"), BOTH)
async def test_a_failure_keeps_the_text_and_says_what_happened(
    talk: Talk, reply: Reply, partial: str, message: str, allow_retry: bool
) -> None:
    talk.server.load([reply, "Better."])
    async with talk() as chat:
        said = await chat.say("Hi")
        assert said.error is not None
        assert said.error["code"] == "custom"
        assert message in said.error["message"]
        assert said.error["allow_retry"] is allow_retry
        assert said.end["status"] == "failed"
        assert "".join(said.texts) == partial
        assert "sk-" not in said.error["message"]
        assert (await chat.say("Again?")).texts == ["Better."]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Incomplete(after="Half an"), "cut off"),
        (Incomplete("content_filter", after="Half an"), "content filter"),
        (StreamError("Boom", event="error", after="Half an"), "reported an error"),
    ],
)
async def test_a_response_that_ends_early(server: OpenAIWireServer, reply: Reply, message: str) -> None:
    server.load([reply])
    async with Talk(server, "responses")() as chat:
        said = await chat.say("Hi")
    assert said.error is not None
    assert message in said.error["message"]
    assert said.texts == ["Half an"]


@pytest.mark.parametrize(("reply", "partial"), [(Stall(after="Half an"), "Half an"), (Stall(), "")])
async def test_a_stalled_model_is_given_up(talk: Talk, reply: Reply, partial: str) -> None:
    talk.server.load([reply])
    async with talk(timeout=0.3) as chat:
        said = await chat.say("Hi")
    assert said.error is not None
    assert "said nothing for 0.3 seconds" in said.error["message"]
    assert said.error["allow_retry"]
    assert "".join(said.texts) == partial
    await client_left(talk.server.requests[0])


async def test_a_slow_model_is_not_given_up(talk: Talk) -> None:
    talk.server.load([Text("one two three four five six", delay=0.15)])
    async with talk(timeout=0.4) as chat:
        assert (await chat.say("Hi")).texts == ["one two three four five six"]


async def test_a_slow_tool_is_not_a_stalled_model(talk: Talk) -> None:
    @function_tool
    async def dawdle() -> str:
        """Takes its time."""
        await asyncio.sleep(0.5)
        return "done"

    talk.server.load([ToolCalls(ToolCall("dawdle")), "There."])
    async with talk(Agent[Any](name="Slow", tools=[dawdle]), timeout=0.3) as chat:
        assert (await chat.say("Hi")).texts == ["There."]


async def test_nobody_listens_at_the_url(talk: Talk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with talk(base_url=f"http://user:swordfish@127.0.0.1:{port}/v1") as chat:
        said = await chat.say("Hi")
    assert said.error is not None
    assert "cannot be reached" in said.error["message"]
    assert "swordfish" not in said.error["message"]


async def test_no_key_at_all() -> None:
    async with conversation(OpenAIAgent(model="gpt-test")) as chat:
        said = await chat.say("Hi")
    assert said.error is not None
    assert "OPENAI_API_KEY" in said.error["message"]


async def test_keys_do_not_reach_the_log(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    talk.server.load([Failure(401, "Incorrect API key provided: my-own-key. And sk-live-1234567890.")])
    with caplog.at_level(logging.DEBUG, "fastapi_chatkit"):
        async with talk(api_key="my-own-key") as chat:
            await chat.say("Hi")
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("fastapi_chatkit"))
    assert "AuthenticationError" in ours
    assert "my-own-key" not in ours
    assert "1234567890" not in ours


async def test_requests_that_were_refused_for_now_are_repeated(talk: Talk) -> None:
    talk.server.load([Failure(500, retry_after=0.01), "Hello."])
    async with talk(max_retries=2) as chat:
        assert (await chat.say("Hi")).texts == ["Hello."]
    assert len(talk.server.requests) == 2


async def test_a_stop_closes_the_models_connection_and_keeps_the_text(talk: Talk) -> None:
    talk.server.load([Stall(after="Half"), "Fine."])
    async with talk() as chat:
        run = await chat.start(chat.message("Hi"))
        async for batch in chat.engine.read(run):
            if any(b"text_delta" in event.data for event in batch):
                break
        chat.engine.stop(run, "cancelled")
        assert run.task is not None
        await run.task
        assert run.status == "cancelled"
        await client_left(talk.server.requests[0])
        await chat.say("Go on")
    (hi, half, note, go_on) = sent(talk.server.requests[1])
    assert (hi, half, go_on) == (("user", "Hi"), ("assistant", "Half"), ("user", "Go on"))
    assert "cancelled the stream" in note[1]


# --- the surroundings -------------------------------------------------------------------------------------------------


async def test_nothing_global_is_set(talk: Talk) -> None:
    from agents.models import _openai_shared
    from agents.tracing import get_trace_provider

    talk.server.load(["Hello."])
    before = get_trace_provider()
    async with talk() as chat:
        await chat.say("Hi")
    assert _openai_shared.get_default_openai_client() is None
    assert get_trace_provider() is before


async def test_the_api_follows_the_url(server: OpenAIWireServer) -> None:
    server.load(["Hello."])
    async with Talk(server, "responses")(api="auto") as chat:
        await chat.say("Hi")
    assert server.requests[0].api == "chat_completions"
