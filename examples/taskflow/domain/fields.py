"""What a value may be, wherever it comes from: limits, and the form that it is kept in."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

MAX_ID = 2**31 - 1
MAX_TITLE, MAX_DESCRIPTION, MAX_TAGS, MAX_TAG = 200, 4000, 10, 30
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_storable(text: str) -> bool:
    """Databases keep neither NUL nor halves of characters."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _storable(value: object) -> object:
    if isinstance(value, str) and not is_storable(value):
        raise ValueError("must be plain text")
    return value


def _line(value: object) -> object:
    return _storable(" ".join(value.split()) if isinstance(value, str) else value)


def day_of(value: object) -> object:
    """A date as it is written here; anything else that pydantic would read as one is refused."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("must be a date as YYYY-MM-DD")


def _in_range(value: date) -> date:
    if not EARLIEST <= value <= LATEST:
        raise ValueError(f"must be a date from {EARLIEST} to {LATEST}")
    return value


def _tag(value: object) -> object:
    return value.strip().removeprefix("#").lower() if isinstance(value, str) else value


def _once(value: list[str]) -> list[str]:
    return list(dict.fromkeys(value))


_LINE = BeforeValidator(_line)

Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE), _LINE]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION), BeforeValidator(_storable)]
Due = Annotated[date, BeforeValidator(day_of), AfterValidator(_in_range)]
Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG), _LINE, BeforeValidator(_tag)]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(_once)]
Progress = Annotated[int, Field(ge=0, le=100)]
Person = Annotated[str, Field(min_length=1, max_length=255), _LINE]
ProjectName = Annotated[str, Field(min_length=1, max_length=100), _LINE]
RequestId = Annotated[str, Field(min_length=1, max_length=100), _LINE]
Limit = Annotated[int, Field(ge=1, le=100)]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Search = Annotated[str, Field(max_length=200), _LINE]
StatusFilter = Literal["pending", "in_progress", "review", "completed", "open"]
DueFilter = Literal["overdue", "today", "week"]
Sort = Literal["id", "due", "priority", "created"]
