"""What tools were called with and what they answered, kept in the thread so that later turns know it.

The records of one step are one hidden item: stored, shown to agents, never sent to clients. Its content is
``{"type": "tool_calls", "calls": [{"call_id", "name", "arguments", "output"}]}``. Whatever tools answer, a record is of
bounded size and can be stored.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import orjson
from chatkit import types as sdk

from ..events import dumps, well_formed
from ..ids import new_id
from .base import Turn
from .tool_result import ToolResult

logger = logging.getLogger(__name__)

KIND = "tool_calls"
"""The ``type`` of the content."""

MAX_KEPT = 20_000
"""Characters of an answer that later turns know, and of the arguments' JSON."""

CUT_OFF = "arguments_cut_off"
"""The one argument that takes the place of all where they are longer: the beginning of their JSON."""

UNKNOWN = "This was begun and broken off: it is not known whether it was done. Look before doing it again."
"""The answer of a call that has none."""


def _new_call_id() -> str:
    return new_id("tool_call")


@dataclass(frozen=True, slots=True)
class ToolRecord:
    """One call: the tool's name as the model knows it, its arguments as JSON values, the text that it answered.

    Text that cannot be stored is repaired. What is longer than :data:`MAX_KEPT` is cut off, and says so.
    """

    name: str
    arguments: dict[str, Any] = field(hash=False)
    output: str
    call_id: str = field(default_factory=_new_call_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", well_formed(self.name))
        object.__setattr__(self, "arguments", _kept_arguments(self.arguments))
        object.__setattr__(self, "output", _kept(well_formed(self.output)))

    @classmethod
    def of(cls, result: ToolResult) -> ToolRecord:
        """The record of a call that was answered, be it with the tool's refusal."""
        return cls(result.name, result.arguments, result.text)


def _kept(text: str) -> str:
    if len(text) <= MAX_KEPT:
        return text
    note = f"\n[Cut off here: there were {len(text)} characters.]"
    return text[: MAX_KEPT - len(note)] + note


def _kept_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    encoded = dumps(arguments).decode()
    kept = encoded
    while len(encoded) > MAX_KEPT:  # again where the quoting of what was cut off has made it longer
        kept = kept[: len(kept[:MAX_KEPT]) // 2]
        encoded = dumps({CUT_OFF: kept}).decode()
    return orjson.loads(encoded)


def hidden_item(turn: Turn, records: Sequence[ToolRecord]) -> sdk.HiddenContextItem:
    """The item that keeps the records, for the turn's thread."""
    calls = [
        {"call_id": one.call_id, "name": one.name, "arguments": one.arguments, "output": one.output} for one in records
    ]
    return sdk.HiddenContextItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        content={"type": KIND, "calls": calls},
    )


async def keep_unknown(turn: Turn, name: str, arguments: object) -> None:
    """Store a record of a call that was broken off: no model may take it for not made. What fails is logged."""
    given = cast("dict[str, Any]", arguments) if isinstance(arguments, dict) else {}
    item = hidden_item(turn, [ToolRecord(name, given, UNKNOWN)])
    try:
        await turn.store.add_thread_item(turn.thread.id, item, turn.context)
    except Exception as error:  # noqa: BLE001 - the thread was deleted, or the database is away: that is not the cause
        logger.warning("a call that was broken off is not remembered: %s", type(error).__name__)


def records_in(content: Any) -> list[ToolRecord] | None:
    """The records that a hidden item's content holds; ``None`` where it is anything else. Never raises."""
    if not isinstance(content, dict):
        return None
    fields = cast("dict[Any, Any]", content)
    calls: Any = fields.get("calls")
    if fields.get("type") != KIND or not isinstance(calls, list):
        return None
    records = [_record(call) for call in cast("list[Any]", calls)]
    known = [record for record in records if record is not None]
    return known if len(known) == len(records) else None


def _record(call: Any) -> ToolRecord | None:
    if not isinstance(call, dict):
        return None
    fields = cast("dict[Any, Any]", call)
    name, output, call_id = map(fields.get, ("name", "output", "call_id"))
    arguments = _arguments(fields.get("arguments"))
    if not (isinstance(name, str) and isinstance(output, str) and isinstance(call_id, str)) or arguments is None:
        return None
    return ToolRecord(name, arguments, output, call_id)


def _arguments(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict) and all(isinstance(key, str) for key in cast("dict[Any, Any]", value)):
        return cast("dict[str, Any]", value)
    return None
