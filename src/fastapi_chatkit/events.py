"""Events: what agents yield, what the log holds, and how SDK models become wire JSON.

The wire is what the official SDK sends for the same models (``by_alias``, ``exclude_none``, attachments without their
private metadata), except that times are UTC with ``Z``. The SDK works with naive local times; they are converted here,
once, on the way out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, cast, get_args

import orjson
from chatkit import types as sdk
from pydantic import BaseModel

# --- what agents yield --------------------------------------------------------------------------------------------


class TextDelta(NamedTuple):
    """Text to append to one content part of an assistant message; the hot path, so no pydantic model."""

    item_id: str
    content_index: int
    delta: str


class MessageBegin(NamedTuple):
    """An assistant message with one text part appears, empty."""

    item_id: str


class MessageEnd(NamedTuple):
    """The message is complete, with the text of its deltas.

    ``last`` promises that nothing of the agent runs after it: then it is stored together with the run's end.
    """

    item_id: str
    last: bool = False


AgentEvent = TextDelta | MessageBegin | MessageEnd | sdk.ThreadStreamEvent
"""What an agent's stream consists of: any event of the SDK, or plain text in short form."""

EVENT_TYPES: tuple[type, ...] = (TextDelta, MessageBegin, MessageEnd, *get_args(get_args(sdk.ThreadStreamEvent)[0]))
"""The classes of :data:`AgentEvent`."""

HIDDEN_TYPES = frozenset({"hidden_context_item", "sdk_hidden_context"})
"""Item types that are stored and shown to agents, never to clients."""


# --- what the log holds -------------------------------------------------------------------------------------------


_OFFSET = re.compile(r"([1-9][0-9]{0,8})-(0|[1-9][0-9]{0,11})", re.ASCII)


class Offset(NamedTuple):
    """Position in a run's log: ``<attempt>-<seq>`` as text, without gaps inside an attempt, from ``1-1``."""

    attempt: int
    seq: int

    def __str__(self) -> str:
        return f"{self.attempt}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Offset:
        """The offset that ``str`` wrote. :raises ValueError: it is none."""
        match = _OFFSET.fullmatch(text)
        if match is None:
            raise ValueError("an offset is `<attempt>-<seq>`")
        return cls(int(match[1]), int(match[2]))


EventType = Literal[
    "thread.created",
    "thread.updated",
    "thread.item.added",
    "thread.item.updated",
    "thread.item.done",
    "thread.item.removed",
    "thread.item.replaced",
    "stream_options",
    "progress_update",
    "client_effect",
    "error",
    "notice",
    "run.started",
    "run.snapshot",
    "run.ended",
]

CONTROL_TYPES = frozenset({"run.started", "run.snapshot", "run.ended"})
"""Events about the run itself: named on resumable streams, not sent to other native clients."""


class LoggedEvent(NamedTuple):
    """One row of a run's log. ``data`` is the event as native JSON; dialects encode from this row alone."""

    offset: Offset
    type: EventType
    data: bytes


# --- wire JSON ----------------------------------------------------------------------------------------------------

_DUMP_CONTEXT = {"exclude_metadata": True}


def now() -> str:
    """The current time as the wire writes it: ``2026-01-31T12:00:00.000000Z``."""
    return _text(datetime.now(UTC))


def utc_text(moment: datetime) -> str:
    """A time as UTC text with microseconds and ``Z``; a naive one is taken for local time, as the SDK means it."""
    return _text(moment.astimezone(UTC))


def _text(utc: datetime) -> str:
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def local_naive(text: str) -> datetime:
    """Stored UTC text as the naive local time that the SDK computes with (aware times break its workflows)."""
    return datetime.fromisoformat(text).astimezone().replace(tzinfo=None)


def dumps(value: Any) -> bytes:
    """JSON bytes of plain data. Lone surrogates become U+FFFD: a model's odd output must not lose the answer.

    The bytes are copied to their size: orjson's own hold 4 KiB each for as long as they live, which in a log is long.
    """
    try:
        return bytes(memoryview(orjson.dumps(value)))
    except (TypeError, orjson.JSONEncodeError):
        return bytes(memoryview(orjson.dumps(_encodable(value))))


def well_formed(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _encodable(value: Any, depth: int = 0) -> Any:
    """Plain data that orjson takes: repaired text, text for what JSON has no form for, bounded depth."""
    if isinstance(value, str):
        return well_formed(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if depth > 100:
        return None
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {well_formed(str(k)): _encodable(v, depth + 1) for k, v in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encodable(v, depth + 1) for v in cast("list[Any]", value)]
    return well_formed(str(value))


def public_dict(model: BaseModel) -> dict[str, Any]:
    """A model as the SDK would send it: aliases, no nulls, no private metadata."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True, context=_DUMP_CONTEXT)


def item_dict(item: sdk.ThreadItem, *, private: bool = False) -> dict[str, Any]:
    """A thread item as wire data with UTC time; ``private`` keeps attachments' metadata, for the store."""
    data = item.model_dump(mode="json", by_alias=True, exclude_none=True) if private else public_dict(item)
    data["created_at"] = utc_text(item.created_at)
    if item.type == "hidden_context_item":
        data.setdefault("content", None)
    return data


def event_dict(event: sdk.ThreadStreamEvent) -> dict[str, Any]:
    """An SDK event as wire data with UTC times."""
    data = public_dict(event)
    match event:
        case sdk.ThreadItemAddedEvent() | sdk.ThreadItemDoneEvent() | sdk.ThreadItemReplacedEvent():
            data["item"]["created_at"] = utc_text(event.item.created_at)
        case sdk.ThreadCreatedEvent() | sdk.ThreadUpdatedEvent():
            data["thread"]["created_at"] = utc_text(event.thread.created_at)
            visible = (item for item in event.thread.items.data if item.type not in HIDDEN_TYPES)
            data["thread"]["items"]["data"] = [item_dict(item) for item in visible]
        case _:
            pass
    return data


def text_delta_json(item_id: str, content_index: int, delta: str) -> bytes:
    """The native JSON of a text delta."""
    return b"%b%b%b" % (text_delta_head(item_id, content_index), json_text(delta), TEXT_DELTA_TAIL)


def text_delta_head(item_id: str, content_index: int) -> bytes:
    """What the JSON of every text delta of a content part begins with; :func:`json_text` of the delta follows."""
    return (
        b'{"type":"thread.item.updated","item_id":%b,"update":'
        b'{"type":"assistant_message.content_part.text_delta","content_index":%d,"delta":"'
        % (orjson.dumps(item_id), content_index)
    )


TEXT_DELTA_TAIL = b'"}}'
"""What the JSON of every text delta ends with."""


def json_text(text: str) -> bytes:
    """What stands between the quotes of a text as a JSON string."""
    try:
        return orjson.dumps(text)[1:-1]
    except (TypeError, orjson.JSONEncodeError):
        return orjson.dumps(well_formed(text))[1:-1]
