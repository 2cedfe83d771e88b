"""Dates in plain English, in relation to a given day.

A weekday is the next one after today; "next Friday" is the Friday of the next week, which begins on Monday. A day and a
month without a year are the next time that they come.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from .date_forms import FORMS, MARKED_FORMS, NOT_MORE
from .intents import DateProblem


class Found(NamedTuple):
    """A date in a text, from ``start`` to ``end``."""

    start: int
    end: int
    value: date | DateProblem


_COMPILED = [(re.compile(rf"(?:{form}){NOT_MORE}", re.IGNORECASE), read) for form, read in FORMS]
_COMPILED_MARKED = _COMPILED + [
    (re.compile(rf"(?:{form}){NOT_MORE}", re.IGNORECASE), read) for form, read in MARKED_FORMS
]


def date_at(text: str, start: int, today: date, *, marked: bool) -> Found | None:
    """The date that begins at ``start``; ``marked``: words before it say that a date follows.

    Days that are over are found as a problem of the kind ``past``.
    """
    found: Found | None = None
    for form, read in _COMPILED_MARKED if marked else _COMPILED:
        match = form.match(text, start)
        if match and (found is None or match.end() > found.end):
            value = read(match, today)
            if isinstance(value, date) and value < today:
                value = DateProblem("past", match[0], (value,))
            found = Found(start, match.end(), value)
    return found


def whole_date(text: str, today: date) -> date | DateProblem | None:
    """The date that is all that ``text`` says; ``None`` where it says something else."""
    said = re.sub(
        r"^(?:(?:by|on|for|due|until|till|before|i\s+mean|make\s+it|it's|the\s+one\s+in)\s+)+",
        "",
        text.strip(" !?,"),
        flags=re.I,
    )
    found = date_at(said, 0, today, marked=True)
    return found.value if found and not said[found.end :].strip(" .,") else None


def in_words(day: date, today: date) -> str:
    """The day as people write it: ``Fri 5 Dec``, with the year where it is another one."""
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day:%a} {day.day} {day:%b}{year}"
