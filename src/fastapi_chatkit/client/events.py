"""What an answer consists of: the SDK's events, and those about the run itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from chatkit import types as sdk
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from .run import RunStatus


class RunStarted(BaseModel):
    """The first event of a run. ``attempt`` counts from 1."""

    type: Literal["run.started"] = "run.started"
    run_id: str
    thread_id: str
    attempt: int


class RunSnapshot(BaseModel):
    """Comes where the server no longer has the events in between: ``items`` are all that the run has said so far.

    They replace what was known of the run's items. The message that it answers is the first of them, but not that of a
    retry. The stream goes on from ``last_event_id``.
    """

    type: Literal["run.snapshot"] = "run.snapshot"
    run_id: str
    thread_id: str
    last_event_id: str
    items: list[sdk.ThreadItem]


class RunEnded(BaseModel):
    """The last event of a run."""

    type: Literal["run.ended"] = "run.ended"
    run_id: str
    status: RunStatus
    stop_reason: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event, an item or an update that is newer than this client: ``data`` is the event as it came."""

    type: str
    data: dict[str, Any]


AnswerEvent = sdk.ThreadStreamEvent | RunStarted | RunSnapshot | RunEnded | UnknownEvent

_EVENTS: TypeAdapter[sdk.ThreadStreamEvent | RunStarted | RunSnapshot | RunEnded] = TypeAdapter(
    Annotated[sdk.ThreadStreamEvent | RunStarted | RunSnapshot | RunEnded, Field(discriminator="type")]
)


def typed(data: dict[str, Any]) -> AnswerEvent:
    """The event that ``data`` describes. An error with a code that the SDK does not have becomes a ``custom`` one."""
    try:
        return _EVENTS.validate_python(data)
    except ValidationError:
        kind = data.get("type")
    if kind == "error":
        message = data.get("message") or f"The answer failed ({data.get('code')})."
        return sdk.ErrorEvent(message=str(message), allow_retry=data.get("allow_retry") is True)
    return UnknownEvent(str(kind), data)
