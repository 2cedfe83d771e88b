"""Wishes about tasks that exist: their state, their fields, whose they are, and their end.

A rule must match all of the text, so that a sentence which merely mentions a task changes nothing.
"""

from __future__ import annotations

import re
from datetime import date

from .change_words import T
from .field_rules import FIELD_RULES
from .intents import Acting, DateProblem, Target, Unsure
from .quoting import Said
from .state_rules import STATE_RULES
from .targets import is_numbers, target_of

_COMPILED = [
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), make, pattern.startswith(T))
    for pattern, make in (*FIELD_RULES, *STATE_RULES)
]
_NO_CHANGE = re.compile(r"(?:update|change|edit|modify)\s+.{1,100}", re.IGNORECASE)
_NEW = re.compile(r"(?:add|create|schedule|jot|note|write)\b", re.IGNORECASE)
"""What a sentence about a task that exists ("{task} is due tomorrow") cannot begin with."""

_INCOMPLETE = re.compile(
    r"(?:delete|remove|complete|finish|rename|assign|start|reopen|reject|close|edit|update|change)(?:\s+(?:a|an|one|some)?\s*(?:tasks?|to-?dos?|items?)?)?",
    re.IGNORECASE,
)


def changing(said: Said, today: date) -> Acting | DateProblem | Unsure | None:
    """The change that a text asks for; ``None`` where it asks for none."""
    text = said.text.strip(" .!,;")
    if _INCOMPLETE.fullmatch(text):
        return Unsure("which")
    is_new = _NEW.match(text) is not None
    for pattern, make, states in _COMPILED:
        found = None if states and is_new else pattern.fullmatch(text)
        if found is None:
            continue
        target = _target(said, found)
        if isinstance(target, Unsure):
            return target
        result = make(said, found, target, today)
        if result is not None:
            return result
    return Unsure("nothing_new") if _NO_CHANGE.fullmatch(text) else None


def _target(said: Said, found: re.Match[str]) -> Target | Unsure:
    groups = found.groupdict()
    phrase, other = groups.get("t") or groups.get("t2") or "", groups.get("who") or ""
    if other and is_numbers(other) and not is_numbers(phrase):
        return Unsure("which")
    return target_of(said.part(phrase))
