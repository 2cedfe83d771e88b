"""The tasks of a project, or those of them that were asked for, each with what can be done with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from fastapi_chatkit.agents.widgets import ShownWidget

from .data import Task, TaskList
from .parts import Json, badge, button, caption, card, column, divider, row, shortened, spacer, text, title
from .task_parts import STATUS, badges, buttons, facts, line, progress

MAX_ROWS = 25
"""How many tasks are drawn; the others are counted."""

TITLES = {
    None: "All tasks",
    "open": "Open tasks",
    "pending": "Pending tasks",
    "in_progress": "Tasks in progress",
    "review": "Tasks in review",
    "completed": "Completed tasks",
}
DUE = {"overdue": "overdue", "today": "due today", "week": "due within a week"}


def task_list(listed: TaskList) -> ShownWidget:
    """The list with its filters, which its buttons carry so that it can be drawn anew."""
    today = date.today()
    tasks, project, filters = listed["tasks"][:MAX_ROWS], listed["project"], listed["filters"]
    more = max(0, listed["total"] - len(tasks))
    payload = {"project_id": project["id"], "list": filters}
    heading, narrowed = TITLES.get(filters.get("status"), "Tasks"), _narrowed(filters)
    counts = _counts(tasks, listed["total"])
    children = [*_header(listed, heading, narrowed, counts), *_rows(tasks, today, payload)]
    if not tasks:
        children.append(_empty())
    if more:
        children.append(caption("tasks.more", f"… and {more} more"))
    lines = [f"{heading} in {project['name']}{f', {narrowed}' if narrowed else ''}: {counts}"]
    lines += [line(task, today) for task in tasks]
    if more:
        lines.append(f"… and {more} more")
    return card("tasks", children, lines, size="full")


def _header(listed: TaskList, heading: str, narrowed: str, counts: str) -> list[Json]:
    project = listed["project"]
    action = {
        "type": "task.refresh",
        "payload": {"project_id": project["id"], "list": listed["filters"]},
        "streaming": False,
    }
    refresh = button("tasks.refresh", "Refresh", action, iconStart="reload", variant="ghost")
    top = [title("tasks.title", heading), badge("tasks.project", shortened(project["name"], 40), "info", "outline")]
    filtered = [caption("tasks.filters", narrowed)] if narrowed else []
    return [
        row("tasks.header", [*top, spacer("tasks.space"), refresh]),
        row("tasks.about", [caption("tasks.counts", counts), *filtered], wrap="wrap"),
        divider("tasks.line"),
    ]


def _rows(tasks: list[Task], today: date, payload: dict[str, Any]) -> Iterator[Json]:
    for task in tasks:
        key = f"task.{task['id']}"
        done = task["status"] == "completed"
        look = {"color": "secondary", "lineThrough": True} if done else {}
        name = text(f"{key}.title", shortened(task["title"]), weight="semibold", maxLines=2, **look)
        about = row(f"{key}.about", [*badges(key, task), *facts(key, task, today)], wrap="wrap")
        number = text(f"{key}.number", f"{task['id']}.", color="tertiary", size="sm")
        actions = row(f"{key}.buttons", buttons(key, task, payload), wrap="wrap")
        body = column(f"{key}.body", [name, about, *progress(key, task), actions], flex=1)
        yield row(key, [number, body], align="start", gap=3, padding={"y": 1})


def _empty() -> Json:
    hint = "New task: say “add a task to buy milk by Friday”, or ask for the form."
    shown = [text("tasks.empty.text", "Nothing here.", weight="medium"), caption("tasks.empty.hint", hint)]
    return column("tasks.empty", shown, align="center", padding={"y": 4})


def _counts(tasks: list[Task], total: int) -> str:
    """How many there are; by state where more than one is shown and all are."""
    word = "1 task" if total == 1 else f"{total} tasks"
    states = Counter(task["status"] for task in tasks)
    if len(states) < 2 or len(tasks) < total:
        return word
    return f"{word}: " + ", ".join(f"{states[one]} {name.lower()}" for one, (name, _) in STATUS.items() if states[one])


def _narrowed(filters: dict[str, Any]) -> str:
    """The filters but for the status, in words."""
    words = [DUE[filters["due"]]] if filters.get("due") in DUE else []
    if filters.get("search"):
        words.append(f"with “{shortened(str(filters['search']), 40)}”")
    tags: list[str] = filters.get("tags") or []
    words += [f"#{shortened(tag, 30)}" for tag in tags]
    return ", ".join(words)
