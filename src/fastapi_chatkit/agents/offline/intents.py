"""What a message asks of the offline agent, by its words alone.

A phrase decides ("count to 20", "what time is it"), or else the first word that says something: politeness and verbs
such as "please show me a" are passed over. So "show me a widget" is a wish, and "why do widgets need ids" is not one.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

IntentName = Literal[
    "about",
    "code",
    "count",
    "echo",
    "effect",
    "error",
    "form",
    "greeting",
    "help",
    "long",
    "markdown",
    "notice",
    "question",
    "table",
    "thanks",
    "tool",
    "widget",
    "workflow",
]

READ_CHARACTERS = 400
"""How much of a message is searched for a wish: whoever writes more means something else."""


class Intent(NamedTuple):
    """What is wished for; ``number`` is how far to count or how many words to write, where the message says so."""

    name: IntentName
    number: int | None = None


_BEFORE_A_LENGTH = "write|give|send|type|say|tell|make|want|with|of|in|me|an?|another|about|exactly|around|some"

_PHRASES: list[tuple[IntentName, re.Pattern[str]]] = [
    ("count", re.compile(r"\bcount (?:up )?(?:from 1 )?to (\d{1,9})\b")),
    ("long", re.compile(rf"(?:^|\b(?:{_BEFORE_A_LENGTH}) )(\d{{1,9}})[ -]words?\b")),
    ("long", re.compile(r"\blong (?:answer|text|reply|message|story|one)\b")),
    ("tool", re.compile(r"\bwhat(?:'s| is)? the (?:local )?time\b|\btime is it\b|\b(?:local|current) time\b")),
    ("tool", re.compile(r"\bclient[ -]tools?\b")),
    ("about", re.compile(r"\b(?:who|what) are you\b|\bare you (?:an? )?(?:real|model|ai|llm|bot|human)\b")),
    ("about", re.compile(r"\b(?:what|which) model\b|\bhow do i connect\b")),
    ("help", re.compile(r"\bwhat can (?:you|i) (?:do|say|ask|try)\b|\bwhat do you do\b")),
    ("question", re.compile(r"^(?:please |can you |could you )?ask me\b")),
    ("workflow", re.compile(r"\bthink (?:step by step|aloud|out loud)\b")),
]

_KEYWORDS: dict[IntentName, str] = {
    "about": "about connect offline",
    "code": "code snippet python",
    "effect": "effect effects",
    "error": "error errors fail failure crash exception",
    "form": "form forms",
    "greeting": "hello hi hey hallo hola bonjour greetings",
    "help": "help commands examples",
    "long": "story stories essay lorem",
    "markdown": "markdown formatting",
    "notice": "notice notices notification warning",
    "question": "question questions quiz poll survey structured",
    "table": "table tables",
    "thanks": "thank thanks thx bye goodbye",
    "tool": "tool tools",
    "widget": "widget widgets card counter button",
    "workflow": "workflow workflows steps tasks",
}

_LONE_KEYWORDS: dict[IntentName, str] = {
    "count": "count",
    "greeting": "morning afternoon evening",
    "long": "long",
    "tool": "time clock",
    "workflow": "think reasoning",
}
"""Words that are a wish only where nothing else is said."""

_FILLER_WORDS = (
    "a an and again another ask call can client could create demo display do draw for get give go good great i"
    " i'd if in let's like make may me more now of ok okay open please pls raise render run sample see send show"
    " simple some start stream tell test the then this throw to try us use want we well with would write yes you"
)


def _by_word(keywords: dict[IntentName, str]) -> dict[str, IntentName]:
    return {word: name for name, words in keywords.items() for word in words.split()}


_WISHES = _by_word(_KEYWORDS)
_LONE_WISHES = _by_word(_LONE_KEYWORDS)
_FILLER = frozenset(_FILLER_WORDS.split())

_WORD = re.compile(r"(?<![@\w])[\w'-]+")


def intent_of(text: str) -> Intent:
    """The wish in ``text``; ``echo`` where there is none."""
    read = " ".join(text[:READ_CHARACTERS].lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    for name, phrase in _PHRASES:
        if found := phrase.search(read):
            return Intent(name, int(found[1]) if found.lastindex else None)
    telling = [word for word in _WORD.findall(read) if word not in _FILLER]
    if not telling:
        return Intent("echo")
    if len(telling) == 1 and telling[0] in _LONE_WISHES:
        return Intent(_LONE_WISHES[telling[0]])
    return Intent(_WISHES.get(telling[0], "echo"))
