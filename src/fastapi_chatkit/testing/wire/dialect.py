"""What the two APIs have in common: a writer that turns an answer into steps, and answers that break off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from fastapi_chatkit.testing.wire.encoding import Cut, Hold, Step
from fastapi_chatkit.testing.wire.parts import Reasoning
from fastapi_chatkit.testing.wire.replies import Answer, BreakOff, Drop, Malformed, Stall, Usage
from fastapi_chatkit.testing.wire.requests import JsonObject, WireRequest


class Writer(Protocol):
    """One answer in one API's form."""

    def steps(self) -> Iterator[Step]:
        """The stream, to be taken once."""
        ...

    @property
    def document(self) -> JsonObject:
        """The body of a reply that is not streamed; complete once ``steps`` is exhausted."""
        ...


def break_off(end: BreakOff) -> Iterator[Step]:
    """How a stream ends that does not end well."""
    match end:
        case Stall():
            yield Hold(end.limit)
            yield Cut()
        case Drop():
            yield Cut()
        case Malformed():
            yield b"data: %b\n\n" % end.data.encode()


def usage_of(answer: Answer, request: WireRequest) -> Usage:
    """What the answer reports: as scripted, or one token per delta and one per four characters of the request."""
    if answer.usage is not None:
        return answer.usage
    reasoning = sum(len(chunks) for part in answer.parts if isinstance(part, Reasoning) for chunks in part.chunks)
    visible = sum(len(part.chunks) for part in answer.parts if not isinstance(part, Reasoning))
    prompt = 1 + sum(len(str(item)) for item in request.items or [request.user_text]) // 4
    return Usage(prompt, visible + reasoning, reasoning_tokens=reasoning)
