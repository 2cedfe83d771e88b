"""How a task looks wherever it is shown: its badges, its dates, its buttons, its line as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..domain.rules import Priority, Status, Transition
from ..moves import MOVES, action_of
from .data import Task
from .parts import Json, badge, button, caption, row

STATUS: Mapping[Status, tuple[str, str]] = {
    "pending": ("Pending", "secondary"),
    "in_progress": ("In progress", "info"),
    "review": ("In review", "discovery"),
    "completed": ("Completed", "success"),
}
PRIORITY: Mapping[Priority, tuple[str, str]] = {
    "low": ("Low", "secondary"),
    "medium": ("Medium", "warning"),
    "high": ("High", "danger"),
}
PRIMARY = {"style": "primary", "variant": "solid"}
SECONDARY = {"style": "secondary", "variant": "outline"}
BUTTONS: Mapping[Status, tuple[Transition, ...]] = {
    "pending": ("start", "complete"),
    "in_progress": ("request_review", "complete"),
    "review": ("complete", "reject"),
    "completed": ("reopen",),
}
"""What can be done with a task, by its state; the first is what comes next, but for one that is completed."""


def badges(prefix: str, task: Task) -> list[Json]:
    """Status, priority and tags."""
    label, color = STATUS[task["status"]]
    urgency, urgent = PRIORITY[task["priority"]]
    tags = [badge(f"{prefix}.tag.{index}", f"#{tag}", variant="outline") for index, tag in enumerate(task["tags"])]
    return [badge(f"{prefix}.status", label, color), badge(f"{prefix}.priority", urgency, urgent, "outline"), *tags]


def facts(prefix: str, task: Task, today: date) -> list[Json]:
    """When it is due, who does it, how often it comes back."""
    shown: list[Json] = []
    if task["due"] is not None:
        late = is_overdue(task, today)
        words = f"Overdue since {day(task['due'])}" if late else f"Due {day(task['due'])}"
        shown.append(caption(f"{prefix}.due", words, **({"color": "danger", "weight": "semibold"} if late else {})))
    if task["assignee"] is not None:
        shown.append(caption(f"{prefix}.assignee", f"Assigned to {task['assignee']}", truncate=True))
    if task["recurrence"] != "none":
        shown.append(caption(f"{prefix}.recurrence", f"Repeats {task['recurrence']}"))
    return shown


def progress(prefix: str, task: Task) -> list[Json]:
    """A bar, as far as somebody has got with a task that is not completed."""
    done = task["progress"]
    if task["status"] == "completed" or not 0 < done < 100:
        return []
    filled = _bar(f"{prefix}.bar.done", f"{done}%", "blue-500")
    track = _bar(f"{prefix}.bar", "96px", "surface-tertiary", filled)
    return [row(f"{prefix}.progress", [track, caption(f"{prefix}.progress.text", f"{done} % done")])]


def _bar(bar_id: str, width: str, background: str, *children: Json) -> Json:
    shape = {"height": "4px", "width": width, "radius": "full", "background": background}
    return {"type": "Box", "id": bar_id, **shape, "children": list(children)}


def buttons(prefix: str, task: Task, payload: Mapping[str, Any]) -> list[Json]:
    """What can be done with the task in its state; each action's payload is ``payload`` and the task's number."""
    return [
        button(
            f"{prefix}.{move}",
            MOVES[move].label,
            {"type": action_of(move), "payload": {**payload, "task_id": task["id"]}},
            **(PRIMARY if index == 0 and task["status"] != "completed" else SECONDARY),
        )
        for index, move in enumerate(BUTTONS[task["status"]])
    ]


def comes_again(after: Task) -> str:
    """What is said of the next occurrence of a task that recurs."""
    due = f", due {day(after['due'])}" if after["due"] is not None else ""
    return f"It comes again as task {after['id']}{due}."


def line(task: Task, today: date) -> str:
    """The task in one line of text."""
    late = " (overdue)" if is_overdue(task, today) else ""
    details = [
        STATUS[task["status"]][0].lower(),
        f"{task['priority']} priority",
        *([f"due {task['due']}{late}"] if task["due"] else []),
        *([f"assigned to {task['assignee']}"] if task["assignee"] else []),
        *([f"{task['progress']} % done"] if 0 < task["progress"] < 100 else []),
        *(f"#{tag}" for tag in task["tags"]),
    ]
    return f"{task['id']}. {task['title']} ({', '.join(details)})"


def is_overdue(task: Task, today: date) -> bool:
    """Whether it should have been completed before today."""
    return task["due"] is not None and task["status"] != "completed" and date.fromisoformat(task["due"]) < today


def day(value: str) -> str:
    """A date as people read it; the same tomorrow as today, as it is stored."""
    moment = date.fromisoformat(value)
    return f"{moment:%a} {moment.day} {moment:%b} {moment.year}"
