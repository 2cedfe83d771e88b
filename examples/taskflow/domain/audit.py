"""The audit log: every change, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .rules import Via, now
from .tables import Entry, Project, Task

RECORDED = ("title", "description", "status", "priority", "due", "tags", "assignee", "progress", "recurrence")

Values = dict[str, Any]

PLAIN: Values = {
    "description": "",
    "status": "pending",
    "priority": "medium",
    "due": None,
    "tags": [],
    "assignee": None,
    "progress": 0,
    "recurrence": "none",
}
"""What goes without saying of a task that is added or deleted."""


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction in one project, by one user, who is a member."""

    session: Session
    project: Project
    actor: str
    via: Via


def values_of(task: Task) -> Values:
    """What is recorded of a task, as JSON."""
    values = {field: getattr(task, field) for field in RECORDED}
    return {**values, "due": task.due and task.due.isoformat()}


def remarkable(values: Values) -> Values:
    """What does not go without saying."""
    return {field: value for field, value in values.items() if field not in PLAIN or value != PLAIN[field]}


def record(
    work: Work,
    action: str,
    *,
    task: Task | None = None,
    before: Values | None = None,
    after: Values | None = None,
    request_id: str | None = None,
) -> bool:
    """Write an entry with what differs; nothing and ``False`` where nothing does."""
    before, after = before or {}, after or {}
    changes = {field: [old, new] for field in before | after if (old := before.get(field)) != (new := after.get(field))}
    if not changes:
        return False
    work.session.add(
        Entry(
            project_id=work.project.id,
            actor=work.actor,
            via=work.via,
            action=action,
            task_number=task and task.number,
            title=task and task.title,
            changes=changes,
            request_id=request_id,
        )
    )
    return True


@contextmanager
def changing(work: Work, task: Task, action: str) -> Generator[None]:
    """Record what the block changes."""
    before = values_of(task)
    yield
    if record(work, action, task=task, before=before, after=values_of(task)):
        task.updated_at = now()


def entries(work: Work, *, task_number: int | None, limit: int) -> Sequence[Entry]:
    """The newest entries, newest first; of one task, be it deleted, or of all."""
    query = select(Entry).where(Entry.project_id == work.project.id).order_by(Entry.id.desc()).limit(limit)
    if task_number is not None:
        query = query.where(Entry.task_number == task_number)
    return work.session.scalars(query).all()
