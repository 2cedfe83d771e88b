"""What is answered: the bodies of the REST API, which are the tools' structured outputs as well."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from .rules import Priority, Recurrence, Status, Via


class Output(BaseModel):
    """An answer, read from rows."""

    model_config = ConfigDict(from_attributes=True)


class Project(Output):
    """A project."""

    id: int
    name: str


class Counts(Output):
    """How many tasks are in which state."""

    pending: int = 0
    in_progress: int = 0
    review: int = 0
    completed: int = 0


class CountedProject(Project):
    """A project with the numbers of its tasks."""

    counts: Counts


class Worker(Output):
    """Somebody who can be given tasks."""

    id: str
    name: str
    kind: Literal["human", "agent"]


class Task(Output):
    """A task; ``id`` is its number within its project."""

    id: int
    title: str
    description: str
    status: Status
    priority: Priority
    due: date | None
    tags: list[str]
    assignee: str | None
    progress: int
    recurrence: Recurrence
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class Entry(Output):
    """A line of the audit log; ``changes`` are the fields with their values before and after."""

    id: int
    at: datetime
    actor: str
    via: Via
    action: str
    task_id: int | None
    title: str | None
    changes: dict[str, tuple[Any, Any]]


class Projects(Output):
    """The projects that the caller is a member of."""

    projects: list[CountedProject]


class OneProject(Output):
    """A project and who may see it."""

    project: CountedProject
    members: list[str]


class OneMember(Output):
    """Somebody who was let in."""

    project: Project
    member: Worker


class InProject(Output):
    """What every answer about tasks begins with."""

    project: Project


class Listed(InProject):
    """Tasks that match; ``total`` counts those past the limit as well."""

    tasks: list[Task]
    total: int
    filters: dict[str, Any]


class OneTask(InProject):
    """The task as it is now."""

    task: Task


class Moved(OneTask):
    """The task as it is now, and the next occurrence of one that recurs."""

    next: Task | None = None


class Deleted(InProject):
    """The task as it was."""

    deleted: Task


class Workers(InProject):
    """Who can be given tasks."""

    workers: list[Worker]


class Audit(InProject):
    """The newest changes, newest first."""

    entries: list[Entry]
