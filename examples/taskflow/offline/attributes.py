"""What is said of a new task besides its title: when, how important, who, how often, with which tags.

Each reader takes its words out of the text. They are only taken where they cannot well be part of the title: after a
word that announces them ("by Friday", "high priority", "#home"), or at the beginning or the end ("… tomorrow").
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from .dates import Found, date_at
from .intents import DateProblem, Priority, Recurrence, Unsure
from .quoting import QUOTED, Said

PRIORITY_WORDS: dict[str, Priority] = {
    **dict.fromkeys(("high", "higher", "highest", "top", "urgent", "important", "critical", "asap"), "high"),
    **dict.fromkeys(("medium", "normal", "middle", "mid", "regular", "default"), "medium"),
    **dict.fromkeys(("low", "lower", "lowest", "minor", "unimportant"), "low"),
}
PRIORITY = "|".join(PRIORITY_WORDS)
_LEVEL = "high(?:est)?|top|urgent|critical|medium|normal|middle|low(?:est)?"

RECURRENCE = (
    r"(?:every|each)\s+(?:single\s+)?(?:day|morning|evening|night|week|month|(?:mon|tues|wednes|thurs|fri"
    r"|satur|sun)day)s?"
    r"|daily|weekly|monthly|once\s+an?\s+(?:day|week|month)"
)
_ODD_RECURRENCE = re.compile(
    r"\b(?:every\s+(?:other|second|third|\d+|two|three|four|few)\s+\w+|every\s+(?:year|weekday|weekend|hour|quarter)"
    r"|yearly|annually|hourly|biweekly|bi-weekly|fortnightly|quarterly)\s*$",
    re.IGNORECASE,
)
_SPACES = re.compile(r" {2,}")
_TAG = r"#(?!\d+\b)[\w-]{1,30}"
_NAME = r"@?[^\W\d_][\w.'-]*"
_ENDS = r"(?=\s*(?:[,.;!)]|$|\s(?:and|with|by|due|on|at|for|it|high|low|medium|urgent|every|assign|tag|to)\b|#))"


def recurrence_of(said: str) -> Recurrence:
    """How often, for a phrase that :data:`RECURRENCE` matches."""
    said = said.lower()
    if "month" in said:
        return "monthly"
    return "daily" if re.search(r"daily|day$|\bday\b|morning|evening|night", _without_weekday(said)) else "weekly"


def _without_weekday(said: str) -> str:
    return re.sub(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?", "", said)


def tags_of(said: str) -> list[str]:
    """Tags in a phrase: ``#a #b``, ``a, b and c``."""
    names = re.split(r"[\s,]*(?:,|\band\b|&|(?=#))[\s,]*", said.lower().strip(" .!"), flags=re.IGNORECASE)
    return list(dict.fromkeys(name.strip(" #.,") for name in names if name.strip(" #.,")))


class Attributes:
    """Takes attributes out of ``rest``; ``fields`` are arguments of the tool. ``problem`` is what cannot be used."""

    def __init__(self, said: Said, today: date) -> None:
        self.rest = said.text
        self.fields: dict[str, Any] = {}
        self.problem: DateProblem | Unsure | None = None
        self._said = said
        self._today = today

    def read(self) -> None:
        """All of them, in the order in which one may stand in another's way."""
        self._description()
        self._tags()
        self._assignee()
        self._priority()
        self._recurrence()
        self._due()
        self._priority()
        self._due_with_nothing_said()

    def _take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(pattern, self.rest, re.IGNORECASE)
        if found:
            self.rest = f"{self.rest[: found.start()].rstrip(' ')} {self.rest[found.end() :].lstrip(' ')}"
        return found

    def _take_all(self, pattern: str) -> list[str]:
        """As :meth:`_take`, all at once: the first group of each."""
        taken: list[str] = []

        def take(found: re.Match[str]) -> str:
            taken.append(found[1])
            return " "

        self.rest = _SPACES.sub(" ", re.sub(pattern, take, self.rest, flags=re.IGNORECASE))
        return taken

    def _description(self) -> None:
        noun = r"(?:description|notes?|details?|desc)"
        opening = (
            r"(?:[,;(.]|\s[-\u2013—]|\bwith\b|\bwhose\b)\s*(?:and\s+)?(?:(?:with\s+)?(?:the|a|an"
            rf"|its)\s+)?{noun}(?:\s+is)?\s*:?\s+"
        )
        found = self._take(rf"{opening}({QUOTED})\)?") or self._take(rf"{opening}(\S.*)$")
        found = found or self._take(rf"\band\s+(?:the\s+)?description\s*:?\s+({QUOTED}|\S.*$)")
        found = found or self._take(rf"(?<!\w){noun}:\s*({QUOTED}|\S.*$)")
        if found:
            self.fields["description"] = self._said.whole(found[1]).strip(" )")

    def _tags(self) -> None:
        listed = (
            rf"((?:{_TAG}|[\w-]{{1,30}}|{QUOTED})(?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s+)(?:{_TAG})"
            rf"|\s+and\s+[\w-]{{1,30}}(?=\s*(?:[,.;!)]|$)))*)"
        )
        introduced = (
            r"[,(]?\s*\b(?:and\s+)?(?:tag(?:ged)?(?:\s+(?:it|this))?\s+(?:with|as)?\s*|(?:with|under|using"
            r"|and)\s+(?:the\s+)?(?:tags?|labels?)\s*:?\s*|(?:tags?|labels?):\s*|label(?:l?ed)\s+)"
        )
        phrases = self._take_all(rf"{introduced}{listed}\)?") + self._take_all(rf"(?<![\w&])({_TAG})(?!\w)")
        if tags := [tag for phrase in phrases for tag in tags_of(self._said.whole(phrase))]:
            self.fields["tags"] = list(dict.fromkeys(tags))

    def _assignee(self) -> None:
        verb = r"(?:and\s+)?(?:assign(?:ed)?(?:\s+(?:it|this))?\s+(?:to|for)|give\s+it\s+to|assignee:?|owner:)"
        found = self._take(rf"[,(]?\s*\b{verb}\s+(?:the\s+)?({_NAME}|{QUOTED}){_ENDS}\)?")
        found = found or self._take(r"(?<!\w)[,(]?\s*@([^\W\d_][\w.-]*)\)?")
        if found:
            self.fields["assignee"] = self._said.whole(found[1]).strip(" @.")

    def _priority(self) -> None:
        if "priority" in self.fields:
            return
        lead = (
            r"(?:^|[,(]|\s[-\u2013—]|\s)\s*(?:(?:and|with|at|of|as|make\s+it|it's|it\s+is|which\s+is)\s+)*(?:an?\s+)?"
        )
        found = (
            self._take(rf"{lead}({_LEVEL})[-\s]+prio(?:rity)?\b\)?")
            or self._take(rf"{lead}prio(?:rity)?\s*(?:is|=|:)?\s*({_LEVEL})\b\)?")
            or self._take(
                r"(?:[,(;.]|\s[-\u2013—])\s*(?:and\s+)?(?:(?:it's|it\s+is|this\s+is|that's"
                rf"|mark(?:ed)?(?:\s+it)?(?:\s+as)?|make\s+it|very|really)\s+)*({PRIORITY})\s*[)!.]*$"
            )
            or self._take(r"(?<!\w)!(high|medium|low)\b")
        )
        if found:
            self.fields["priority"] = PRIORITY_WORDS[found[1].lower()]

    def _recurrence(self) -> None:
        if _ODD_RECURRENCE.search(self.rest.rstrip(" .!,")):
            self.problem = Unsure("recurrence")
            return
        lead = (
            r"[,(]?\s*(?:and\s+)?(?:(?:make\s+it\s+|it\s+should\s+)?(?:repeat(?:s|ing)?|recur(?:s|ring)?"
            r"|recurrence:?)\s+)"
        )
        found = self._take(rf"{lead}({RECURRENCE})\b\)?") or self._take(rf"[,(]?\s*\b({RECURRENCE})[\s.!)]*$")
        found = found or self._take(rf"^\s*({RECURRENCE})\s*[,:]?\s+(?:to\s+)?(?=\S)")
        found = found or self._take(
            r"[,(]?\s*\b((?:every|each)\s+(?:day|week|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day))\b"
        )
        if not found:
            return
        self.fields["recurrence"] = recurrence_of(found[1])
        if day := re.search(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", found[1], re.IGNORECASE):
            weekday = date_at(day[0], 0, self._today, marked=True)
            if weekday and isinstance(weekday.value, date):  # the first one is the next of these days
                self.fields["due"] = weekday.value.isoformat()

    def _due(self) -> None:
        """A date that is announced, anywhere; of several the last."""
        marker = (
            r"(?:[,(]\s*)?\b(?:and\s+)?(?:(?:it's|it\s+is|which\s+is|is)\s+)?(?:due(?:\s+date)?:?(?:\s+(?:by|on|at"
            r"|is|in))?|deadline:?(?:\s+is)?|by|before|until|till|no\s+later\s+than|(?<!based )on"
            r"|scheduled\s+for)\s+"
        )
        for found in reversed(list(re.finditer(marker, self.rest, re.IGNORECASE))):
            start = found.end() - (3 if found[0].lower().endswith(" in ") else 0)
            if due := date_at(self.rest, start, self._today, marked=True):
                self._set_due(Found(found.start(), due.end, due.value))
                return

    def _due_with_nothing_said(self) -> None:
        """A date at the end, perhaps with a time after it, or at the beginning ("tomorrow: …")."""
        if "due" in self.fields or self.problem is not None:
            return
        time = r"(?:,?\s+at\s+\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|o'clock|h)?)?"
        for start in [0, *(found.end() for found in re.finditer(r"\s+\(?|,\s*", self.rest))]:
            found = date_at(self.rest, start, self._today, marked=False)
            if found is None:
                continue
            after = self.rest[found.end :]
            at_end = re.fullmatch(rf"{time}[\s.,!)]*", after, re.IGNORECASE)
            before = re.search(r"(?:[,(]\s*)?(?:\b(?:for|this|at)\s+)?$", self.rest[:start], re.IGNORECASE)
            if at_end or (start <= len(self.rest) - len(self.rest.lstrip()) and re.match(r"\s*[:,]|\s+to\s", after)):
                begin = before.start() if before else start
                self._set_due(Found(begin, found.end, found.value))
                return

    def _set_due(self, found: Found) -> None:
        if isinstance(found.value, DateProblem):
            self.problem = found.value
            return
        self.fields["due"] = found.value.isoformat()
        self.rest = f"{self.rest[: found.start]} {self.rest[found.end :]}"
