"""Phrases that want words and no tool: greetings, thanks, help, and text to look at while it streams."""

from __future__ import annotations

import re
from typing import Literal

from .intents import Talk, TalkKind, Write

GREETING = (
    r"(?:hello|hi|hey|hiya|howdy|yo|hallo|hola|greetings|good\s+(?:morning|afternoon|evening|day))"
    r"(?:\s+(?:there|again|taskflow|all|everyone|bot|assistant))*"
)
THANKS = (
    r"(?:thank(?:s|\s+you)(?:\s+(?:a\s+lot|so\s+much|very\s+much|again))?|thx|cheers|great|perfect|nice|cool|awesome"
    r"|super|wonderful|good\s+(?:job|work)|well\s+done|bye|goodbye|see\s+you)"
)

_PHRASES: dict[TalkKind, list[str]] = {
    "greeting": [
        rf"{GREETING}(?:[\s,!.]+(?:how\s+are\s+you|what's\s+up|nice\s+to\s+meet\s+you))?",
        r"how\s+are\s+you(?:\s+\w+)?",
        r"what's\s+up",
    ],
    "thanks": [
        rf"(?:ok(?:ay)?|alright|fine)?[\s,!.]*{THANKS}"
        rf"(?:[\s,!.]+(?:{THANKS}|that's\s+all|taskflow|man|mate|all))*(?:[\s,!.]+for\s.*)?",
    ],
    "about": [
        r"(?:who|what)\s+(?:exactly\s+)?(?:are|r)\s+you(?:\s+.*)?",
        r"are\s+you\s+(?:(?:an?|the)\s+)?"
        r"(?:real|model|ai|llm|bot|human|robot|person|chatgpt|gpt|intelligent|offline|stand-?in)\b.*",
        r"(?:what|which)\s+(?:ai\s+|language\s+)?(?:model|llm)\b.*",
        r"how\s+(?:do|can)\s+i\s+(?:connect|use|get|configure|set\s+up)\s+(?:an?|the|another|my)?\s*"
        r"(?:real|better)?\s*(?:model|llm|ai|(?:api\s+)?key|openai)\b.*",
        r"(?:connect|use)\s+a\s+(?:real\s+)?model",
        r"(?:tell\s+me\s+)?about\s+(?:you|yourself)|introduce\s+yourself|what's\s+your\s+name",
        r"do\s+you\s+(?:think|understand|use\s+(?:ai|a\s+model|an\s+llm))\b.*",
    ],
    "help": [
        r"(?:i\s+need\s+)?help(?:\s+me)?|commands?|examples?|usage",
        r"(?:show|give|tell)\s+(?:me\s+)?(?:some\s+|the\s+)?(?:examples?|commands?|help)",
        r"what\s+(?:can|could)\s+(?:you|i|we|one)\s+(?:do|say|ask|try|type|write)(?:\s+(?:here|for\s+me|with\s+you))?",
        r"what\s+(?:should|do)\s+i\s+(?:say|ask|type|write)|what\s+do\s+you\s+do",
        r"how\s+(?:do|does|can|could|should|would)\s+(?:i|we|one|this|it|you|taskflow)\b.*",
        r"how\s+to\b.*|(?:tell|show|explain)\s+(?:to\s+)?(?:me\s+)?how\b.*",
        r"what\s+is\s+(?:this|taskflow)|what\s+are\s+(?:you\s+able\s+to\s+do|my\s+options)",
    ],
    "cancel": [
        r"(?:no|nope|cancel|never\s*mind|neither|none|stop|forget\s+(?:it|that)|nothing|leave\s+it|not\s+now|don't"
        r"|no,?\s+thanks?(?:\s+you)?)(?:[\s,]+(?:it|that|please|thanks?|thank\s+you|(?:any\s+)?of\s+(?:them|these)))*",
    ],
}
_TALK: list[tuple[re.Pattern[str], TalkKind]] = [
    (re.compile(phrase, re.IGNORECASE), kind) for kind, phrases in _PHRASES.items() for phrase in phrases
]

_WRITE: list[tuple[re.Pattern[str], Literal["numbers", "words"]]] = [
    (re.compile(r"(?:count|numbers)\s+(?:up\s+)?(?:from\s+1\s+|from\s+one\s+)?to\s+(\d{1,9})\b.*", re.I), "numbers"),
    (
        re.compile(
            r"(?:write|give|send|say|type|tell|make|generate|produce)\s+(?:me\s+)?"
            r"(?:a\s+text\s+(?:of|with)\s+|an?\s+|some\s+|about\s+|exactly\s+)*(\d{1,9})[\s-]+words?\b.*",
            re.I,
        ),
        "words",
    ),
]


def talk_of(text: str) -> Talk | None:
    """The talk that is all of ``text``."""
    plain = text.rstrip(" ?.!")
    return next((Talk(kind) for pattern, kind in _TALK if pattern.fullmatch(plain)), None)


def writing_of(text: str) -> Write | None:
    """How much text is wanted."""
    plain = text.rstrip(" ?.!")
    for pattern, what in _WRITE:
        if found := pattern.fullmatch(plain):
            return Write(what, int(found[1]))
    return None
