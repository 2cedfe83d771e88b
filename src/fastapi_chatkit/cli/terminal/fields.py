"""Reading JSON that a server sent, without trusting it.

A field that is missing, or of another type than expected, reads as empty: a client outlives the servers that it was
written for. Every text that is read is also made safe to print: what a model says must not move the cursor, set
the window's title or reach the clipboard.
"""

import json
import re
from typing import TypeAlias, cast

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """``text`` without control characters (newline and tab stay), its lone surrogates replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", _UNPRINTABLE.sub("", text))


def one_line(text: str, width: int = 80) -> str:
    """``text`` on one line of at most ``width`` characters, cut with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


class Fields:
    """One JSON object. ``raw`` is the object itself, ``{}`` where something else was found."""

    __slots__ = ("raw",)

    def __init__(self, raw: Json = None) -> None:
        self.raw: dict[str, Json] = raw if isinstance(raw, dict) else {}

    @classmethod
    def parse(cls, document: str | bytes) -> "Fields | None":
        """The object that ``document`` holds; None when it is no JSON or no object."""
        try:
            value = cast("Json", json.loads(document))
        except (ValueError, RecursionError):
            return None
        return cls(value) if isinstance(value, dict) else None

    def __bool__(self) -> bool:
        return bool(self.raw)

    def get(self, key: str) -> Json:
        """The field as it came."""
        return self.raw.get(key)

    def text(self, key: str) -> str:
        """A string field, safe to print; numbers are written out."""
        match self.raw.get(key):
            case str(value):
                return printable(value)
            case bool() | None | list() | dict():
                return ""
            case number:
                return str(number)

    def flag(self, key: str) -> bool:
        """Whether the field is ``true``."""
        return self.raw.get(key) is True

    def integer(self, key: str) -> int:
        """A whole number, else 0."""
        value = self.raw.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    def child(self, key: str) -> "Fields":
        """A nested object."""
        return Fields(self.raw.get(key))

    def children(self, key: str) -> "list[Fields]":
        """The objects of a list field."""
        value = self.raw.get(key)
        return [Fields(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []

    def texts(self, key: str) -> list[str]:
        """The strings of a list field, safe to print."""
        value = self.raw.get(key)
        return [printable(one) for one in value if isinstance(one, str)] if isinstance(value, list) else []
