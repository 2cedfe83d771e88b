"""From the text of a message to what it wants.

Only an order changes something: what asks, doubts, forbids or supposes is told apart first.
"""

from __future__ import annotations

import re
from datetime import date

from .adding import adding, adding_plainly, wants_form
from .changing import changing
from .intents import DateProblem, Intent, Move, ShowForm, Talk, Title, Unsure
from .listing import listing
from .quoting import Said
from .talking import GREETING, THANKS, talk_of, writing_of

READ_CHARACTERS = 5_000
LONGEST = 500
"""How long a message that is followed can be in characters: with its quotations, and without them.

The rules try many readings, on the event loop. Of a longer message nothing is read: half of an order is another order.
"""

_REQUEST = re.compile(
    r"^(?:(?:can|could|would|will)\s+(?:you|u)\s+(?:please\s+|kindly\s+|maybe\s+|now\s+|also\s+)*(?!be\b)"
    r"|(?:would\s+you\s+mind|do\s+you\s+mind)\s+(?:please\s+)?"
    r"|i(?:'d|\s+would)\s+(?:like|love)\s+(?:you\s+)?to\s+|i\s+want\s+you\s+to\s+|(?:you\s+(?:can|should"
    r"|may)\s+(?:now\s+)?)(?=\w))",
    re.I,
)
_WISH = re.compile(
    r"^(?:i|we)(?:'d|\s+would)?\s+(?:want|wanna|wish|need|like|have|must|should|gotta)(?:\s+to)?\s+", re.I
)
_COURTESY = re.compile(
    r"^(?:please|pls|kindly|now|then|also|and|so|ok(?:ay)?|well|hey|right|alright|just|quickly|next(?=,)|first(?=,)"
    r"|let's|let\s+us|let\s+me|go\s+ahead\s+and|yes|yeah|sure|oh|actually|taskflow|assistant|bot"
    rf"|{GREETING}(?=\s*[,!.])|{THANKS}(?=\s*[,!.]))\b[\s,!.:;-]*(?=\S)",
    re.I,
)
_CLOSING = re.compile(
    r"(?:[\s,.!]+(?:please|pls|thanks|thank\s+you|for\s+me|would\s+you|will\s+you|ok(?:ay)?|right\s+away"
    r"|immediately|asap(?=\?)))+\s*[.!?]*$",
    re.I,
)
_GERUND = {
    "adding": "add",
    "deleting": "delete",
    "removing": "remove",
    "creating": "create",
    "marking": "mark",
    "completing": "complete",
    "showing": "show",
    "listing": "list",
    "starting": "start",
    "renaming": "rename",
}

_QUESTION = re.compile(
    r"^(?:should|shall|would|will|can|could|may|might|must|do(?!\s+not\b)|does|did|is|are|was|were|am|has"
    r"|have\s+(?:i|you|we|they)|had|what|why|when|where|who|whom|whose|which|how|isn't|aren't|don't\s+you|didn't)\b",
    re.I,
)
_SUPPOSED = re.compile(
    r"^(?:if|when|once|unless|suppose|supposing|assuming|imagine|after|before|as\s+soon\s+as|in\s+case"
    r"|maybe|perhaps|later|until|while)\b",
    re.I,
)
_FORBIDDEN = re.compile(
    r"^(?:(?:please\s+)?(?:don't(?!\s+repeat)|do\s+not|never|not|no\s+need|there's\s+no\s+need|stop\s+(?!repeating"
    r"|recurring)\w+ing|avoid|refrain)\b"
    r"|(?:you|i|we|they|he|she|it|nobody|no\s+one)\b.{0,12}\b(?:don't|do\s+not|didn't|did\s+not|won't"
    r"|will\s+not|shouldn't|should\s+not|mustn't|must\s+not|needn't|need\s+not|can't|cannot|couldn't"
    r"|haven't|have\s+not|hasn't|hadn't|never|wouldn't|not|almost|nearly|will|might|may|could)\b)",
    re.I,
)
_REMARK = re.compile(
    r"^(?:i|you|we|they|he|she|someone|somebody)\b.*\b(?:added|deleted|removed|created|renamed|assigned"
    r"|moved|changed|reopened|rejected|updated)\b",
    re.I,
)
_CHANGE_WORD = re.compile(
    r"\b(?:add|creat|delet|remov|complet|finish|done|mark|renam|assign|start|reopen|reject|chang|updat|set"
    r"|eras|drop|clos|cancel)\w*\b",
    re.I,
)
_NOT_A_TITLE = re.compile(
    r"^(?:i|you|we|he|she|they|there|nothing|none|nobody|not|no|don't|never|if|when|after|before|what|why"
    r"|how|who|maybe|perhaps|is|are|was|should|would|could|everything|that|this|it)\b",
    re.I,
)
_NO_PROJECT = re.compile(
    r"(?:add|create|make|start|set\s+up|delete|remove|rename|archive|switch(?:\s+to)?"
    r"|change(?:\s+to)?)\s+(?:\w+\s+){0,2}projects?\b.*",
    re.I | re.S,
)


def intent_of(text: str, today: date) -> Intent:
    """What ``text`` wants; :class:`Talk` ``unknown`` where nobody could tell by rules."""
    said = Said.of(text) if len(text) <= READ_CHARACTERS else None
    if said is None or len(said.text) > LONGEST:
        return Unsure("too_long")
    plain = said.text.strip(" \n.!,")
    if talk := talk_of(plain or said.text):
        return talk
    order, wished = _order(plain)
    if writing := writing_of(order):
        return writing
    return _wish(said.part(order), plain, wished, today)


def _order(plain: str) -> tuple[str, bool | None]:
    """The text without courtesies; ``True`` where it was put as a request, ``None`` where as a plan of one's own."""
    requested: bool | None = False
    text = _CLOSING.sub("", plain)
    while True:
        shorter = _COURTESY.sub("", text, count=1)
        if found := _REQUEST.match(shorter):
            shorter, requested = shorter[found.end() :], True
        elif (found := _WISH.match(shorter)) and not re.match(
            r"(?:i\s+have|we\s+have|i\s+would)(?!\s+to)\b", found[0], re.I
        ):
            shorter, requested = shorter[found.end() :], None
        if shorter == text or not shorter.strip():
            break
        text = shorter
    first, space, rest = text.partition(" ")
    if requested and first.lower() in _GERUND:
        text = f"{_GERUND[first.lower()]}{space}{rest}"
    if requested:
        text = text.rstrip(" ?.!")
    return text, requested


def _wish(said: Said, plain: str, requested: bool | None, today: date) -> Intent:
    if (talk := talk_of(said.text)) and talk.kind in ("help", "about"):
        return talk
    if wants_form(said):
        return ShowForm()
    if seen := listing(said, today):
        return seen
    if not requested and (_QUESTION.match(plain) or plain.endswith("?")):
        return Unsure("question") if _CHANGE_WORD.search(plain) else Talk("unknown")
    if _SUPPOSED.match(said.text):
        return Unsure("condition") if _CHANGE_WORD.search(said.text) else Talk("unknown")
    if _NO_PROJECT.fullmatch(said.text):
        return Unsure("no_project")
    if added := adding(said, today):
        return added
    if requested is not None and _FORBIDDEN.match(said.text):
        return Unsure("not_asked") if _CHANGE_WORD.search(said.text) else Talk("unknown")
    return _change(said, requested, today) or adding_plainly(said, today) or _remark(said, requested)


def _change(said: Said, requested: bool | None, today: date) -> Intent | None:
    changed = changing(said, today)
    if changed is None or isinstance(changed, DateProblem | Unsure):
        return changed
    if requested is None and isinstance(changed, Move) and not re.match(r"mark|set|move|put|reopen", said.text, re.I):
        return Unsure("not_asked")  # "I need to finish the report" is a plan, not news
    if (
        isinstance(changed.target, Title)
        and changed.target.words not in said.quotes
        and _NOT_A_TITLE.match(changed.target.words)
    ):
        return Unsure("not_asked")
    return changed


def _remark(said: Said, requested: bool | None) -> Intent:
    if _REMARK.match(said.text):
        return Unsure("not_asked")
    return Unsure("plan") if requested is None else Talk("unknown")
