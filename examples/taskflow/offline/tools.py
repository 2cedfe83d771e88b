"""The tools that the model may call, by name, and which calls an intent needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from .intents import Acting, Assign, Change, Delete, Draft, Move, Progress, Verb
from .matching import Task

LIST_PROJECTS: Final = "taskflow_list_projects"
LIST_TASKS: Final = "taskflow_list_tasks"
ADD_TASK: Final = "taskflow_add_task"
UPDATE_TASK: Final = "taskflow_update_task"
START_TASK: Final = "taskflow_start_task"
REQUEST_REVIEW: Final = "taskflow_request_review"
COMPLETE_TASK: Final = "taskflow_complete_task"
DELETE_TASK: Final = "taskflow_delete_task"
UPDATE_PROGRESS: Final = "taskflow_update_progress"
ASSIGN_TASK: Final = "taskflow_assign_task"
LIST_WORKERS: Final = "taskflow_list_workers"
AUDIT_LOG: Final = "taskflow_audit_log"
SHOW_FORM: Final = "show_task_form"

MOST_LISTED: Final = 100
"""How many tasks one call can list."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call to make."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


_MOVES: dict[Verb, tuple[str, dict[str, Any]]] = {
    "start": (START_TASK, {}),
    "review": (REQUEST_REVIEW, {}),
    "complete": (COMPLETE_TASK, {}),
    "reopen": (UPDATE_TASK, {"status": "pending"}),
    "reject": (UPDATE_TASK, {"status": "in_progress"}),
}


def adding_call(draft: Draft) -> ToolCall:
    """The call that adds a task."""
    return ToolCall(ADD_TASK, {"title": draft.title, **draft.fields})


def acting_tool(intent: Acting) -> str:
    """The tool that makes this change."""
    match intent:
        case Move(verb):
            return _MOVES[verb][0]
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
            arguments |= _MOVES[verb][1]
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
