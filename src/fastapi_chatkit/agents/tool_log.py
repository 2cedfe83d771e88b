"""What tools were called with and what they answered, kept in the thread so that later turns know it.

The records of one step are one hidden item: stored, shown to agents, never sent to clients. Its content is
``{"type": "tool_calls", "calls": [{"call_id", "name", "arguments", "output"}]}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from chatkit import types as sdk

from ..ids import new_id
from .base import Turn
from .tool_result import ToolResult

KIND = "tool_calls"
"""The ``type`` of the content."""


def _new_call_id() -> str:
    return new_id("tool_call")


@dataclass(frozen=True, slots=True)
class ToolRecord:
    """One call: the tool's name as the model knows it, its arguments as JSON values, the text that it answered."""

    name: str
    arguments: dict[str, Any] = field(hash=False)
    output: str
    call_id: str = field(default_factory=_new_call_id)

    @classmethod
    def of(cls, result: ToolResult) -> ToolRecord:
        """The record of a call that was answered, be it with the tool's refusal."""
        return cls(result.name, result.arguments, result.text)


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
