"""What is said of tasks, projects, people and the past. A widget shows the list itself; words say what stands out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from .conversation import CUT, Call
from .dates import in_words
from .intents import ListTasks
from .matching import Task, stem, words
from .wording import STATUS_WORDS, counted, day_of, is_open, joined, listed, plain, task_line, task_name

_MOST_NAMED = 10


def tasks_in(call: Call) -> list[Task]:
    """The tasks that a list holds."""
    return _rows(call, "tasks")


def _rows(call: Call, key: str) -> list[dict[str, Any]]:
    rows: Any = (call.data or {}).get(key)
    return [row for row in cast("list[Any]", rows) if isinstance(row, dict)] if isinstance(rows, list) else []


def overview(intent: ListTasks, call: Call, today: date) -> str:
    """One sentence about a list of tasks, or what was asked of it."""
    tasks = tasks_in(call)
    if intent.day is not None:
        return _named([task for task in tasks if day_of(task) == intent.day and is_open(task)],
                      f"due {in_words(intent.day, today)}", today)  # fmt: skip
    if intent.assignee is not None:
        mine = [task for task in tasks if str(task.get("assignee") or "").casefold() == intent.assignee.casefold()]
        return _named(mine, f"assigned to {plain(intent.assignee)}", today)
    if intent.focus == "next":
        return _next(tasks, today)
    data = call.data or {}
    total = int(data.get("total", len(tasks)))
    kind = _kind(intent)
    if total == 0:
        return f"No tasks{kind}." + ("" if intent.filters else " Say `add a task to …` for the first one.")
    shown = f"You have {'at least ' if data.get(CUT) else ''}{counted(total, 'task')}{kind}"
    if total > len(tasks) and intent.focus == "list":
        shown += f", the first {len(tasks)} of them here"
    return f"{shown}{_standing_out(intent, tasks, today)}."


def _kind(intent: ListTasks) -> str:
    filters = intent.filters
    status = {"open": "still open", **STATUS_WORDS}.get(filters.get("status", ""), "")
    due = {"overdue": "overdue", "today": "due today", "week": "due this week"}.get(filters.get("due", ""), "")
    tags = f"tagged {joined([f'#{plain(tag)}' for tag in filters['tags']])}" if filters.get("tags") else ""
    search = f"matching “{plain(filters['search'])}”" if filters.get("search") else ""
    kinds = [kind for kind in (status, due, tags, search) if kind]
    return f" {joined(kinds)}" if kinds else ""


def _standing_out(intent: ListTasks, tasks: Sequence[Task], today: date) -> str:
    still_open = [task for task in tasks if is_open(task)]
    notes: list[str] = []
    if "status" not in intent.filters and len(still_open) < len(tasks):
        notes.append(f"{len(still_open)} still open")
    if intent.filters.get("due") != "overdue":
        overdue = sum(1 for task in still_open if (day := day_of(task)) and day < today)
        notes += [f"{overdue} overdue"] if overdue else []
    if "due" not in intent.filters:
        due = sum(1 for task in still_open if day_of(task) == today)
        notes += [f"{due} due today"] if due else []
    if intent.filters.get("sort") == "priority":
        high = sum(1 for task in still_open if task.get("priority") == "high")
        notes.append(f"{high} of high priority" if high else "none of high priority")
    return f": {joined(notes)}" if notes else ""


def _named(tasks: Sequence[Task], kind: str, today: date) -> str:
    if not tasks:
        return f"No tasks are {kind}."
    lines = [task_line(task, today) for task in tasks[:_MOST_NAMED]]
    more = f"\n\nAnd {len(tasks) - _MOST_NAMED} more." if len(tasks) > _MOST_NAMED else ""
    return f"{counted(len(tasks), 'task').capitalize()} {kind}:\n\n{listed(lines)}{more}"


_PRIORITIES = {"high": 0, "medium": 1, "low": 2}


def _next(tasks: Sequence[Task], today: date) -> str:
    """What a rule can say about what to do next: late things first, then by day and priority."""
    still_open = [task for task in tasks if is_open(task)]
    if not still_open:
        return "Nothing is left to do. Say `add a task to …` when something comes up."

    def urgency(task: Task) -> tuple[int, date, int]:
        due = day_of(task)
        near = due is not None and (due - today).days <= 1
        return (0 if near else 1, due if near and due else today, _PRIORITIES.get(str(task.get("priority")), 1))

    first = min(still_open, key=lambda task: (*urgency(task), day_of(task) or date.max))
    due = day_of(first)
    why = (
        "it is overdue"
        if due and due < today
        else "it is due today"
        if due == today
        else "it is of high priority"
        if first.get("priority") == "high"
        else "it is due first"
        if due
        else "nothing else is more urgent"
    )
    return f"By the rules, {task_line(first, today)} comes next: {why}."


def details(task: Task, today: date) -> str:
    """All of a task."""
    state = STATUS_WORDS.get(str(task.get("status")), "")
    progress = f", {task['progress']}% done" if task.get("progress") and is_open(task) else ""
    about = f"\n\n> {plain(task['description'], 600)}" if task.get("description") else ""
    return f"{task_line(task, today)} is {state}{progress}.{about}"


def projects(call: Call) -> str:
    """Which projects there are."""
    rows = _rows(call, "projects")
    if not rows:
        return "You have no projects yet; the first task makes one."

    def described(project: dict[str, Any]) -> str:
        counts = cast("dict[str, int]", project.get("counts") or {})
        left = sum(number for status, number in counts.items() if status != "completed")
        return f"**{plain(project.get('name', ''))}** ({left} open, {counts.get('completed', 0)} done)"

    return f"You have {counted(len(rows), 'project')}: {joined([described(project) for project in rows])}."


def workers(call: Call) -> str:
    """Who can be given tasks."""
    rows = _rows(call, "workers")
    if not rows:
        return "Nobody works in this project yet."
    lines = [
        f"**{plain(row.get('name', ''))}** ({'agent' if row.get('kind') == 'agent' else 'person'})" for row in rows
    ]
    return f"{counted(len(rows), 'worker').capitalize()} in this project:\n\n{listed(lines)}"


_NAMED_ENTRIES = 3


def history(call: Call, about: str | None = None) -> str:
    """What happened last; ``about``: words of a title, where the task itself is not there any more."""
    entries = _rows(call, "entries")
    if about is not None:
        wanted = {stem(word) for word in words(about)}
        entries = [entry for entry in entries if wanted <= {stem(word) for word in words(str(entry.get("title", "")))}]
    if not entries:
        return f"Nothing is recorded about “{plain(about)}”." if about else "Nothing has happened yet."
    newest = sorted(entries, key=lambda entry: str(entry.get("at", "")), reverse=True)
    lines = [_entry(entry) for entry in newest[:_NAMED_ENTRIES]]
    intro = "What happened last" if len(entries) > _NAMED_ENTRIES else "What happened"
    return f"{intro} ({counted(len(entries), 'entry').replace('entrys', 'entries')} in all):\n\n{listed(lines)}"


def _entry(entry: dict[str, Any]) -> str:
    at = str(entry.get("at", ""))[:16].replace("T", " ")
    task = {"id": entry.get("task_id"), "title": entry.get("title", "")}
    changes = cast("dict[str, Any]", entry.get("changes") or {})
    changed = f" ({', '.join(plain(name) for name in changes)})" if changes else ""
    actor, action = plain(entry.get("actor", "?")), plain(str(entry.get("action", "changed")).replace("_", " "))
    what = f", {task_name(task)}" if entry.get("task_id") is not None else ""
    return f"{at}: {actor}, {action}{what}{changed}"
