"""The forms in which people write dates, each with how it is read: a pattern, and a reader of what it found."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from .intents import DateProblem

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SMALL_NUMBERS = {word: number for number, word in enumerate(_COUNTED, 1)} | {"a": 1, "an": 1}

_WEEKDAY = r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_FULL_WEEKDAY = "|".join(WEEKDAYS)
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_COUNT = r"\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"


def _month_of(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _weekday_of(name: str) -> int:
    return next(number for number, day in enumerate(WEEKDAYS) if day.startswith(name[:3].lower()))


def _monday_after(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) + (2000 if len(text) == 2 else 0)


def _calendar(year: int | None, month: int, day: int, said: str, today: date) -> date | DateProblem:
    """That day; of the years that it may be in, the first that is not over."""
    for candidate in (year,) if year is not None else range(today.year, today.year + 9):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or found >= today:
            return found
    return DateProblem("impossible", said)


# --- one reader for each form -----------------------------------------------------------------------------------------

Reader = Callable[[re.Match[str], date], "date | DateProblem"]


def _iso(found: re.Match[str], today: date) -> date | DateProblem:
    return _calendar(int(found[1]), int(found[2]), int(found[3]), found[0], today)


def _near(found: re.Match[str], today: date) -> date | DateProblem:
    word = " ".join(found[0].lower().split())
    if word == "yesterday":
        return today - timedelta(days=1)
    if "after tomorrow" in word:
        return today + timedelta(days=2)
    return today + timedelta(days=1 if word.startswith(("tomorrow", "tmrw", "tmr")) else 0)


def _weekday(found: re.Match[str], today: date) -> date | DateProblem:
    which, day = (found[1] or "").lower().strip(), _weekday_of(found[2])
    if which == "next":
        return _monday_after(today) + timedelta(days=day)
    if which == "last":
        return today - timedelta(days=(today.weekday() - day - 1) % 7 + 1)
    if which == "this":
        return today + timedelta(days=(day - today.weekday()) % 7)
    return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)


def _distance(found: re.Match[str], today: date) -> date | DateProblem:
    count = int(found[1]) if found[1].isdigit() else SMALL_NUMBERS[found[1].lower()]
    unit = found[2].lower()
    if unit.startswith("month"):
        return _add_months(today, count)
    days = {"day": 1, "wee": 7, "for": 14}[unit[:3]]
    return today + timedelta(days=count * days)


def _period_end(found: re.Match[str], today: date) -> date | DateProblem:
    is_next, period = (found[1] or "").lower().strip() == "next", found[2].lower()
    if period == "month":
        return _month_end(_add_months(today.replace(day=1), 1) if is_next else today)
    if period == "year":
        return date(today.year + is_next, 12, 31)
    return _monday_after(today) + timedelta(days=6 if is_next else -1)


def _period(found: re.Match[str], today: date) -> date | DateProblem:
    is_next, period = found[1].lower() == "next", found[2].lower()
    if period == "month":
        return _add_months(today.replace(day=1), 1) if is_next else _month_end(today)
    monday = _monday_after(today)
    if period == "weekend":
        return monday + timedelta(days=5) if is_next else max(today, monday - timedelta(days=2))
    return monday if is_next else monday - timedelta(days=1)


def _day_month(found: re.Match[str], today: date) -> date | DateProblem:
    return _calendar(_year(found[3]), _month_of(found[2]), int(found[1]), found[0], today)


def _month_day(found: re.Match[str], today: date) -> date | DateProblem:
    return _calendar(_year(found[3]), _month_of(found[1]), int(found[2]), found[0], today)


def _dotted(found: re.Match[str], today: date) -> date | DateProblem:
    month = int(found[2])
    if not 1 <= month <= 12:
        return DateProblem("impossible", found[0])
    return _calendar(_year(found[3]), month, int(found[1]), found[0], today)


def _slashed(found: re.Match[str], today: date) -> date | DateProblem:
    """Half of the world begins with the day, half with the month: where both can be meant, nobody can know."""
    first, second, year = int(found[1]), int(found[2]), _year(found[3])
    readings = [
        reading
        for day, month in dict.fromkeys(((first, second), (second, first)))
        if 1 <= month <= 12 and isinstance(reading := _calendar(year, month, day, found[0], today), date)
    ]
    if not readings:
        return DateProblem("impossible", found[0])
    return readings[0] if len(readings) == 1 else DateProblem("ambiguous", found[0], tuple(readings))


def _of_month(found: re.Match[str], today: date) -> date | DateProblem:
    """The next month that has such a day ahead."""
    for months in range(13):
        first = _add_months(today.replace(day=1), months)
        try:
            day = first.replace(day=int(found[1]))
        except ValueError:
            continue
        if day >= today:
            return day
    return DateProblem("impossible", found[0])


_YEAR = r"(?:,?\s+(\d{4}))?"
NOT_MORE = r"(?![\w/]|['\u2019]s|-\w|\.\d)"
"""After a date: no more of a word, of a possessive ("today's news"), of a number."""

FORMS: list[tuple[str, Reader]] = [
    (r"(\d{4})-(\d{1,2})-(\d{1,2})", _iso),
    (r"(?:the\s+)?day\s+after\s+tomorrow|(?:tomorrow|tmrw?)(?:\s+(?:morning|afternoon|evening|night))?"
     r"|today|tonight|this\s+(?:morning|afternoon|evening)|yesterday", _near),
    (r"(?:in\s+|within\s+)(" + _COUNT + r")\s+(days?|weeks?|fortnights?|months?)(?:['\u2019]?\s+time)?", _distance),
    (r"(" + _COUNT + r")\s+(days?|weeks?|months?)\s+from\s+(?:now|today)", _distance),
    (r"(?:the\s+)?end\s+of\s+(?:the\s+)?(this\s+|next\s+)?(week|month|year)", _period_end),
    (r"(this|next)\s+(weekend|week|month)", _period),
    (r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(" + _MONTH + r")\b\.?" + _YEAR, _day_month),
    (r"(" + _MONTH + r")\b\.?\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?" + _YEAR, _month_day),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?", _dotted),
    (r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?", _slashed),
    (r"(?:the\s+)?(this\s+|next\s+|last\s+|coming\s+)?(" + _FULL_WEEKDAY + ")", _weekday),
]  # fmt: skip

MARKED_FORMS: list[tuple[str, Reader]] = [
    (r"(?:the\s+)?(this\s+|next\s+|last\s+|coming\s+)?(" + _WEEKDAY + r")\.?", _weekday),
    (r"the\s+(\d{1,2})(?:st|nd|rd|th)(?:\s+of\s+(?:the|this)\s+month)?", _of_month),
]
"""Forms that are too short to be a date by themselves ("sat", "the 5th"): only after "by", "due", "on"."""
