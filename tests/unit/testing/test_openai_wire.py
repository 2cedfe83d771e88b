"""The official client over a real socket: what it makes of scripted answers, in both APIs, streamed and not."""

import json
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from fastapi_chatkit.testing import (
    Answer,
    FileCitation,
    Incomplete,
    OpenAIWireServer,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolCalls,
    UrlCitation,
    Usage,
)

WEATHER = ToolCall("get_weather", {"city": "Berlin"})
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)

EVERYTHING = Answer(
    Reasoning(["Look it up.", "Then answer."]),
    Text(
        "Hello **world** ✓", annotations=[UrlCitation("https://example.com", "Example"), FileCitation("file_1", "a.md")]
    ),
    Refusal("I will not say more."),
    WEATHER,
    ToolCall("get_time", {}, call_id="call_fixed"),
)


# The client's types are unions of all that OpenAI may send: the helpers give Any, and the tests say what they expect.


def respond(client: OpenAI, **options: Any) -> Any:
    return client.responses.create(model="gpt-test", input="Hi", **options)


def complete(client: OpenAI, **options: Any) -> Any:
    return client.chat.completions.create(model="gpt-test", messages=[{"role": "user", "content": "Hi"}], **options)


def stream_responses(client: OpenAI) -> list[Any]:
    return list(respond(client, stream=True))


def stream_chat(client: OpenAI, **options: Any) -> list[Any]:
    return list(complete(client, stream=True, **options))


# --- Responses ----------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_text_arrives_in_deltas_between_the_lifecycle_events(
    server: OpenAIWireServer, async_client: AsyncOpenAI
) -> None:
    server.load([Text("Hello **world**")])
    events: list[Any] = [
        event async for event in await async_client.responses.create(model="gpt-test", input="Hi", stream=True)
    ]
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == ["Hello", " **world**"]
    assert events[-1].response.output_text == "Hello **world**"


def test_every_event_is_valid_and_numbered_without_gaps(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING])
    events = stream_responses(client)
    for number, event in enumerate(events):
        EVENT.validate_python(event.model_dump(by_alias=True, exclude_unset=True))
        assert event.sequence_number == number


def test_the_stream_and_the_document_hold_the_same_items(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING, EVERYTHING])
    streamed = stream_responses(client)[-1].response
    whole = respond(client)
    Response.model_validate(whole.model_dump(by_alias=True, exclude_unset=True))
    assert [item.type for item in whole.output] == ["reasoning", "message", "message", "function_call", "function_call"]
    unique = {"id", "call_id"}
    assert [item.model_dump(exclude=unique) for item in streamed.output] == [
        item.model_dump(exclude=unique) for item in whole.output
    ]


def test_ids_are_unique_and_prefixed(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING, EVERYTHING])
    first, second = (stream_responses(client)[-1].response for _ in range(2))
    ids = [response.id for response in (first, second)]
    ids += [item.id for response in (first, second) for item in response.output]
    assert len(set(ids)) == len(ids) == 12
    assert [item_id.split("_")[0] for item_id in ids[2:7]] == ["rs", "msg", "msg", "fc", "fc"]
    assert first.output[3].call_id != second.output[3].call_id
    assert first.output[4].call_id == second.output[4].call_id == "call_fixed"


def test_the_clients_own_accumulator_agrees(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING])
    with client.responses.stream(model="gpt-test", input="Hi") as stream:
        final: Any = stream.get_final_response()
    assert final.output_text == "Hello **world** ✓"
    assert [summary.text for summary in final.output[0].summary] == ["Look it up.", "Then answer."]
    assert json.loads(final.output[3].arguments) == {"city": "Berlin"}


def test_citations_are_announced_and_kept(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING])
    events = stream_responses(client)
    added = [event.annotation for event in events if event.type == "response.output_text.annotation.added"]
    url, file = events[-1].response.output[1].content[0].annotations
    assert (url.type, url.url, url.start_index, url.end_index) == ("url_citation", "https://example.com", 0, 17)
    assert (file.type, file.file_id, file.filename) == ("file_citation", "file_1", "a.md")
    assert [annotation["type"] if isinstance(annotation, dict) else annotation.type for annotation in added] == [
        "url_citation",
        "file_citation",
    ]


def test_the_response_repeats_what_was_asked_for(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load(["Hello"])
    tool = {"type": "function", "name": "f", "parameters": {}, "strict": False}
    response = respond(client, instructions="Be kind.", tools=[tool], temperature=0.5, metadata={"a": "b"})
    assert (response.model, response.instructions, response.temperature) == ("gpt-test", "Be kind.", 0.5)
    assert response.tools[0].name == "f"
    assert response.metadata == {"a": "b"}


def test_an_incomplete_answer_keeps_its_text(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Incomplete(after="Hel")] * 2)
    last = stream_responses(client)[-1]
    assert last.type == "response.incomplete"
    for response in (last.response, respond(client)):
        assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")
        assert (response.output_text, response.output[0].status) == ("Hel", "incomplete")


def test_usage_is_estimated_or_scripted(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Text("one two three"), Answer("one", usage=Usage(100, 20, cached_tokens=80, reasoning_tokens=5))])
    estimated, scripted = (respond(client).usage for _ in range(2))
    assert (estimated.input_tokens, estimated.output_tokens, estimated.total_tokens) == (1, 3, 4)
    assert (scripted.input_tokens, scripted.input_tokens_details.cached_tokens) == (100, 80)
    assert (scripted.output_tokens, scripted.output_tokens_details.reasoning_tokens) == (20, 5)


# --- Chat Completions ---------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_chat_text_arrives_in_chunks_from_role_to_finish_reason(
    server: OpenAIWireServer, async_client: AsyncOpenAI
) -> None:
    server.load([Text("Hello **world**")])
    stream = await async_client.chat.completions.create(
        model="gpt-test", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    chunks = [chunk async for chunk in stream]
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "Hello", " **world**", None]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, None, "stop"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({chunk.id for chunk in chunks}) == 1


def test_every_chunk_is_valid(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING])
    for chunk in stream_chat(client):
        ChatCompletionChunk.model_validate(chunk.model_dump(by_alias=True, exclude_unset=True), strict=True)


def test_usage_comes_last_and_only_when_asked_for(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Text("one two")] * 2)
    with_usage = stream_chat(client, stream_options={"include_usage": True})
    assert [chunk.usage for chunk in with_usage[:-1]] == [None] * 4
    assert with_usage[-1].choices == []
    assert with_usage[-1].usage.completion_tokens == 2
    assert all(chunk.usage is None for chunk in stream_chat(client))


def test_chat_accumulated_by_the_client_equals_the_document(server: OpenAIWireServer, client: OpenAI) -> None:
    answer = Answer("Let me see.", ToolCall("f", {"a": 1}, "call_1"), ToolCall("g", {}, "call_2"))
    server.load([answer, answer])
    with client.chat.completions.stream(model="gpt-test", messages=[{"role": "user", "content": "Hi"}]) as stream:
        streamed: Any = stream.get_final_completion().choices[0]
    whole = complete(client)
    ChatCompletion.model_validate(whole.model_dump(by_alias=True, exclude_unset=True), strict=True)
    for choice in (streamed, whole.choices[0]):
        assert (choice.finish_reason, choice.message.content) == ("tool_calls", "Let me see.")
        calls = [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls]
        assert calls == [("call_1", "f", '{"a":1}'), ("call_2", "g", "{}")]


def test_chat_holds_refusal_reasoning_and_citations(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([EVERYTHING, ToolCalls(WEATHER)])
    message, calls_only = (complete(client).choices[0].message for _ in range(2))
    assert (message.content, message.refusal) == ("Hello **world** ✓", "I will not say more.")
    assert message.model_extra["reasoning_content"] == "Look it up.Then answer."
    assert [citation.url_citation.url for citation in message.annotations] == ["https://example.com"]
    assert calls_only.content is None


@pytest.mark.parametrize(("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter")])
def test_an_incomplete_chat_says_why(server: OpenAIWireServer, client: OpenAI, reason: Any, finish: str) -> None:
    server.load([Incomplete(reason, after="Hel")])
    assert stream_chat(client)[-1].choices[0].finish_reason == finish


# --- both ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "deltas"),
    [
        (Text("a b"), ["a", " b"]),
        (Text("  a\n\nb \n"), ["  a", "\n\nb", " \n"]),
        (Text("abcde", chunk_size=2), ["ab", "cd", "e"]),
        (Text(["a b", "c"]), ["a b", "c"]),
        (Text("ab", repeat=3, batch=2), ["ab", "ab", "ab"]),
        (Text(""), []),
    ],
)
def test_text_is_cut_as_asked(server: OpenAIWireServer, client: OpenAI, text: Text, deltas: list[str]) -> None:
    server.load([text, text])
    events = stream_responses(client)
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == deltas
    assert events[-1].response.output_text == "".join(deltas)
    assert [chunk.choices[0].delta.content for chunk in stream_chat(client)][1:-1] == deltas


@pytest.mark.parametrize("text", ["nul \x00", "lone \ud83d", 'quote " \\ \n', "100 % %d", "\x00delta\x00"])
def test_any_text_survives(server: OpenAIWireServer, client: OpenAI, text: str) -> None:
    server.load([Text([text])] * 2)
    events = stream_responses(client)
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == [text]
    assert events[-1].response.output_text == text
    assert stream_chat(client)[1].choices[0].delta.content == text


def test_a_large_stream_is_complete(server: OpenAIWireServer, client: OpenAI) -> None:
    server.load([Text(" token", repeat=2000, batch=64)])
    events = stream_responses(client)
    assert sum(event.type == "response.output_text.delta" for event in events) == 2000
    assert events[-1].response.output_text == " token" * 2000


def test_models_are_listed(client: OpenAI) -> None:
    assert list(client.models.list()) == []
    assert client.models.retrieve("any/model").id == "any/model"
