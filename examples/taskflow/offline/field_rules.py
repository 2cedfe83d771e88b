"""How to say that a field of a task is to be changed: each pattern with what it asks for."""

from __future__ import annotations

import re
from datetime import date

from .attributes import PRIORITY_WORDS, RECURRENCE, recurrence_of, tags_of
from .change_words import (
    CLEAR,
    DATE,
    DONE,
    FIELD_DUE,
    FIELD_OFTEN,
    FIELD_PRIORITY,
    FIELD_TAGS,
    FIELD_TEXT,
    FIELD_TITLE,
    I_AM,
    I_HAVE,
    LEVEL,
    OF,
    PERCENT,
    SET,
    TO,
    Found,
    Make,
    T,
    refuse,
)
from .dates import whole_date
from .intents import Acting, Change, DateProblem, Progress, Target, Title, Unsure
from .quoting import Said

_ALSO_TO = re.compile(r"\bto\b", re.IGNORECASE)
"""In "rename a to b to c" it may be any of them that stands between two titles."""


def _rename(said: Said, found: Found, target: Target, today: date) -> Acting | Unsure:
    if isinstance(target, Title) and not target.quoted and _ALSO_TO.search(found["new"]):
        return Unsure("rename")
    title = said.whole(found["new"]).strip(" .,:")
    return Change(target, {"title": title[:1].upper() + title[1:]}) if title else Unsure("nothing_new")


def _priority(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, {"priority": PRIORITY_WORDS[found["level"].lower()]})


def _fields(**fields: str) -> Make:
    return lambda said, found, target, today: Change(target, dict(fields))


def _due(said: Said, found: Found, target: Target, today: date) -> Acting | DateProblem | None:
    due = whole_date(said.whole(found["date"]), today)
    return due if due is None or isinstance(due, DateProblem) else Change(target, {"due": due.isoformat()})


def _description(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, {"description": said.whole(found["new"]).strip()})


def _note(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, note=said.whole(found["new"]).strip())


def _set_tags(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, {"tags": tags_of(said.whole(found["tags"]))})


def _add_tags(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, add_tags=tuple(tags_of(said.whole(found["tags"]))))


def _drop_tags(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, drop_tags=tuple(tags_of(said.whole(found["tags"]))))


def _clear_tags(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, {"tags": []})


def _recurrence(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Change(target, {"recurrence": recurrence_of(found["often"])})


def _progress(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Progress(target, int(found["percent"]))


def _half(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Progress(target, 50)


FIELD_RULES: list[tuple[str, Make]] = [
    # what belongs to a task, before the task as a whole
    (rf"{CLEAR}\s+{FIELD_DUE}{OF}{T}", _fields(due="")),
    (rf"{CLEAR}\s+{FIELD_TEXT}{OF}{T}", _fields(description="")),
    (rf"{CLEAR}\s+(?:all\s+)?(?:the\s+)?(?:tags|labels){OF}{T}", _clear_tags),
    (rf"(?:{CLEAR}|stop)\s+{FIELD_OFTEN}{OF}{T}", _fields(recurrence="none")),
    (rf"{CLEAR}\s+(?:the\s+)?(?:tag|label)\s+(?P<tags>\S+){OF}{T}", _drop_tags),
    (rf"{CLEAR}\s+(?:the\s+)?(?P<tags>#\S+)(?:\s+(?:tag|label))?{OF}{T}", _drop_tags),
    (rf"{CLEAR}\s+(?:the\s+)?(?P<tags>\S+)\s+(?:tag|label){OF}{T}", _drop_tags),
    (rf"{SET}\s+{FIELD_TEXT}(?:{OF}|\s+to\s+){T}(?:{TO}|\s*:\s*)(?P<new>.+)", _description),
    (rf"(?:add|give)\s+{FIELD_TEXT}(?:{OF}|\s+to\s+){T}(?:{TO}|\s*:\s*|\s+that\s+(?:says\s+)?)(?P<new>.+)", _note),
    (rf"add\s+{FIELD_TEXT}\s*:?\s+(?P<new>.+)\s+(?:to|for|on)\s+{T}", _note),
    (rf"(?:describe)\s+{T}\s+as\s+(?P<new>.+)", _description),
    (rf"{SET}\s+{FIELD_DUE}{OF}{T}{TO}{DATE}", _due),
    (rf"{FIELD_DUE}{OF}{T}{TO}{DATE}", _due),
    (rf"(?:{SET}|give|add)\s+{T}\s+a\s+(?:due\s+date|deadline)\s+(?:of|on|for)\s+{DATE}", _due),
    (rf"(?:add|set)\s+a\s+(?:due\s+date|deadline)\s+(?:of\s+|on\s+)?{DATE}\s+(?:to|for|on)\s+{T}", _due),
    (rf"{SET}\s+{T}\s+(?:to\s+(?:be\s+)?)?due\s+{DATE}", _due),
    (rf"{T}(?:\s+is|'s|\s+are)?(?:\s+now)?\s+due\s+{DATE}", _due),
    (
        r"(?:move|postpone|snooze|put\s+off|push(?:\s+back)?|reschedule|delay|defer|shift|extend"
        rf"|bring\s+forward)\s+{T}\s+(?:back\s+)?(?:to|until|till|for|on)\s+{DATE}",
        _due,
    ),
    (rf"schedule\s+(?P<t>(?:task\s*)?#?\d+|it)\s+(?:to|until|till|for|on)\s+{DATE}", _due),
    (
        rf"(?:postpone|push(?:\s+back)?|delay|defer|shift|extend|move|reschedule)\s+{T}\s+by\s+(?:\d+|an?|one"
        r"|two|three|four)\s+(?:day|week|month)s?",
        refuse(Unsure("relative_due")),
    ),
    (rf"{SET}\s+{FIELD_PRIORITY}{OF}{T}{TO}{LEVEL}(?:\s+priority)?", _priority),
    (rf"{FIELD_PRIORITY}{OF}{T}(?:{TO}|\s+should\s+be\s+){LEVEL}", _priority),
    (rf"{SET}\s+{T}(?:'s)?\s+priority{TO}{LEVEL}", _priority),
    (rf"(?:raise|increase|bump(?:\s+up)?)\s+(?:{FIELD_PRIORITY}{OF})?{T}\s+to\s+{LEVEL}(?:\s+priority)?", _priority),
    (rf"(?:lower|reduce|decrease)\s+(?:{FIELD_PRIORITY}{OF})?{T}\s+to\s+{LEVEL}(?:\s+priority)?", _priority),
    (
        rf"(?:raise|increase|bump(?:\s+up)?)\s+{FIELD_PRIORITY}{OF}{T}"
        rf"|prioriti[sz]e\s+{T.replace('<t>', '<t2>')}",
        _fields(priority="high"),
    ),
    (
        rf"(?:lower|reduce|decrease)\s+{FIELD_PRIORITY}{OF}{T}|de-?prioriti[sz]e\s+{T.replace('<t>', '<t2>')}",
        _fields(priority="low"),
    ),
    (rf"(?:{SET}|give|mark|flag)\s+{T}(?:\s+to|\s+as|\s+a)?\s+{LEVEL}(?:[-\s]+priority)?", _priority),
    (rf"{T}\s+(?:is|has|should\s+be|should\s+have|gets)\s+{LEVEL}[-\s]+priority", _priority),
    (rf"{T}\s+(?:is|should\s+be)\s+(?P<level>urgent|important|critical|unimportant)", _priority),
    (rf"(?:add|put|attach)\s+{FIELD_TAGS}\s+(?P<tags>.+)\s+(?:to|on)\s+{T}", _add_tags),
    (
        r"(?:add|put|attach)\s+(?P<tags>#[\w-]+(?:(?:\s*,\s*|\s+and\s+|\s+)#[\w-]+)*)(?:\s+tags?)?\s+(?:to"
        rf"|on)\s+{T}",
        _add_tags,
    ),
    (rf"{SET}\s+{FIELD_TAGS}{OF}{T}{TO}(?P<tags>.+)", _set_tags),
    (rf"(?:tag|label)\s+{T}\s+(?:with|as)\s+(?P<tags>.+)", _add_tags),
    (rf"(?:tag|label)\s+{T}\s+(?P<tags>#\S.*)", _add_tags),
    (rf"{SET}\s+{T}(?:'s)?\s+(?:due\s*date|deadline){TO}{DATE}", _due),
    (rf"{SET}\s+{T}(?:'s)?\s+description{TO}(?P<new>.+)", _description),
    (rf"untag\s+{T}\s+(?P<tags>#\S+)", _drop_tags),
    (rf"untag\s+{T}", _clear_tags),
    (r"don't\s+repeat\s+(?P<t>(?:task\s*)?#?\d+|it)(?:\s+any\s*more)?", _fields(recurrence="none")),
    (
        rf"stop\s+(?:repeating|recurring)\s+{T}(?:\s+any\s*more)?|(?:make"
        rf"|set)\s+{T.replace('<t>', '<t2>')}\s+(?:to\s+)?(?:non-?\s*recurring|not\s+(?:repeat|recur(?:ring)?)"
        r"|one-?off)",
        _fields(recurrence="none"),
    ),
    (rf"{SET}\s+{FIELD_OFTEN}{OF}{T}{TO}(?P<often>{RECURRENCE})", _recurrence),
    (
        rf"(?:make|set|let|have)\s+{T}\s+(?:to\s+)?(?:(?:be\s+)?(?:repeat(?:ing)?"
        rf"|recur(?:ring)?)\s+)?(?P<often>{RECURRENCE})",
        _recurrence,
    ),
    (
        rf"(?:repeat)\s+{T}\s+(?P<often>{RECURRENCE})|{T.replace('<t>', '<t2>')}\s+(?:should\s+)?(?:repeats?"
        rf"|recurs?)\s+(?P<often2>{RECURRENCE})",
        lambda said, found, target, today: Change(
            target, {"recurrence": recurrence_of(found["often"] or found["often2"])}
        ),
    ),
    # progress, before "is done"
    (rf"{SET}\s+(?:the\s+)?progress{OF}{T}{TO}(?P<percent>\d{{1,4}})\s*(?:%|per\s?cent)?", _progress),
    (rf"(?:the\s+)?progress{OF}{T}{TO}(?P<percent>\d{{1,4}})\s*(?:%|per\s?cent)?", _progress),
    (rf"{T}(?:'s)?\s+progress{TO}(?P<percent>\d{{1,4}})\s*(?:%|per\s?cent)?", _progress),
    (rf"(?:{SET}|mark)\s+{T}\s+(?:to|as|at)\s+{PERCENT}(?:\s+{DONE})?", _progress),
    (
        rf"(?:{I_AM}|{I_HAVE}(?:got|am)\s+)(?:about\s+)?{PERCENT}\s+(?:{DONE}\s+|through\s+)?(?:with|of|on"
        rf"|through)?\s*{T}",
        _progress,
    ),
    (rf"{I_HAVE}(?:done|did|finished|completed)\s+{PERCENT}\s+of\s+{T}", _progress),
    (
        rf"{T}\s*(?:(?:is|are|'s)\s+)?(?:now\s+)?(?:at\s+|about\s+|:\s*)?{PERCENT}(?:\s+(?:{DONE}|there" r"|ready))?",
        _progress,
    ),
    (
        rf"(?:{T}\s+(?:is|are)|{I_AM})\s*half(?:way|\s+way)?[-\s]*(?:{DONE}|there|through)?(?:\s+(?:with"
        rf"|through)\s+{T.replace('<t>', '<t2>')})?",
        _half,
    ),
    # a new name
    (rf"(?:rename|retitle|re-title)\s+{T}\s*(?:\s(?:to|as|into)\s|:|=|->)\s*(?P<new>.+)", _rename),
    (rf"{SET}\s+{FIELD_TITLE}{OF}{T}{TO}(?P<new>.+)", _rename),
    (rf"{SET}\s+{T}(?:'s)?\s+(?:title|name)\s*(?:to|=|:)\s*(?P<new>.+)", _rename),
    (rf"{FIELD_TITLE}\s+of\s+{T}\s+should\s+be\s+(?P<new>.+)", _rename),
    (rf"{T}\s+should\s+(?:now\s+)?be\s+(?:called|named|titled|renamed\s+to)\s+(?P<new>.+)", _rename),
    (rf"(?:rename|retitle)\s+{T}", refuse(Unsure("nothing_new"))),
    (r"call\s+(?P<t>(?:task\s*)?#?\d+|it)\s+(?P<new>.+?)(?:\s+(?:instead|from\s+now\s+on))?", _rename),
    (r"change\s+(?P<t>\S|.*\d)\s+(?:to|into)\s+(?P<new>[\ue000-\uf8ff])", _rename),
]
"""Tried in this order. The group ``t`` (or ``t2``, in the other half of a pattern) is the task that is meant."""
