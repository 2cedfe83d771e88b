"""What a message means in its conversation: answers to our questions, "it", "the second one".

Nothing is remembered but the conversation itself: our question and its choices are read from our last message, what is
to be done from the message before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..tool_names import LIST_TASKS
from .conversation import Call, Conversation, Message, is_from
from .dates import whole_date
from .intents import (
    Acting,
    DateProblem,
    Intent,
    ListTasks,
    Mentioned,
    Numbers,
    Position,
    ShowTask,
    Talk,
    Target,
    Title,
    Unsure,
)
from .matching import Task, matches
from .quoting import Said
from .reading import LONGEST, intent_of
from .replies import SHALL_I_LIST, WHICH_DATE, WHICH_TASK
from .targets import target_of

_MENTION = re.compile(r"\*\*(\d{1,9})\*\*(?=[ ])")
_CHOICE = re.compile(r"^-[ ]\*\*(\d{1,9})\*\*[ ]([^\n]*)", re.MULTILINE)
_ABOUT = re.compile(
    r"^(?:(?:i\s+(?:mean|meant|want)|the\s+one\s+(?:about|called|with|named)|it's|its|that's|please|just"
    r"|only|yes|no|ok|the\s+title\s+is)[\s,:]+)+",
    re.I,
)
_EVERY = re.compile(
    r"(?:all|both|everything|every\s+one|each|all\s+\w+)(?:\s+of\s+(?:them|these|those))?(?:\s+please)?", re.I
)
_YES = re.compile(
    r"(?:yes|yeah|yep|sure|ok(?:ay)?|please|do|go\s+ahead|list\s+them)(?:[\s,]+(?:please|do|sure|thanks"
    r"|list\s+them))*",
    re.I,
)
_REACH = 3
"""How many of our messages back "it" may refer to."""


@dataclass(frozen=True, slots=True)
class NotAmongThem:
    """The answer to a question named none of its choices; ``wanted`` still waits for one."""

    wanted: Acting | ShowTask
    choices: list[Task]


def understood(conversation: Conversation, today: date) -> Intent | NotAmongThem:
    """What the newest message wants."""
    intent = intent_of(_standing(conversation, today), today)
    earlier = conversation.before()
    if SHALL_I_LIST in earlier.answer() and _YES.fullmatch((conversation.order or "").strip(" .!")):
        return ListTasks()
    choices = _choices(earlier)
    if choices:
        if isinstance(intent, Talk) and intent.kind == "unknown":
            asked = understood(earlier, today)
            wanted = asked.wanted if isinstance(asked, NotAmongThem) else asked
            if isinstance(wanted, Acting | ShowTask):
                target = _chosen(conversation.order or "", choices)
                return replace(wanted, target=target) if target is not None else NotAmongThem(wanted, choices)
        if isinstance(intent, Acting) and (target := _among(intent.target, choices)) is not None:
            return replace(intent, target=target)
    return intent


def is_answer_to_form(conversation: Conversation) -> bool:
    """Whether the words say yes to a question that stands in the chat with buttons of its own."""
    asked = conversation.before().told("structured_input")
    waits = bool(asked) and asked[-1].rstrip().endswith("(no answer)")
    return waits and _YES.fullmatch((conversation.order or "").strip(" .!")) is not None


def _choices(earlier: Conversation) -> list[Task]:
    """What our last message lets the user choose from; nothing if it was no question."""
    answer = earlier.answer()
    if WHICH_TASK not in answer:
        return []
    return [{"id": int(number), "title": title.split(" (")[0]} for number, title in _CHOICE.findall(answer)]


def _chosen(text: str, choices: Sequence[Task]) -> Target | None:
    plain = _ABOUT.sub("", text.strip(" .!"))
    if _EVERY.fullmatch(plain):
        return Numbers(tuple(task["id"] for task in choices))
    target = target_of(Said.of(plain))
    return None if isinstance(target, Unsure) else _among(target, choices)


def _among(target: Target, choices: Sequence[Task]) -> Target | None:
    """Which of the choices a target means; ``None`` if it means none of them."""
    numbers = [task["id"] for task in choices]
    match target:
        case Numbers(wanted):
            return target if set(wanted) <= set(numbers) else None
        case Position(index):
            return Numbers((numbers[index],)) if index < len(numbers) else None
        case Mentioned(every):
            return Numbers(tuple(numbers)) if every else None
        case Title(words, quoted):
            found = matches(words, choices, quoted=quoted)
            return Numbers((found[0]["id"],)) if len(found) == 1 else target if found else None


# --- dates ------------------------------------------------------------------------------------------------------------


def _standing(conversation: Conversation, today: date) -> str:
    """The newest words; if they answer our question about a date, those before them, with that date."""
    order = conversation.order or ""
    earlier = conversation.before()
    if WHICH_DATE not in earlier.answer() or len(order) > LONGEST:
        return order
    before = _standing(earlier, today)
    problem = intent_of(before, today)
    if not isinstance(problem, DateProblem):
        return order
    answer = _answered_date(order, problem, today)
    return order if answer is None else before.replace(problem.said, answer, 1)


def _answered_date(text: str, problem: DateProblem, today: date) -> str | None:
    plain = text.strip(" .!?")
    found = whole_date(plain, today)
    if isinstance(found, date):
        return found.isoformat()
    if found is not None:
        return found.said
    target = target_of(Said.of(plain))
    if isinstance(target, Position) and target.index < len(problem.readings):
        return problem.readings[target.index].isoformat()
    month = [reading for reading in problem.readings if re.search(rf"\b{reading:%b}", plain, re.I)]
    return month[0].isoformat() if len(month) == 1 else None


# --- "it" and "the second one" ----------------------------------------------------------------------------------------


def referred(target: Position | Mentioned, conversation: Conversation) -> Numbers | None:
    """The tasks that were shown or spoken of last; ``None`` if that is not clear."""
    earlier = conversation.before().entries
    if isinstance(target, Position):
        listed = _listed(earlier)
        in_reach = -len(listed) <= target.index < len(listed)
        return Numbers((listed[target.index],)) if in_reach else None
    said = 0
    for entry in reversed(earlier):
        numbers: tuple[int, ...] = ()
        if is_from(entry, "assistant"):
            numbers = tuple(dict.fromkeys(int(number) for number in _MENTION.findall(entry.text)))
            said += 1
        elif isinstance(entry, Call):  # of a button or a form: what is said of it then are not our words
            numbers = _changed(entry)
        if numbers:
            return Numbers(numbers) if target.every or len(numbers) == 1 else None
        if said == _REACH:
            return None
    return None


def _changed(call: Call) -> tuple[int, ...]:
    """The number of the task that a call has changed."""
    match call.data:
        case {"task": {"id": int(number)}}:
            return (number,)
        case _:
            return ()


def _listed(entries: Sequence[Any]) -> list[int]:
    """The numbers of the tasks that were listed last, in that order."""
    for entry in reversed(entries):
        if isinstance(entry, Call) and entry.name == LIST_TASKS and entry.data is not None:
            return [task["id"] for task in entry.data.get("tasks", [])]
        if isinstance(entry, Message) and len(found := _MENTION.findall(entry.text)) > 1:
            return [int(number) for number in found]
    return []
