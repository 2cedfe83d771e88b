"""Wishes for new tasks: "add a task to buy groceries by Friday, high priority", "remind me to call mum tomorrow"."""

from __future__ import annotations

import re
from datetime import date

from .attributes import Attributes
from .intents import Add, DateProblem, Draft, Numbers, ShowForm, ShowTask, Unsure
from .quoting import QUOTED, Said
from .targets import target_of

_NOUN = r"(?:tasks?|to-?dos?|to\s+do|to-do\s+items?|items?|reminders?|chores?|tickets?)"
_ADJECTIVES = (
    r"(?P<adjectives>(?:(?:very|new|quick|simple|recurring|repeating|daily|weekly|monthly|urgent|important|critical"
    r"|(?:high|medium|normal|low|top)[-\s]priority|high|low|medium)[\s,]+)*)"
)
_ARTICLE = r"(?:(?:a|an|another|one|the|these|those|this|some|my|following|two|three|four|five|\d+)\s+)*"
_VERB = (
    r"(?:add|create|make|set\s+up|open|start|put\s+in|enter|record|register|log|insert|write\s+down"
    r"|note\s+down|jot\s+down|note|schedule|draft|give\s+me|i\s+need|file|track)"
)

_NOT_OLD = r"\b(?!\s*(?:#?\d+\s*(?:[,;:]|$|\s(?:and|to|as|is|of|for|by|in|high|low|medium)\b)))"
"""After the noun: no number, which would be that of a task that exists ("make task 2 weekly")."""

_WITH_NOUN = re.compile(
    rf"(?:(?:add|create|new)\s+(?:me\s+)?{_ARTICLE}|{_VERB}\s+(?:me\s+)?(?=\S+\s+\S)(?:(?:a|an|another|one"
    r"|some|new)\s+)+)"
    rf"{_ADJECTIVES}{_NOUN}{_NOT_OLD}(?P<rest>.*)",
    re.I | re.S,
)
_BARE_NOUN = re.compile(rf"{_ADJECTIVES}{_NOUN}\s*(?::|\s[-\u2013—]\s)(?P<rest>.*)", re.I | re.S)
_BARE_NEW = re.compile(rf"(?:{_ARTICLE}new|a|another)\s+{_ADJECTIVES}{_NOUN}(?P<rest>.*)", re.I | re.S)
_REMIND = re.compile(
    r"(?:remind\s+(?:me|us)|(?:don't|do\s+not)\s+let\s+(?:me|us)\s+forget|set\s+(?:me\s+)?a\s+reminder"
    r"|note\s+to\s+self:?)"
    r"(?P<rest>.*)",
    re.I | re.S,
)
_ASKS = re.compile(r"\s*(?:(?:about|of)\s+)?(?:what|who|whose|which|when|where|why|how)\b(?!')", re.I)
_SUPPOSES = re.compile(r"\s*(?:if|whether|unless)\b", re.I)
_ABOUT_OLD = re.compile(r"\s*(?:(?:about|of|to\s+do)\s+)?(?P<t>.+)", re.I)
_ON_LIST = re.compile(
    r"(?:add|put|place|stick|get|write|note|jot)\s+(?P<title>.+?)\s+(?:down\s+)?(?:on|to|onto|in|into|down\s+on)\s+"
    r"(?:my|the|our)\s+(?:(?:to-?do|task|work|shopping)s?\s+)?(?:list|tasks|to-?dos|plate|backlog|board)\b(?P<rest>.*)",
    re.I | re.S,
)
_BARE = re.compile(
    r"(?:add|create|to-?do|schedule|jot\s+down|note\s+down|write\s+down)\b\s*:?\s*(?P<rest>.+)", re.I | re.S
)
_FORM = re.compile(
    rf"(?:(?:show|open|give|get|bring\s+up|display|see|use|fill\s+in|fill\s+out|send)\s+)?(?:me\s+)?(?:the|a|an)?\s*"
    rf"(?:(?:new|creation|create|add)\s+)?(?:{_NOUN}\s+)?(?:(?:creation|entry|input)\s+)?forms?"
    rf"(?:\s+(?:for|to\s+(?:add|create|make))\s+(?:a|an)?\s*(?:new\s+)?{_NOUN})?",
    re.I,
)
_LEAD = re.compile(
    r"^\s*(?:[:\-\u2013—,.]|(?:called|named|titled|entitled|saying|that\s+says|which\s+says"
    r"|with\s+(?:the\s+)?title|title:?)(?!\w)|"
    r"(?:for\s+(?:me|us)|to|about|for|of|that\s+i\s+(?:should|must|need\s+to|have\s+to)|that)\b)\s*:?\s*",
    re.I,
)
_ITEM = re.compile(r"^\s*(?:[-*•\u2013+]|\(?\d{1,2}[.)]|\[[ x]?\])\s+", re.I)
_INLINE_ITEM = re.compile(r"(?:^|[\s,;])\(?\d{1,2}[.)]\s+(?=\S)")
_DANGLING = re.compile(
    r"(?:[\s,;:.!(]|\s[-\u2013—]|(?<!\w)(?:and|with|it|it's|make|please|for\s+me|thanks|thank\s+you|as|is"
    r"|at|by|due|on))+$",
    re.I,
)
_MOST_TASKS = 10


def wants_form(said: Said) -> bool:
    """Whether nothing but the form is asked for."""
    return _FORM.fullmatch(said.text.strip(" .!?")) is not None


Added = Add | ShowForm | ShowTask | DateProblem | Unsure


def adding(said: Said, today: date) -> Added | None:
    """The new tasks of a message, or what has to be asked first; ``None``: it does not speak of a new task."""
    text = said.text.strip()
    if wants_form(said):
        return ShowForm()
    if found := _ON_LIST.fullmatch(text):
        return _drafts(said, f"{found['title']} {found['rest']}", "", today)
    for form in (_WITH_NOUN, _BARE_NOUN, _BARE_NEW, _REMIND):
        if found := form.fullmatch(text):
            if form is _REMIND and (old := _no_reminder(said, found["rest"])):
                return old
            adjectives = found["adjectives"] if "adjectives" in form.groupindex else ""
            return _drafts(said, found["rest"], adjectives or "", today)
    return None


def adding_plainly(said: Said, today: date) -> Added | None:
    """The same for "add milk", which says nothing of a task: to be asked when all else has been ruled out."""
    found = _BARE.fullmatch(said.text.strip())
    if found is None:
        return None
    return Unsure("question") if _ASKS.match(found["rest"]) else _drafts(said, found["rest"], "", today)


def _no_reminder(said: Said, rest: str) -> ShowTask | Unsure | None:
    """What "remind me what task 1 is" and "remind me of task 1" want: no new task."""
    if said.text.lower().startswith("note"):  # "note to self: what a day"
        return None
    if _ASKS.match(rest):
        return Unsure("question")
    if _SUPPOSES.match(rest):
        return Unsure("condition")
    old = _ABOUT_OLD.fullmatch(rest)
    target = target_of(said.part(old["t"])) if old else None
    return ShowTask(target) if isinstance(target, Numbers) else None


def _drafts(said: Said, rest: str, adjectives: str, today: date) -> Add | ShowForm | DateProblem | Unsure:
    pieces = _pieces(_without_lead(rest))
    if len(pieces) > _MOST_TASKS:
        return Unsure("too_many")
    drafts: list[Draft] = []
    for piece in pieces:
        draft = _draft(said.part(piece), adjectives, today)
        if isinstance(draft, DateProblem | Unsure):
            return draft
        if draft is not None:
            drafts.append(draft)
    return Add(tuple(drafts)) if drafts else ShowForm()


def _without_lead(rest: str) -> str:
    while True:
        shorter = _LEAD.sub("", rest, count=1)
        if shorter == rest or rest.lstrip(" :\n").startswith(("- ", "\u2013 ")):
            return rest
        rest = shorter


def _pieces(rest: str) -> list[str]:
    """The tasks of a list: a line each, or between semicolons, or numbered. "Milk and eggs" is one."""
    lines = [line for line in rest.strip(" :").splitlines() if line.strip()]
    if len(lines) > 1:
        if not _ITEM.match(lines[0]) and all(map(_ITEM.match, lines[1:])) and lines[0].rstrip().endswith(":"):
            lines = lines[1:]  # "… for the weekend:" and then the list
        return [_ITEM.sub("", line) for line in lines]
    line = _ITEM.sub("", lines[0]) if lines else ""
    numbered = _INLINE_ITEM.split(lines[0]) if lines else []
    if len(numbered) > 2 and not numbered[0].strip(" ,;:"):
        return [piece.strip(" ,;") for piece in numbered[1:]]
    return [piece for piece in line.split(";") if piece.strip()] or [line]


def _draft(said: Said, adjectives: str, today: date) -> Draft | DateProblem | Unsure | None:
    """One task; ``None`` where nothing is left that could be its title."""
    quoted = re.match(rf"\s*({QUOTED})(?=\s*(?:[,.;:!]|$|\s))", said.text)
    attributes = Attributes(said.part(said.text[quoted.end() :]) if quoted else said, today)
    attributes.read()
    if attributes.problem is not None:
        return attributes.problem
    given = Attributes(said.part(f", {adjectives.strip(' ,')}"), today)
    given.read()
    fields = {**given.fields, **attributes.fields}
    title = said.whole(quoted[1]) if quoted else _title(said.whole(_DANGLING.sub("", _without_lead(attributes.rest))))
    return Draft(title, fields) if re.search(r"[^\W_]", title) else None


def _title(words: str) -> str:
    """What is left, as a title: on one line, without what stood around the attributes, with a capital."""
    title = re.sub(r"\s+([,;])", r"\1", " ".join(words.split())).strip(" ,;:-\u2013—")
    title = re.sub(r"\(\s*[\s,;]*\)", "", re.sub(r"([,;])(?:\s*[,;])+", r"\1", title))
    if title.count(")") > title.count("("):  # the other one went with an attribute
        title = title.rstrip(" ,;)")
    return title[:1].upper() + title[1:]
