"""Wishes to see something: tasks of some kind, projects, people, what happened. None of them changes anything."""

from __future__ import annotations

import re
from datetime import date

from .filters import ASK, SHOW, TASKS, Wish
from .intents import History, ListTasks, Look, Numbers, ShowTask, Target, Title, Unsure
from .quoting import Said
from .targets import is_numbers, target_of

_OPENING = re.compile(rf"(?:{SHOW}|{ASK})\b", re.I)
_NEXT = re.compile(
    r"what(?:'s|\s+is|s)?\s+(?:up\s+)?(?:should|shall|do|can|could|must|would)\s+(?:i|we)\s+(?:do"
    r"|work\s+on|tackle|start(?:\s+with)?|focus\s+on|begin\s+with|pick)\b.*"
    r"|what(?:'s|\s+is|s)\s+(?:up\s+)?next\b.*|what\s+(?:comes\s+)?next|next\s+task|(?:where"
    r"|what)\s+(?:should|do)\s+i\s+(?:start|begin).*"
    r"|what(?:'s|\s+is|s)\s+(?:the\s+)?(?:most\s+(?:important|urgent)|top\s+priority).*|(?:suggest"
    r"|recommend|pick)\s+(?:me\s+)?(?:a|the\s+next|something)\b.*"
    r"|give\s+me\s+something\s+to\s+do",
    re.I,
)
_PLATE = re.compile(
    r"what(?:'s|\s+is|s|\s+have\s+i\s+got|\s+do\s+i\s+have)\s+(?:still\s+)?(?:on(?:\s+my)?|to\s+do|left"
    r"|open|outstanding|remaining|planned|there\s+to\s+do)\b.*"
    r"|what\s+(?:do|must|have)\s+(?:i|we)\s+(?:still\s+)?(?:have\s+|need\s+|got\s+)?to\s+(?:do|get\s+done|finish)\b.*"
    r"|what\s+(?:else\s+)?(?:is\s+)?(?:needs|has)\s+to\s+be\s+done.*|what\s+remains.*|how\s+(?:busy"
    r"|full)\s+(?:am|is)\b.*",
    re.I,
)
_NOUN_PHRASE = re.compile(
    r"(?:(?:#[a-z][\w-]*|[a-z]\w+'s|all|my|our|the|every|only|just|open|pending|completed?|finished|done"
    r"|overdue|late|active|in[-\s]progress|unfinished|remaining|outstanding|high[-\s]priority"
    rf"|urgent|due)\s+)*{TASKS}(?:\s+(?:today|overdue|please|{TASKS}|(?:due|for)\s+\w[\w\s]{{1,30}}|in\s+(?:progress"
    r"|review)|by\s+\w+|(?:tagged\s+|with\s+tag\s+)?#[\w-]+))?",
    re.I,
)
_DUE_QUESTION = re.compile(
    r"(?:what(?:'s|\s+is|s|\s+are)?|which(?:\s+ones)?(?:\s+are)?|is\s+(?:there\s+)?anything|anything|am\s+i|are\s+any"
    r"|do\s+i\s+have\s+anything|is\s+something|show(?:\s+me)?(?:\s+(?:what's|what\s+is|everything"
    r"|all))?)\s+(?:that\s+is\s+)?(?:coming\s+)?(?:due|overdue|late|behind|up\s+(?:this|today|tomorrow)"
    r"|past\s+due)\b.*|overdue",
    re.I,
)
_STATE_QUESTION = re.compile(
    r"(?:what(?:'s|\s+is|s|\s+are)?|which(?:\s+ones)?(?:\s+are)?|what\s+(?:have|did)\s+(?:i|we)"
    r"|what\s+has\s+been|what\s+was|how\s+(?:much|many)\s+(?:is|are)|show(?:\s+me)?\s+(?:what's|what\s+is"
    r"|(?:everything|all|what)(?:\s+that(?:\s+is|'s)?)?))\s+"
    r"(?:am\s+i\s+|(?:i|we)(?:'ve|\s+have)?\s+|(?:already|still|currently|waiting\s+for|is)\s+)*(?:done"
    r"|finish(?:ed)?|completed?|in\s+(?:progress|review)|pending|open|left|to\s+do|working\s+on"
    r"|ready\s+for\s+review|being\s+worked\s+on)\b.*|(?:pending|completed|done|finished|in\s+progress"
    r"|in\s+review)",
    re.I,
)

_PROJECTS = re.compile(
    rf"(?:(?:{SHOW}|{ASK})\b.*)?(?:\b(?:all|my|our|the)\s+)*\bprojects?(?:\s+(?:are\s+there|do\s+(?:i"
    r"|we)\s+have|i\s+have|am\s+i\s+in|list|exist|overview))?",
    re.I,
)
_WORKERS = re.compile(
    rf"(?:(?:{SHOW}|{ASK}|who(?:'s|\s+is|\s+are)?)\b.*)?\b(?:workers?|team(?:\s*mates?|\s+members?)?"
    r"|members?|people|assignees?|colleagues|agents|staff)\b(?:\s+(?:are\s+there|do\s+(?:i|we)\s+have"
    r"|is\s+there|can\s+.*|list))?"
    r"|who\s+(?:can|could)\s+(?:i|we|help|do|work|take)\b.*|who(?:'s|\s+is|\s+are)\s+(?:there|available"
    r"|on\s+(?:it|this|the\s+project)|in\s+(?:here|the\s+project)|working\s+here).*|who\s+works\s+.*",
    re.I,
)

_DID = (
    r"(?:changed?|deleted?|removed?|created?|added?|completed?|finished|closed|did|touched|updated?|moved?"
    r"|assigned|renamed?|edited|modified|started|reopened|rejected|made)"
)
_HISTORY = [
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:{SHOW}\s+)?(?:me\s+)?(?:the\s+)?(?:full\s+|complete\s+|change\s+)?(?:history|audit\s+(?:log"
        r"|trail)|log|timeline|activity(?:\s+log)?|changes)\s+(?:of|for|to|on|in|about)\s+(?P<t>.+)",
        rf"(?:{SHOW}\s+)?(?:me\s+)?(?P<t>(?:task\s*)?#?\d+)(?:'s)?\s+(?:history|log|changes|activity|timeline)",
        r"what(?:'s|\s+has|\s+was|s)?\s+(?:happened|been\s+happening|happening|(?:been\s+)?going\s+on|changed?"
        r"|been\s+changed|been\s+done)\s+(?:to|with|in|on|about)\s+(?P<t>.+)",
        rf"who(?:\s+has|\s+have)?\s+(?:last\s+)?{_DID}\s+(?P<t>.+)",
        rf"(?:when|by\s+whom)\s+(?:was|were|did\s+\w+)\s+(?P<t>.+?)\s+{_DID}",
        rf"who\s+(?:was|is)\s+it\s+(?:that|who)\s+{_DID}\s+(?P<t>.+)",
        rf"(?:{SHOW}\s+)?(?:me\s+)?(?:the\s+|my\s+|our\s+|all\s+)*(?:recent\s+|latest\s+|last\s+"
        r"|project\s+)*(?:history|audit(?:\s+(?:log|trail))?|audit\s+entries|log|logs|timeline"
        r"|activity(?:\s+log)?|changes)",
        r"what(?:'s|\s+has|s)?\s+(?:just\s+)?(?:happened|been\s+happening|happening|(?:been\s+)?going\s+on|new"
        r"|changed)(?:\s+(?:here|today|yesterday|so\s+far|lately|recently|this\s+week|since\s+\w+"
        r"|while\s+i\s+was\s+\w+))*",
        r"who\s+(?:did|changed|has\s+changed|has\s+done)\s+(?:what|that|this)|what\s+did\s+(?:i|we|they"
        r"|\w+)\s+(?:do|change)(?:\s+.*)?",
    )
]
_EVERYTHING = re.compile(
    r"(?:the|my|our|this|all)?\s*(?:tasks?|projects?|lists?|board|everything|what|here|today|yesterday"
    r"|anything|something|it\s+all)",
    re.I,
)
_SHOW_TASK = re.compile(
    rf"(?:{SHOW}|what(?:'s|\s+is|s|\s+about)|how\s+(?:is|about)|status\s+of|details?\s+(?:of|on|about"
    r"|for))\s+(?:me\s+)?(?:about\s+)?(?:the\s+)?(?:(?:details?|status|state|info(?:rmation)?"
    r"|more)\s+(?:of|on|about|for)\s+)?(?P<t>.+?)(?:\s+(?:about|in\s+detail|going|doing"
    r"|coming\s+along))?",
    re.I,
)
_ABOUT_TASK = [
    re.compile(pattern, re.I)
    for pattern in (
        r"(?:is|are)\s+(?P<t>(?!there\b|anything\b|any\b|it\b|you\b|this\b|that\b).+?)\s+(?:(?:already|still|now)\s+)*"
        r"(?:done|finished|completed?|overdue|late|due|open|pending|in\s+(?:progress|review)|started|urgent)",
        r"when\s+(?:is|are)\s+(?P<t>.+?)\s+due",
        r"how\s+far\s+(?:along\s+)?(?:is|are)\s+(?P<t>.+?)(?:\s+along)?",
        r"what(?:'s|\s+is)\s+the\s+(?:status|state|priority|due\s+date|deadline|progress|description)\s+of\s+(?P<t>.+)",
        r"who(?:'s|\s+is)\s+(?:working\s+on|doing|assigned\s+to|responsible\s+for)\s+(?P<t>.+)",
    )
]
_REVIEW_TASK = re.compile(r"review\s+(?P<t>.+)", re.I)


_LONGEST = 300
"""How long a wish to see something can be, in characters; whoever writes more means something else."""


def listing(said: Said, today: date) -> ListTasks | ShowTask | Look | History | Unsure | None:
    """What a text wants to see; ``None`` where it wants something else."""
    text = " ".join(said.text.strip(" .!?,").split())
    if len(text) > _LONGEST:
        return None
    for pattern in _HISTORY:
        if found := pattern.fullmatch(text):
            return History(_history_target(said, found.groupdict().get("t")))
    if (found := _SHOW_TASK.fullmatch(text) or _REVIEW_TASK.fullmatch(text)) and is_numbers(found["t"]):
        target = target_of(said.part(found["t"]))
        return target if isinstance(target, Unsure) else ShowTask(target)
    for pattern in _ABOUT_TASK:
        if found := pattern.fullmatch(text):
            target = target_of(said.part(found["t"]))
            return ShowTask(target) if isinstance(target, Numbers | Title) else None
    if not re.search(r"\btasks?\b", text, re.I):
        if _PROJECTS.fullmatch(text):
            return Look("projects")
        if _WORKERS.fullmatch(text):
            return Look("workers")
    return _tasks(said, text, today)


def _history_target(said: Said, phrase: str | None) -> Target | None:
    if phrase is None or _EVERYTHING.fullmatch(phrase):
        return None
    target = target_of(said.part(phrase))
    return None if isinstance(target, Unsure) else target


def _tasks(said: Said, text: str, today: date) -> ListTasks | None:
    if _NEXT.fullmatch(text) and not re.search(r"\b(?:if|happen)\b", text):
        return ListTasks({"status": "open", "sort": "due"}, focus="next")
    if _PLATE.fullmatch(text):
        wish = Wish(said, text, today)
        wish.filters["status"] = "open"
        return wish.read(search=False)
    if _DUE_QUESTION.fullmatch(text) or _STATE_QUESTION.fullmatch(text) or _NOUN_PHRASE.fullmatch(text):
        return Wish(said, text, today).read(search=False)
    if not (opening := _OPENING.match(text)) or _NO_LISTING.search(text):
        return None
    if re.search(rf"\b{TASKS}\b", text, re.I) or re.search(r"#[a-z]", text, re.I):
        return Wish(said, text, today).read(search=True)
    if re.match(r"(?:find|search|look\s+(?:for|up)|filter|sort)\b", opening[0], re.I) and text[opening.end() :].strip():
        return Wish(said, text, today).read(search=True)
    return None


_NO_LISTING = re.compile(r"\b(?:off|again|rid|if|would|happens?)\b", re.I)
"""What makes of words like "check" or "open" or "what" no wish to see tasks."""
