"""The tools' answers as JSON, as far as they are shown."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ..domain.rules import Priority, Status


class Project(TypedDict):
    """A project."""

    id: int
    name: str


class Task(TypedDict):
    """A task; ``id`` is its number within its project, ``due`` a date as ``YYYY-MM-DD``."""

    id: int
    title: str
    description: str
    status: Status
    priority: Priority
    due: str | None
    tags: list[str]
    assignee: str | None
    progress: int
    recurrence: str


class TaskList(TypedDict):
    """Some of a project's tasks: ``filters`` as they were given, ``total`` counts those past the limit as well."""

    project: Project
    tasks: list[Task]
    total: int
    filters: dict[str, Any]


class CountedProject(Project):
    """A project with the number of its tasks in every state."""

    counts: dict[Status, int]


class Worker(TypedDict):
    """Somebody who can be given tasks."""

    id: str
    name: str
    kind: Literal["human", "agent"]


class Entry(TypedDict):
    """A line of the audit log; ``changes`` are the fields with their values before and after."""

    id: int
    at: str
    actor: str
    via: str
    action: str
    task_id: int | None
    title: str | None
    changes: dict[str, list[Any]]
