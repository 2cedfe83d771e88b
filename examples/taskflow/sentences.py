"""What pydantic says about wrong input, in one sentence without the input's values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

SOURCES = frozenset({"body", "path", "query", "header"})
_NOUN = re.compile(r"^[A-Z]\w* should ")
_TAIL = re.compile(r", (unable to parse|got a number).*$")


def sentence(errors: Sequence[Any]) -> str:
    """The first three errors, in the order of the fields."""
    parts = [_part(error) for error in errors]
    rest = f"; and {len(parts) - 3} more" if len(parts) > 3 else ""
    text = "; ".join(dict.fromkeys(parts[:3]))
    return f"{text[:1].upper()}{text[1:]}{rest}."


def _part(error: Any) -> str:
    location = [str(part) for part in error["loc"] if part not in SOURCES]
    name = f"`{'.'.join(location)}`" if location else "the request"
    match error["type"]:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"there is no {name} here"
        case "json_invalid":
            return "the request is not valid JSON"
        case "value_error":
            return f"{name} {error['ctx']['error']}"
        case _:
            message = _TAIL.sub("", error["msg"])
            return f"{name} {_NOUN.sub('must ', message)}"
