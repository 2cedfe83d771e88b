"""Tasks: adding, changing, moving from state to state, deleting. The caller holds the project's row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from .audit import Work, changing, record, remarkable, values_of
from .errors import Conflict, NotFound
from .inputs import NewTask, TaskChange
from .projects import worker_called
from .rules import Recurrence, Transition, next_due, now, step_of, today, transition_to
from .tables import Entry, Tag, Task


def get(work: Work, number: int) -> Task:
    """A task of the project.

    :raises NotFound: there is none.
    """
    task = work.session.scalar(_numbered(work, number))
    if task is None:
        raise NotFound(f"There is no task {number} in the project {work.project.name}.")
    return task


def _numbered(work: Work, number: int) -> Any:
    return select(Task).where(Task.project_id == work.project.id, Task.number == number)


def add(work: Work, new: NewTask) -> tuple[Task, bool]:
    """A new task; or, with ``False``, the one that this request has added before.

    :raises NotFound: there is no such assignee.
    :raises Conflict: the task that this request added has been deleted since.
    """
    if new.request_id is not None:
        earlier = _added_by(work, new.request_id)
        if earlier is not None:
            return earlier, False
    task = _blank(work, new.title, new.recurrence)
    _apply(work, task, new.model_dump(exclude={"title", "recurrence", "request_id"}))
    return _added(work, task, new.request_id), True


def _added_by(work: Work, request_id: str) -> Task | None:
    query = select(Entry.task_number).where(Entry.project_id == work.project.id, Entry.request_id == request_id)
    number = work.session.scalar(query)
    if number is None:
        return None
    task: Task | None = work.session.scalar(_numbered(work, number))
    if task is None:
        raise Conflict(f"This was added as task {number}, which has been deleted since.")
    return task


def _blank(work: Work, title: str, recurrence: Recurrence) -> Task:
    """The next number is the project's own: none is given twice, none is left out."""
    work.project.last_number += 1
    return Task(
        project_id=work.project.id,
        number=work.project.last_number,
        title=title,
        description="",
        status="pending",
        priority="medium",
        progress=0,
        recurrence=recurrence,
    )


def _added(work: Work, task: Task, request_id: str | None = None) -> Task:
    work.session.add(task)
    record(work, "created", task=task, after=remarkable(values_of(task)), request_id=request_id)
    work.session.flush()
    return task


def update(work: Work, number: int, change: TaskChange) -> Task:
    """Change the fields that were sent, then the state.

    :raises NotFound: there is no such task, or no such assignee.
    :raises Conflict: the state that things are in does not allow it; nothing is changed.
    """
    task = get(work, number)
    values = change.model_dump(exclude_unset=True)
    status = values.pop("status", task.status)
    if "progress" in values and task.status == status == "completed" and values["progress"] != task.progress:
        raise Conflict(f"Task {number} is completed: reopen it before its progress changes.")
    with changing(work, task, _action(values)):
        _apply(work, task, values)
    if status != task.status:
        _move(work, task, transition_to(number, task.status, status))
    work.session.flush()
    return task


def _action(values: dict[str, Any]) -> str:
    match list(values):
        case ["progress"]:
            return "progress_updated"
        case ["assignee"]:
            return "assigned"
        case _:
            return "updated"


def _apply(work: Work, task: Task, values: dict[str, Any]) -> None:
    for field, value in values.items():
        match field:
            case "due":
                if value != task.due:
                    task.due, task.due_day = value, value and value.day
            case "tags":
                _tag(work, task, value)
            case "assignee":
                task.assignee = None if value is None else worker_called(work, value).id
            case _:
                setattr(task, field, value)


def _tag(work: Work, task: Task, names: list[str]) -> None:
    """A row that stays keeps its identity: deleting and adding the same key in one flush would collide."""
    rows = {row.name: row for row in task.tag_rows}
    for position, name in enumerate(names):
        rows.setdefault(name, Tag(name=name, position=position)).position = position
    task.tag_rows[:] = [rows[name] for name in names]


def move(work: Work, number: int, transition: Transition) -> tuple[Task, Task | None]:
    """Take a task to its next state; with the next occurrence, where a recurring one is completed.

    :raises NotFound: there is no such task.
    :raises Conflict: this transition is not for the state that it is in.
    """
    task = get(work, number)
    following = _move(work, task, transition)
    work.session.flush()
    return task, following


def _move(work: Work, task: Task, transition: Transition) -> Task | None:
    step = step_of(task.number, task.status, transition)
    with changing(work, task, step.action):
        task.status = step.target
        if transition == "complete":
            task.progress, task.completed_at = 100, now()
        elif transition == "reopen":
            task.progress, task.completed_at = 0, None
    if transition != "complete" or task.recurrence == "none":
        return None
    return _following(work, task)


def _following(work: Work, task: Task) -> Task:
    """The next occurrence: the one that is there already, where the task was reopened in between."""
    found = work.session.scalar(select(Task).where(Task.follows == task.key))
    if found is not None:
        return found
    begin = task.due or today()
    following = _blank(work, task.title, task.recurrence)
    following.description, following.priority, following.assignee = task.description, task.priority, task.assignee
    day = task.due_day or begin.day
    following.due, following.due_day = next_due(begin, task.recurrence, day), day
    following.follows = task.key
    following.tag_rows = [Tag(name=row.name, position=row.position) for row in task.tag_rows]
    return _added(work, following)


def delete(work: Work, number: int) -> Task:
    """Delete a task; the row as it was, with its tags loaded. The audit log keeps what it held.

    :raises NotFound: there is no such task.
    """
    task = get(work, number)
    record(work, "deleted", task=task, before=remarkable(values_of(task)))
    work.session.delete(task)
    return task
