"""How to say that a task is begun, done, given to somebody or deleted: each pattern with what it asks for."""

from __future__ import annotations

import re
from datetime import date

from .change_words import BEGUN, DONE, I_AM, I_HAVE, OPEN, WHO, Found, Make, T, refuse
from .intents import Acting, Assign, Delete, Move, Target, Title, Unsure, Verb
from .quoting import Said


def _move(verb: Verb) -> Make:
    return lambda said, found, target, today: Move(verb, target)


def _assign(said: Said, found: Found, target: Target, today: date) -> Acting:
    return Assign(target, said.whole(found["who"]).strip(" @.,!"))


def _delete(said: Said, found: Found, target: Target, today: date) -> Acting | None:
    words = target.words if isinstance(target, Title) else ""
    if re.match(r"(?:due\b|deadline|tags?\b|labels?\b|description|priority|project|assign|notes?\b)", words, re.I):
        return None  # part of a task, in words that no rule knows
    return Delete(target)


STATE_RULES: list[tuple[str, Make]] = [
    # the state
    (rf"reject\s+(?:the\s+review\s+(?:of|for)\s+)?{T}", _move("reject")),
    (
        rf"send\s+{T}\s+back(?:\s+(?:to\s+(?:work|in\s+progress|the\s+assignee)|for\s+(?:changes|rework"
        r"|more\s+work)))?",
        _move("reject"),
    ),
    (rf"send\s+back\s+{T}", _move("reject")),
    (
        rf"{T}\s+(?:still\s+)?needs\s+(?:some\s+)?(?:more\s+work|changes|rework|to\s+be\s+reworked|fixes)",
        _move("reject"),
    ),
    (rf"{T}\s+(?:has\s+)?(?:failed|(?:did\s+not|didn't)\s+pass)\s+(?:the\s+)?review", _move("reject")),
    (rf"(?:the\s+)?review\s+of\s+{T}\s+(?:has\s+)?failed", _move("reject")),
    (rf"request\s+changes\s+(?:on|for|to)\s+{T}", _move("reject")),
    (rf"(?:move|put|set)\s+{T}\s+back\s+(?:to|in|into)\s+(?:in\s+)?(?:progress|work)", _move("reject")),
    (rf"(?:request|ask\s+for|get)\s+(?:a\s+)?review\s+(?:of|for|on)\s+{T}", _move("review")),
    (
        rf"(?:send|submit|hand\s+in|pass|move|put|set|give)\s+{T}\s+(?:to|for|in|into" r"|up\s+for)\s+(?:a\s+)?review",
        _move("review"),
    ),
    (
        rf"(?:mark|flag|set)\s+{T}\s+(?:as|to)\s+(?:ready\s+for\s+|in\s+|for\s+|waiting\s+for\s+)?review",
        _move("review"),
    ),
    (rf"{T}\s+(?:is|are)\s+(?:now\s+)?ready\s+(?:for\s+review|to\s+be\s+reviewed)", _move("review")),
    (
        r"(?:re-?open|un-?complete|un-?finish|undo(?:\s+the\s+completion\s+of)?|un-?check|re-?activate"
        rf"|restore)\s+{T}",
        _move("reopen"),
    ),
    (rf"(?:mark|set|flag|move|put|change)\s+{T}\s+(?:back\s+)?(?:as|to|in)\s+{OPEN}", _move("reopen")),
    (rf"open\s+{T}\s+(?:up\s+)?again", _move("reopen")),
    (rf"{T}\s+(?:isn't|is\s+not|wasn't|was\s+not)\s+(?:actually\s+)?{DONE}\s+after\s+all", _move("reopen")),
    (rf"(?:mark|set|put|move|flag|change)\s+{T}\s+(?:(?:as|to|in|into)\s+)?(?:{BEGUN}|progress)", _move("start")),
    (rf"{I_AM}(?:working\s+on|starting(?:\s+with)?|beginning|doing)\s+{T}", _move("start")),
    (rf"{I_HAVE}(?:started|begun|began)(?:\s+(?:with|work(?:ing)?\s+on))?\s+{T}", _move("start")),
    (
        r"(?:start|begin|commence|kick\s+off|pick\s+up|take\s+on)(?:\s+(?:with|work(?:ing)?\s+on"
        rf"|progress\s+on))?\s+{T}",
        _move("start"),
    ),
    (rf"work\s+on\s+{T}", _move("start")),
    (
        rf"(?:mark|set|check|tick|cross|move|put|flag|change|update|turn)\s+{T}(?:\s+(?:as|to|off|off\s+as"
        rf"|being))?\s+{DONE}",
        _move("complete"),
    ),
    (rf"(?:check|tick|cross)\s+{T}\s+off(?:\s+(?:my|the)\s+list)?", _move("complete")),
    (
        r"(?:complete|finish(?:\s+(?:off|up))?|close(?:\s+out)?|(?:check|tick|cross)(?:\s+off)?|wrap\s+up"
        rf"|resolve|mark\s+off)\s+{T}",
        _move("complete"),
    ),
    (rf"(?:mark|set)\s+{DONE}\s*:?\s+{T}", _move("complete")),
    (
        rf"{I_HAVE}(?:finished|completed|done|closed|wrapped\s+up|resolved|did|ticked\s+off)(?:\s+with)?\s+{T}",
        _move("complete"),
    ),
    (rf"{I_AM}(?:done|finished|through)\s+with\s+{T}", _move("complete")),
    (rf"{DONE}(?:\s+with|\s*:)\s+{T}", _move("complete")),
    (
        rf"{T}\s*(?:\s(?:is|are|has\s+been|have\s+been|was|were)|'s|:)\s*(?:(?:now|all|already"
        rf"|finally)\s+)*{DONE}(?:\s+(?:now|already|at\s+last))?",
        _move("complete"),
    ),
    # whose it is
    (rf"(?:un-?assign)\s+{T}(?:\s+from\s+.+)?", refuse(Unsure("no_unassign"))),
    (
        rf"(?:re-?)?assign\s+(?:{T}\s+(?:to|for)\s+{WHO}|@?(?P<who2>[^\W\d_]\S*)\s+(?:to|on)\s+(?P<t2>.+))",
        lambda said, found, target, today: Assign(target, (said.whole(found["who"] or found["who2"])).strip(" @.,!")),
    ),
    (
        rf"(?:give|hand(?:\s+over)?|delegate|pass(?:\s+on)?|transfer|forward)\s+{T}\s+(?:over\s+"
        rf"|on\s+)?to\s+(?:the\s+)?{WHO}",
        _assign,
    ),
    (rf"(?:let|have)\s+{WHO}\s+(?:do|handle|take(?:\s+care\s+of)?|work\s+on)\s+{T}", _assign),
    (rf"(?:make|put)\s+{WHO}\s+(?:responsible\s+for|in\s+charge\s+of)\s+{T}", _assign),
    (rf"put\s+{WHO}\s+on\s+(?P<t>(?:task\s*)?#?\d+)", _assign),
    (
        rf"{WHO}\s+(?:should|will|shall|takes|does)\s*(?:do|handle|take(?:\s+over)?"
        r"|work\s+on)?\s+(?P<t>(?:task\s*)?#?\d+)",
        _assign,
    ),
    (rf"{T}\s+(?:goes|belongs)\s+to\s+{WHO}", _assign),
    (rf"add\s+{WHO}\s+to\s+(?P<t>(?:task\s*|#)\d+)", _assign),
    # its end
    (
        rf"(?:take|cross|strike|remove|delete|drop)\s+{T}\s+(?:off|from)\s+(?:of\s+)?(?:my|the"
        r"|our)\s+(?:(?:to-?do|task)\s+)?(?:list|tasks|board|plate|project)",
        _delete,
    ),
    (
        r"(?:delete|remove|erase|drop|get\s+rid\s+of|trash|discard|bin|scrap|kill|cancel|throw\s+(?:away|out)"
        rf"|wipe|destroy|purge)\s+{T}",
        _delete,
    ),
    (rf"{T}\s+(?:can|should|must)\s+(?:go\s+away|be\s+(?:deleted|removed|dropped))", _delete),
]
"""Tried in this order, after what belongs to a task. The group ``t`` (or ``t2``) is the task that is meant."""
