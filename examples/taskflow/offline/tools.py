"""Which calls of which tools an intent needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from ..domain.rules import Transition
from ..moves import MOVES
from ..tool_names import ADD_TASK, ASSIGN_TASK, DELETE_TASK, UPDATE_PROGRESS, UPDATE_TASK
from .intents import Acting, Assign, Change, Delete, Draft, Move, Progress, Verb
from .matching import Task

MOST_LISTED: Final = 100
"""How many tasks one call can list."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call to make."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


_MOVES: dict[Verb, Transition] = {
    "start": "start",
    "review": "request_review",
    "complete": "complete",
    "reopen": "reopen",
    "reject": "reject",
}


def adding_call(draft: Draft) -> ToolCall:
    """The call that adds a task."""
    return ToolCall(ADD_TASK, {"title": draft.title, **draft.fields})


def acting_tool(intent: Acting) -> str:
    """The tool that makes this change."""
    match intent:
        case Move(verb):
            return MOVES[_MOVES[verb]].tool
        case Change():
            return UPDATE_TASK
        case Progress():
            return UPDATE_PROGRESS
        case Assign():
            return ASSIGN_TASK
        case Delete():
            return DELETE_TASK


def goes_by_the_task(intent: Acting) -> bool:
    """Whether the change cannot be told without knowing the task as it is."""
    return isinstance(intent, Change) and bool(intent.add_tags or intent.drop_tags or intent.note)


def acting_call(intent: Acting, task: Task) -> ToolCall:
    """The call that changes a task, of which only the number has to be known unless :func:`goes_by_the_task`."""
    arguments: dict[str, Any] = {"task_id": task["id"]}
    match intent:
        case Move(verb):
            arguments |= MOVES[_MOVES[verb]].arguments
        case Change():
            arguments |= intent.fields
            if intent.note:
                arguments["description"] = f"{task.get('description') or ''}\n{intent.note}".strip()
            if intent.add_tags or intent.drop_tags:
                dropped = {tag.casefold() for tag in intent.drop_tags}
                kept = [tag for tag in task.get("tags") or () if tag.casefold() not in dropped]
                arguments["tags"] = list(dict.fromkeys([*kept, *intent.add_tags]))
        case Progress():
            arguments["progress"] = intent.percent
        case Assign():
            arguments["worker"] = intent.worker
        case Delete():
            pass
    return ToolCall(acting_tool(intent), arguments)
