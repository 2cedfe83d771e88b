"""What a model is told, read back: who said what, which tools were called and what they answered.

Only what the user typed counts as the user's words. Quoted text, widgets, hidden context and the like stand between
tags of their own, which a user cannot type and which their content cannot close; they are data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard, cast

_CONTEXT = re.compile(r"(?:^|\n)[^\n]*:\n<(\w+)>\n(.*?)(?:\n</\1>|\Z)", re.DOTALL)
"""A line that says what follows, and the tagged text. A text that was cut off has lost its end."""

CUT = "cut"
"""Marks what was read from an output that has lost its end."""

_ROWS = re.compile(r'\{\s*(?:"project"\s*:\s*\{[^{}]*\}\s*,\s*)?"(tasks|entries|projects|workers)"\s*:\s*\[')


@dataclass(frozen=True, slots=True)
class Message:
    """Words of the user or of the assistant, without context."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """Something between tags: ``tag`` and what is in it."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool's call; ``output`` is ``None`` while there is none."""

    name: str
    arguments: Mapping[str, Any]
    output: str | None = None

    def is_for(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether this is such a call, whatever the server added to the arguments."""
        return self.name == name and all(self.arguments.get(key) == value for key, value in arguments.items())

    @property
    def data(self) -> dict[str, Any] | None:
        """The output, if it is a JSON object. Of one that was cut off, the rows that are whole."""
        try:
            data: Any = json.loads(self.output or "")
        except (ValueError, RecursionError):
            return _rows_of(self.output or "")
        return cast("dict[str, Any]", data) if isinstance(data, dict) else None


Entry = Message | Context | Call


@dataclass(frozen=True, slots=True)
class Conversation:
    """Entries, oldest first."""

    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, items: str | Iterable[Any]) -> Conversation:
        """Read the input of a model."""
        if isinstance(items, str):
            return cls((Message("user", items.strip()),))
        fields = [cast("Mapping[str, Any]", item) for item in items]
        outputs = {
            str(item.get("call_id")): _text(item.get("output"))
            for item in fields
            if item.get("type") == "function_call_output"
        }
        entries: list[Entry] = []
        for item in fields:
            if item.get("type") == "function_call":
                output = outputs.get(str(item.get("call_id")))
                entries.append(Call(str(item.get("name")), _arguments(item.get("arguments")), output))
            elif item.get("role") in ("user", "assistant"):
                entries += _message(str(item["role"]), _text(item.get("content")))
        return cls(tuple(entries))

    @property
    def _order_index(self) -> int:
        newest = (index for index in range(len(self.entries) - 1, -1, -1) if is_from(self.entries[index], "user"))
        return next(newest, -1)

    @property
    def order(self) -> str | None:
        """The user's newest words; ``None`` if there are none."""
        index = self._order_index
        entry = self.entries[index] if index >= 0 else None
        return entry.text if isinstance(entry, Message) else None

    @property
    def since(self) -> tuple[Entry, ...]:
        """What came after the newest words."""
        return self.entries[self._order_index + 1 :]

    @property
    def calls(self) -> list[Call]:
        """The calls since the newest words."""
        return [entry for entry in self.since if isinstance(entry, Call)]

    def before(self) -> Conversation:
        """The conversation before the newest words."""
        return Conversation(self.entries[: max(0, self._order_index)])

    def told(self, tag: str) -> list[str]:
        """What stands between such tags since the newest words."""
        return [entry.text for entry in self.since if isinstance(entry, Context) and entry.tag == tag]

    def answer(self) -> str:
        """The assistant's last words of a conversation that has ended for now."""
        return next((said.text for said in reversed(self.since) if is_from(said, "assistant")), "")

    def first_words(self) -> str:
        """The user's first words."""
        return next((said.text for said in self.entries if is_from(said, "user")), "")

    def is_beginning(self) -> bool:
        """Whether the user has written once."""
        return sum(is_from(entry, "user") for entry in self.entries) <= 1


def is_from(entry: Entry, role: str) -> TypeGuard[Message]:
    """Whether these are words of ``role``."""
    return isinstance(entry, Message) and entry.role == role


def _message(role: str, text: str) -> list[Entry]:
    if role == "assistant":
        return [Message(role, text)] if text else []
    words = _CONTEXT.sub("\n", text).strip()
    context: list[Entry] = [Context(found[1], found[2]) for found in _CONTEXT.finditer(text)]
    return [Message(role, words), *context] if words or not context else context


def _text(content: Any) -> str:
    if isinstance(content, list):
        parts = cast("list[Any]", content)
        texts = [cast("Mapping[str, Any]", part).get("text") for part in parts if isinstance(part, Mapping)]
        return "\n\n".join(str(text) for text in texts if text)
    return content if isinstance(content, str) else "" if content is None else json.dumps(content)


def _rows_of(text: str) -> dict[str, Any] | None:
    """What is left of the one list in a long output that the server has cut off; nothing is known of its length."""
    opening = _ROWS.match(text)
    if opening is None:
        return None
    rows: list[Any] = []
    position, decoder = opening.end(), json.JSONDecoder()
    while (position := text.find("{", position)) >= 0:
        try:
            row, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        rows.append(row)
    return {opening[1]: rows, CUT: True} if rows else None


def _arguments(text: Any) -> dict[str, Any]:
    try:
        arguments: Any = json.loads(text or "{}")
    except ValueError:
        return {}
    return cast("dict[str, Any]", arguments) if isinstance(arguments, dict) else {}
