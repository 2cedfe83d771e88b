"""A model of the Agents SDK that answers in the process, without the wire: the SDK as the source, and nothing else.

It yields what OpenAI's Responses would send, with a turn of the event loop between two events, as a model that is read
from a socket has it.
"""

import asyncio
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
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseStreamEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)

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
        for event in _events(Script.parse(str(last)), f"msg_{os.urandom(8).hex()}"):
            yield event
            await asyncio.sleep(0)


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
