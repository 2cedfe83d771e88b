"""The OpenAI Agents SDK, unchanged, against scripted models of both APIs."""

from typing import Any

import pytest
from agents import (
    Agent,
    ModelBehaviorError,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    RunResultStreaming,
    function_tool,
    set_tracing_disabled,
)
from openai import APIConnectionError, AsyncOpenAI, RateLimitError

from fastapi_chatkit.testing import (
    Answer,
    Drop,
    Failure,
    OpenAIWireServer,
    Reasoning,
    Reply,
    StreamError,
    Text,
    ToolCall,
    ToolCalls,
    WireRequest,
)

MODELS = [OpenAIResponsesModel, OpenAIChatCompletionsModel]

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("model", MODELS)]


@pytest.fixture(autouse=True)
def no_tracing() -> None:
    set_tracing_disabled(True)


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def run(client: AsyncOpenAI, model: type[Any], text: str = "How is the weather?") -> RunResultStreaming:
    # Against any other server than OpenAI's, the SDK asks a chat completion for its usage only when it is told to.
    settings = ModelSettings(include_usage=True)
    agent = Agent(
        name="Helper",
        instructions="Be kind.",
        model=model("gpt-test", client),
        model_settings=settings,
        tools=[get_weather],
    )
    return Runner.run_streamed(agent, text, run_config=RunConfig(tracing_disabled=True))


async def text_of(result: RunResultStreaming) -> str:
    deltas = [
        event.data.delta
        async for event in result.stream_events()
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]
    return "".join(deltas)


async def test_text_is_streamed(server: OpenAIWireServer, async_client: AsyncOpenAI, model: type[Any]) -> None:
    server.load([Answer(Reasoning("Be brief."), Text("Hello **world**"))])
    result = run(async_client, model)
    assert await text_of(result) == result.final_output == "Hello **world**"
    (request,) = server.requests
    assert (request.stream, request.user_text, request.tool_names) == (True, "How is the weather?", ["get_weather"])
    assert result.context_wrapper.usage.output_tokens == 4


async def test_a_tool_is_called_and_its_result_comes_back(
    server: OpenAIWireServer, async_client: AsyncOpenAI, model: type[Any]
) -> None:
    def respond(request: WireRequest) -> Reply:
        if not request.tool_outputs:
            return ToolCalls(ToolCall("get_weather", {"city": "Berlin"}), ToolCall("get_weather", {"city": "Rome"}))
        return " and ".join(request.tool_outputs.values())

    server.load(respond)
    result = run(async_client, model)
    assert await text_of(result) == "sunny in Berlin and sunny in Rome"
    assert len(server.requests) == 2


async def test_a_second_turn_is_accepted(server: OpenAIWireServer, async_client: AsyncOpenAI, model: type[Any]) -> None:
    server.load([ToolCalls(ToolCall("get_weather", {"city": "Berlin"})), Answer(Reasoning("Hm."), "Sunny."), "Again."])
    result = run(async_client, model)
    await text_of(result)
    agent = Agent(name="Helper", model=model("gpt-test", async_client))
    again = await Runner.run(agent, [*result.to_input_list(), {"role": "user", "content": "Sure?"}])
    assert again.final_output == "Again."
    assert server.requests[-1].user_text == "Sure?"


async def test_http_errors_reach_the_caller(
    server: OpenAIWireServer, async_client: AsyncOpenAI, model: type[Any]
) -> None:
    server.load([Failure(429)])
    with pytest.raises(RateLimitError):
        await text_of(run(async_client, model))


async def test_a_dropped_connection_reaches_the_caller(
    server: OpenAIWireServer, async_client: AsyncOpenAI, model: type[Any]
) -> None:
    server.load([Drop(after="Hel")])
    with pytest.raises(APIConnectionError):
        await text_of(run(async_client, model))


async def test_an_error_in_mid_stream_reaches_the_caller(
    server: OpenAIWireServer, async_client: AsyncOpenAI, model: type[Any]
) -> None:
    server.load([StreamError("Boom.", after="Hel")])
    with pytest.raises(Exception, match=r"Boom\.") as raised:
        await text_of(run(async_client, model))
    assert (raised.type is ModelBehaviorError) == (model is OpenAIResponsesModel)
