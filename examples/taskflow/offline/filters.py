"""Which tasks a text wants to see: the arguments of the tool, read out of it one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .attributes import tags_of
from .dates import date_at
from .intents import ListTasks
from .quoting import QUOTED, Said

TASKS = (
    r"(?:tasks?|to-?dos?|to-?do\s+lists?|task\s*lists?|items|things|chores|work|agenda|backlog|plate"
    r"|lists?|stuff|assignments)"
)
SHOW = (
    r"(?:show|list|display|see|view|get\s+(?:me|us|my|all)|(?:give|tell)\s+(?:me|us)|read|print|pull\s+up"
    r"|bring\s+up|fetch|find|look\s+up|look\s+at|check(?:\s+on)?|open(?=\s+(?:the|my|our|task\s*#?\d"
    r"|#?\d))|search(?:\s+for)?|look\s+for|filter"
    r"|sort|go\s+through|browse|refresh)"
)
ASK = (
    r"(?:what(?:'s|\s+is|\s+are|\s+were|\s+do|\s+does|\s+have|\s+has)?|whats|which(?:\s+of)?|how\s+many"
    r"|how\s+much|do\s+(?:i|we)\s+have|have\s+(?:i|we)\s+got|are\s+there|is\s+there|any|anything|am\s+i"
    r"|where\s+are)"
)
"""Words for tasks, for the wish to see something, and for questions."""

_STATUSES = [
    (
        r"un(?:finished|done|completed)|not\s+(?:yet\s+)?(?:done|finished|completed?)|incomplete|open|left"
        r"|remaining|outstanding|active|to\s+do",
        "open",
    ),
    (r"(?:in|under|ready\s+for|waiting\s+for|for|awaiting|await|to)\s+(?:a\s+)?review(?:ed)?|reviewing", "review"),
    (r"pending|not\s+(?:yet\s+)?started|unstarted|waiting|new", "pending"),
    (
        r"in[-\s]progress|ongoing|started|under\s*way|(?:being\s+)?work(?:ed|ing)\s+on|running|current(?:ly)?",
        "in_progress",
    ),
    (r"completed?|done|finish(?:ed)?|closed", "completed"),
]
_SORTS = [
    (
        r"(?:(?:sort|order|rank)(?:ed)?\s+)?by\s+(?:their\s+)?(?:due(?:\s+dates?)?|deadlines?|dates?)"
        r"|soonest(?:\s+first)?",
        "due",
    ),
    (
        r"(?:(?:sort|order|rank)(?:ed)?\s+)?by\s+(?:their\s+)?(?:priority|importance|urgency)|(?:high|top"
        r"|highest)[-\s]+priority|urgent|important",
        "priority",
    ),
    (
        r"(?:(?:sort|order)(?:ed)?\s+)?by\s+(?:their\s+)?(?:creation(?:\s+date)?|created|age|newest)"
        r"|newest(?:\s+first)?|latest|recent(?:ly)?(?:\s+(?:added|created))?",
        "created",
    ),
    (r"(?:(?:sort|order)(?:ed)?\s+)?by\s+(?:their\s+)?(?:number|id)", "id"),
]
_FILLER = re.compile(
    r"(?:\b(?:me|my|our|all|the|a|an|of|that|which|what|what's|whats|who|is|are|were|was|have|has|had|do"
    r"|does|did|i|we|i've|in|on|for|with|to|and|any|some|every|each|everything|anything|there|please|only"
    r"|just|now|right|so|far|still|currently|today|due|up|ones?|it|them|at|got|many|much|how|these|those"
    r"|by|sorted|sort|ordered|today's|s|be|been|or|first|priority|project|overview|full|whole|complete"
    r"|entire|am)\b|[\"'?!.,:])",
    re.I,
)


@dataclass(slots=True)
class Wish:
    """Reads filters out of a text, which loses the words that were understood."""

    said: Said
    rest: str
    today: date
    filters: dict[str, Any] = field(default_factory=dict[str, Any])
    day: date | None = None
    assignee: str | None = None

    def _take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(pattern, self.rest, re.IGNORECASE)
        if found:
            self.rest = f"{self.rest[: found.start()]} {self.rest[found.end() :]}"
        return found

    def read(self, *, search: bool) -> ListTasks:
        """All filters; ``search``: words that nothing else explains are searched for."""
        counted = (
            re.match(r"how\s+(?:many|much)\b|count\b|(?:give|tell)\s+me\s+the\s+number\b", self.rest, re.I) is not None
        )
        self._take(rf"^(?:{SHOW}|{ASK})\b")
        self._words_to_find()
        self._tags()
        self._assignee()
        self._due()
        for patterns, name in ((_SORTS, "sort"), (_STATUSES, "status")):
            for pattern, value in patterns:
                if name not in self.filters and self._take(rf"\b(?:{pattern})\b"):
                    self.filters[name] = value
        if found := self._take(r"\b(?:first|top|last|only)\s+(\d{1,3})\b|\b(\d{1,3})\s+(?=tasks)"):
            self.filters["limit"] = max(1, min(int(found[1] or found[2]), 100))
        if search and "search" not in self.filters:
            self._leftovers()
        return ListTasks(self.filters, "count" if counted else "list", self.day, self.assignee)

    def _words_to_find(self) -> None:
        found = self._take(
            r"\b(?:about|matching|containing|contain|mentioning|mention|called|named|titled|with\s+the\s+words?"
            rf"|that\s+say|related\s+to|concerning|regarding)\s+(?:the\s+)?(?:words?\s+)?({QUOTED}"
            rf"|[\w'-]+(?:\s+[\w'-]+){{0,3}}$|[\w'-]+)"
        )
        found = found or self._take(rf"({QUOTED})(?:\s+in\s+(?:the|their)\s+(?:title|name)s?)?")
        found = found or self._take(r"\bwith\s+([\w'-]+)\s+in\s+(?:the|their)\s+(?:title|name)s?")
        if found:
            self.filters["search"] = self.said.whole(found[1]).strip()

    def _tags(self) -> None:
        listed = r"(#?[\w-]{1,30}(?:(?:\s*,\s*|\s+and\s+)#?[\w-]{1,30})*)"
        tags: list[str] = []
        if found := self._take(
            rf"\b(?:tagged|labell?ed)(?:\s+(?:with|as))?\s+{listed}|\b(?:with|by|under"
            rf"|having)\s+(?:the\s+)?(?:tags?|labels?)\s+{listed}"
        ):
            tags += tags_of(found[1] or found[2])
        while found := self._take(r"(?<!\w)#([^\W\d][\w-]{0,29})"):
            tags.append(found[1])
        if tags:
            self.filters["tags"] = list(dict.fromkeys(tags))

    def _assignee(self) -> None:
        found = self._take(
            r"\b(?:assigned\s+to|owned\s+by|belonging\s+to|(?:that|which)\s+belong\s+to)\s+(?:the\s+)?@?([\w.'-]+)"
        )
        found = (
            found
            or self._take(r"(?<=tasks)\s+(?:for|of)\s+(?!(?:today|tomorrow|this|next|the|my|me)\b)([a-z]\w+)$")
            or self._take(r"(?<!\w)@([\w.-]+)")
            or self._take(rf"\b(?!(?:today|tomorrow|what|who|let|that)'s)([a-z]\w+)'s\s+(?={TASKS})")
        )
        if found:
            self.assignee = found[1]

    def _due(self) -> None:
        if self._take(r"\b(?:overdue|late|past\s+(?:their\s+)?due(?:\s+date)?|behind(?:\s+schedule)?|missed)\b"):
            self.filters["due"] = "overdue"
        elif self._take(r"\b(?:due\s+|for\s+|up\s+)*(?:today's|today|tonight)\b"):
            self.filters["due"] = "today"
        elif self._take(
            r"\b(?:due\s+|for\s+|coming\s+|up\s+)*(?:in\s+)?(?:(?:this|the\s+coming|the\s+next)\s+(?:week|7\s+days"
            r"|seven\s+days|few\s+days)|within\s+(?:a|the)\s+week|soon|weekly\s+overview)\b"
        ):
            self.filters["due"] = "week"
        elif found := re.search(r"\b(?:due|for|by|on|before|until|up)\s+(?:on\s+|by\s+)?(?=\S)", self.rest, re.I):
            due = date_at(self.rest, found.end(), self.today, marked=True)
            if due and isinstance(due.value, date):
                self.day = due.value
                self.filters["sort"] = "due"
                self.rest = f"{self.rest[: found.start()]} {self.rest[due.end :]}"
        elif self._take(r"\btomorrow\b"):
            self.day, self.filters["sort"] = date.fromordinal(self.today.toordinal() + 1), "due"

    def _leftovers(self) -> None:
        left = " ".join(_FILLER.sub(" ", re.sub(rf"\b{TASKS}\b", " ", self.rest, flags=re.I)).split())
        if re.search(r"[^\W\d]{2}", left):
            self.filters["search"] = self.said.whole(left)
