"""A model's answer in the form of the Responses API, whole and as a stream of events."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

from agents.items import TResponseStreamEvent
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFunctionCallArgumentsDeltaEvent,
    ResponseFunctionCallArgumentsDoneEvent,
    ResponseFunctionToolCall,
    ResponseOutputItem,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
    ResponseUsage,
)
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from .planner import Step
from .tools import ToolCall

MODEL_NAME = "taskflow-offline"

_PIECE = re.compile(r"\s*\S{1,12}|\s+")
"""A piece of streamed text: a word, or a part of a long one."""

Output = ResponseOutputMessage | ResponseFunctionToolCall


def output_of(step: Step) -> list[Output]:
    """The step as output items, each with ids of its own."""
    if isinstance(step, str):
        return [_message(_new_id("msg"), step, "completed")]
    return [_call(call) for call in step]


def whole(output: list[Output]) -> Response:
    """A response that has ended."""
    return _response(list(output), "completed")


def _response(output: list[ResponseOutputItem], status: Any) -> Response:
    usage = ResponseUsage(  # nothing was counted, because no model read or wrote anything
        input_tokens=0,
        input_tokens_details=InputTokensDetails(cached_tokens=0, cache_write_tokens=0),
        output_tokens=0,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        total_tokens=0,
    )
    return Response(
        id=_new_id("resp"),
        created_at=time.time(),
        model=MODEL_NAME,
        object="response",
        output=output,
        status=status,
        tool_choice="auto",
        tools=[],
        parallel_tool_calls=True,
        usage=usage if status == "completed" else None,
    )


def _new_id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex}"


def _message(item_id: str, text: str | None, status: Any) -> ResponseOutputMessage:
    content = [] if text is None else [_text(text)]
    return ResponseOutputMessage(id=item_id, content=[*content], role="assistant", status=status, type="message")


def _text(text: str) -> ResponseOutputText:
    return ResponseOutputText(text=text, annotations=[], type="output_text", logprobs=[])


def _call(call: ToolCall) -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(
        id=_new_id("fc"),
        call_id=_new_id("call"),
        name=call.name,
        arguments=json.dumps(call.arguments, ensure_ascii=False),
        type="function_call",
        status="completed",
    )


class Numbered:
    """Makes the events of one response, numbered from 0."""

    def __init__(self) -> None:
        self._next = 0

    def events(self, output: list[Output]) -> Iterator[TResponseStreamEvent]:
        """All of them, in the order of the Responses API."""
        ended = whole(output)
        begun = ended.model_copy(update={"output": [], "status": "in_progress", "usage": None})
        yield ResponseCreatedEvent(response=begun, type="response.created", sequence_number=self._number())
        for index, item in enumerate(output):
            yield from self._said(item, index) if isinstance(item, ResponseOutputMessage) else self._called(item, index)
            yield ResponseOutputItemDoneEvent(
                item=item, output_index=index, type="response.output_item.done", sequence_number=self._number()
            )
        yield ResponseCompletedEvent(response=ended, type="response.completed", sequence_number=self._number())

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _added(self, item: Output, index: int) -> ResponseOutputItemAddedEvent:
        return ResponseOutputItemAddedEvent(
            item=item, output_index=index, type="response.output_item.added", sequence_number=self._number()
        )

    def _said(self, message: ResponseOutputMessage, index: int) -> Iterator[TResponseStreamEvent]:
        yield self._added(_message(message.id, None, "in_progress"), index)
        text = "".join(part.text for part in message.content if part.type == "output_text")
        place: dict[str, Any] = {"item_id": message.id, "output_index": index, "content_index": 0}
        yield ResponseContentPartAddedEvent(
            **place, part=_text(""), type="response.content_part.added", sequence_number=self._number()
        )
        for piece in _PIECE.findall(text):
            yield ResponseTextDeltaEvent(
                **place, delta=piece, logprobs=[], type="response.output_text.delta", sequence_number=self._number()
            )
        yield ResponseTextDoneEvent(
            **place, text=text, logprobs=[], type="response.output_text.done", sequence_number=self._number()
        )
        yield ResponseContentPartDoneEvent(
            **place, part=_text(text), type="response.content_part.done", sequence_number=self._number()
        )

    def _called(self, call: ResponseFunctionToolCall, index: int) -> Iterator[TResponseStreamEvent]:
        yield self._added(call.model_copy(update={"arguments": "", "status": "in_progress"}), index)
        place: dict[str, Any] = {"item_id": call.id or "", "output_index": index}
        yield ResponseFunctionCallArgumentsDeltaEvent(
            **place,
            delta=call.arguments,
            type="response.function_call_arguments.delta",
            sequence_number=self._number(),
        )
        yield ResponseFunctionCallArgumentsDoneEvent(
            **place,
            arguments=call.arguments,
            type="response.function_call_arguments.done",
            sequence_number=self._number(),
        )
