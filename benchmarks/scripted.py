"""Models of the Agents SDK that answer in the process, without the wire: the SDK as the source, and nothing else.

They yield what OpenAI's Responses would send, with a turn of the event loop between two events, as a model that is read
from a socket has it.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any, NoReturn

from agents import Model
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFunctionCallArgumentsDeltaEvent,
    ResponseFunctionCallArgumentsDoneEvent,
    ResponseFunctionToolCall,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseStreamEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)

from benchmarks import tool
from benchmarks.workload import Script, words


class ScriptedModel(Model):
    """Streams the script that the last message asks for, under an id of its own each time."""

    async def get_response(self, *_args: object, **_more: object) -> NoReturn:
        """Nobody asks for an answer that does not stream."""
        raise NotImplementedError

    async def stream_response(
        self,
        system_instructions: str | None,
        input: Any,
        *_args: object,
        **_more: object,
    ) -> AsyncIterator[ResponseStreamEvent]:
        """The events of a whole response."""
        last = input[-1] if isinstance(input, list) else input
        for event in self.answer(last):
            yield event
            await asyncio.sleep(0)

    def answer(self, last: Any) -> Iterator[ResponseStreamEvent]:
        """The answer to the last message."""
        return _events(Script.parse(str(last)), f"msg_{os.urandom(8).hex()}")


class ToolCallingModel(ScriptedModel):
    """Asks a tool what to stream and how, and streams that: two calls of the model for each message."""

    def answer(self, last: Any) -> Iterator[ResponseStreamEvent]:
        """A call of the tool, or what it says."""
        if "call_id" in last:
            return super().answer(last)
        return _call(tool.NAME, {"count": Script.parse(str(last)).count})


def _events(script: Script, item_id: str) -> Iterator[ResponseStreamEvent]:
    place: dict[str, Any] = {"item_id": item_id, "output_index": 0, "content_index": 0}
    numbers = count()
    response = _response()
    part = ResponseOutputText(type="output_text", text=script.text, annotations=[])
    item = ResponseOutputMessage(id=item_id, type="message", role="assistant", status="completed", content=[part])
    empty = part.model_copy(update={"text": ""})
    fresh = item.model_copy(update={"status": "in_progress", "content": []})
    yield ResponseCreatedEvent(type="response.created", response=response, sequence_number=next(numbers))
    yield ResponseOutputItemAddedEvent(
        type="response.output_item.added", item=fresh, output_index=0, sequence_number=next(numbers)
    )
    yield ResponseContentPartAddedEvent(
        type="response.content_part.added", part=empty, sequence_number=next(numbers), **place
    )
    for word in words(script.count):
        yield ResponseTextDeltaEvent(
            type="response.output_text.delta", delta=word, logprobs=[], sequence_number=next(numbers), **place
        )
    yield ResponseTextDoneEvent(
        type="response.output_text.done", text=script.text, logprobs=[], sequence_number=next(numbers), **place
    )
    yield ResponseContentPartDoneEvent(
        type="response.content_part.done", part=part, sequence_number=next(numbers), **place
    )
    yield ResponseOutputItemDoneEvent(
        type="response.output_item.done", item=item, output_index=0, sequence_number=next(numbers)
    )
    done = response.model_copy(update={"status": "completed", "output": [item]})
    yield ResponseCompletedEvent(type="response.completed", response=done, sequence_number=next(numbers))


def _call(name: str, arguments: dict[str, Any]) -> Iterator[ResponseStreamEvent]:
    numbers = count()
    response, own = _response(), os.urandom(8).hex()
    item = ResponseFunctionToolCall(
        type="function_call",
        id=f"fc_{own}",
        call_id=f"call_{own}",
        name=name,
        arguments=json.dumps(arguments),
        status="completed",
    )
    place: dict[str, Any] = {"item_id": item.id, "output_index": 0}
    fresh = item.model_copy(update={"status": "in_progress", "arguments": ""})
    yield ResponseCreatedEvent(type="response.created", response=response, sequence_number=next(numbers))
    yield ResponseOutputItemAddedEvent(
        type="response.output_item.added", item=fresh, output_index=0, sequence_number=next(numbers)
    )
    yield ResponseFunctionCallArgumentsDeltaEvent(
        type="response.function_call_arguments.delta",
        delta=item.arguments,
        sequence_number=next(numbers),
        **place,
    )
    yield ResponseFunctionCallArgumentsDoneEvent(
        type="response.function_call_arguments.done",
        arguments=item.arguments,
        sequence_number=next(numbers),
        **place,
    )
    yield ResponseOutputItemDoneEvent(
        type="response.output_item.done", item=item, output_index=0, sequence_number=next(numbers)
    )
    done = response.model_copy(update={"status": "completed", "output": [item]})
    yield ResponseCompletedEvent(type="response.completed", response=done, sequence_number=next(numbers))


def _response() -> Response:
    return Response(
        id=f"resp_{os.urandom(8).hex()}",
        object="response",
        created_at=1_767_225_600,
        status="in_progress",
        model="gpt-4.1-mini",
        output=[],
        parallel_tool_calls=True,
        tool_choice="auto",
        tools=[],
    )
