"""How tasks and dates are put into words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from fastapi_chatkit.agents.offline.texts import shortened

from ..domain.rules import STATUS_NAMES
from .dates import in_words
from .matching import Task

_MARKUP = re.compile(r"([\\`*_\[\]<>|~])")
_TITLE_LENGTH = 80

STATUS_WORDS: Mapping[str, str] = {**STATUS_NAMES}


def plain(text: object, width: int = _TITLE_LENGTH) -> str:
    """Somebody's text on one line, in which nothing is markup: a title is no place for links."""
    return _MARKUP.sub(r"\\\1", shortened(str(text), width))


def day_of(task: Task) -> date | None:
    """When a task is due."""
    try:
        return date.fromisoformat(str(task.get("due")))
    except ValueError:
        return None


def task_line(task: Task, today: date) -> str:
    """A task as ``**3** Buy groceries (high, due Fri 5 Dec)``; only what is out of the ordinary is in brackets."""
    notes: list[str] = []
    if task.get("priority") in ("high", "low"):
        notes.append(str(task["priority"]))
    if due := day_of(task):
        notes.append(f"due {in_words(due, today)}")
    if task.get("recurrence") in ("daily", "weekly", "monthly"):
        notes.append(str(task["recurrence"]))
    notes += [f"#{plain(tag)}" for tag in task.get("tags") or ()]
    if task.get("assignee"):
        notes.append(f"for {plain(task['assignee'])}")
    brackets = f" ({', '.join(notes)})" if notes else ""
    return f"**{task.get('id')}** {plain(task.get('title', ''))}{brackets}"


def task_name(task: Task) -> str:
    """A task as ``**3** Buy groceries``."""
    return f"**{task.get('id')}** {plain(task.get('title', ''))}"


def listed(lines: Sequence[str]) -> str:
    """A list with a line each."""
    return "\n".join(f"- {line}" for line in lines)


def joined(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def counted(number: int, noun: str) -> str:
    """``1 task``, ``2 tasks``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def is_open(task: Task) -> bool:
    """Whether something is left to do."""
    return task.get("status") != "completed"
