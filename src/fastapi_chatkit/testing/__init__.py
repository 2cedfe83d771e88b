"""What users need to test their own agent without a network or a key.

A scripted model behind a real socket, for everything that takes a base URL::

    @pytest.fixture
    def model():
        with OpenAIWireServer([ToolCalls(ToolCall("get_weather", {"city": "Berlin"})), "Sunny."]) as server:
            yield server

    async def test_weather(model):
        client = AsyncOpenAI(base_url=model.base_url, api_key="anything")
        agent = Agent(name="Weather", model=OpenAIResponsesModel("any", client), tools=[get_weather])
        result = await Runner.run(agent, "How is Berlin?")
        assert result.final_output == "Sunny."
        assert "sunny" in str(model.requests[1].tool_outputs)

A reply is a string or a part (``Text``, ``Refusal``, ``Reasoning``, ``ToolCall``), an ``Answer`` of several, an ending
that goes wrong (``Incomplete``, ``StreamError``, ``Stall``, ``Drop``, ``Malformed``), or an HTTP error (``Failure``).
"""

from fastapi_chatkit.testing.wire import (
    Answer,
    Completed,
    Drop,
    Ending,
    Failure,
    FileCitation,
    Incomplete,
    Malformed,
    OpenAIWireServer,
    Part,
    Reasoning,
    Refusal,
    Reply,
    Respond,
    Script,
    Stall,
    StreamError,
    Text,
    ToolCall,
    ToolCalls,
    UrlCitation,
    Usage,
    WireRequest,
    wire_app,
)

__all__ = [
    "Answer",
    "Completed",
    "Drop",
    "Ending",
    "Failure",
    "FileCitation",
    "Incomplete",
    "Malformed",
    "OpenAIWireServer",
    "Part",
    "Reasoning",
    "Refusal",
    "Reply",
    "Respond",
    "Script",
    "Stall",
    "StreamError",
    "Text",
    "ToolCall",
    "ToolCalls",
    "UrlCitation",
    "Usage",
    "WireRequest",
    "wire_app",
]
