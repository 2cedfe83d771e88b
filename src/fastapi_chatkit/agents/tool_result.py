"""What a tool answered, and why one could not: the same for tools of any origin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pydantic import BaseModel

from ..events import dumps, well_formed

FailureReason = Literal["unavailable", "timeout", "unauthorized", "forbidden", "unknown_tool", "failed"]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer of one call.

    ``name`` is the tool's as the model knows it, ``text`` is for the model and of bounded length, ``data`` is the
    structured content as JSON values or ``None``. ``failed`` is the tool's own word that it did not do what was asked;
    ``text`` says why.
    """

    name: str
    arguments: dict[str, Any] = field(hash=False)
    text: str
    data: Any = field(default=None, hash=False)
    failed: bool = False


class ToolFailure(Exception):
    """A call that has no answer.

    ``message`` is one plain sentence that may be shown to the user and to the model: it holds nothing of the server's
    own text, no URL and no token. ``unavailable`` and ``timeout`` are of the server, the others of this call.
    """

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[ToolFailure], tuple[FailureReason, str]]:
        return ToolFailure, (self.reason, self.message)


_DATA_URL = re.compile(r"\s*data:([a-z]*)[^,\s]*;base64,", re.IGNORECASE)

_PARTS = {
    "text": frozenset({"text"}),
    "image": frozenset({"image_url", "file_id", "detail"}),
    "file": frozenset({"file_data", "file_url", "file_id", "filename", "detail"}),
}
"""The parts of an answer that the Agents SDK knows, by their ``type``, with their other keys."""


def text_of(result: object) -> str:
    """What a function tool returned, in words: text as it is, plain data and models as JSON.

    Pictures and files, be they parts as the Agents SDK knows them or data URLs, are ``[image]`` and ``[file]``: to a
    model their base64 is text. A list of parts is a line for each. Never raises.
    """
    try:
        value = _plain(result)
        if isinstance(value, list) and value and all(_part(one) is not None for one in cast("list[Any]", value)):
            return "\n".join(str(_shown(one)) for one in cast("list[Any]", value))
        shown = _shown(value)
        return well_formed(shown) if isinstance(shown, str) else dumps(shown).decode()
    except Exception:  # noqa: BLE001 - whatever an object of the application does when it is read
        return f"[{type(result).__name__}]"


def _plain(value: Any) -> Any:
    """Models as dictionaries, tuples as lists."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("list[Any]", value)]
    return value


def _shown(value: Any) -> Any:
    """The same without media."""
    part = _part(value)
    if part is not None:
        return part
    if isinstance(value, dict):
        return {key: _shown(one) for key, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_shown(one) for one in cast("list[Any]", value)]
    if isinstance(value, bytes | bytearray):
        return "[file]"
    media = _DATA_URL.match(value) if isinstance(value, str) else None
    return value if media is None else "[image]" if media[1].lower() == "image" else "[file]"


def _part(value: Any) -> str | None:
    """A part of an answer in words; ``None`` where it is something else."""
    fields = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    kind = fields.get("type")
    known = _PARTS.get(kind) if isinstance(kind, str) else None
    if known is None or not fields.keys() - {"type"} or fields.keys() - {"type"} - known:
        return None
    if kind == "text":
        return well_formed(str(fields["text"]))
    name = fields.get("filename")
    return f"[{kind}: {well_formed(name)}]" if isinstance(name, str) else f"[{kind}]"
