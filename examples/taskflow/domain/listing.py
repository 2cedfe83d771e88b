"""Which tasks there are: filters, order, limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from .audit import Work
from .fields import DueFilter, Sort
from .inputs import TaskFilters
from .rules import today
from .tables import Tag, Task

WEEK = timedelta(days=7)


def tasks(work: Work, filters: TaskFilters) -> tuple[Sequence[Task], int]:
    """The tasks that match, up to the limit, and how many match in all."""
    matching = [Task.project_id == work.project.id, *_conditions(filters, today())]
    total = work.session.scalar(select(func.count()).select_from(Task).where(*matching)) or 0
    query = select(Task).where(*matching).order_by(*_order(filters.sort)).limit(filters.limit)
    return work.session.scalars(query).all(), total


def _conditions(filters: TaskFilters, day: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.task_id is not None:
        conditions.append(Task.number == filters.task_id)
    if filters.status == "open":
        conditions.append(Task.status != "completed")
    elif filters.status is not None:
        conditions.append(Task.status == filters.status)
    conditions.extend(_has(word) for word in (filters.search or "").split())
    conditions.extend(Task.tag_rows.any(Tag.name == tag) for tag in filters.tags)
    if filters.due is not None:
        conditions.append(_due(filters.due, day))
    return conditions


def _has(word: str) -> ColumnElement[bool]:
    return or_(Task.title.icontains(word, autoescape=True), Task.description.icontains(word, autoescape=True))


def _due(due: DueFilter, day: date) -> ColumnElement[bool]:
    match due:
        case "overdue":
            return (Task.due < day) & (Task.status != "completed")
        case "today":
            return Task.due == day
        case "week":
            return Task.due.between(day, day + WEEK)


def _order(sort: Sort) -> list[Any]:
    match sort:
        case "id":
            return [Task.number]
        case "due":
            return [Task.due.is_(None), Task.due, Task.number]
        case "priority":
            return [case({"high": 0, "medium": 1, "low": 2}, value=Task.priority), Task.number]
        case "created":
            return [Task.created_at.desc(), Task.number.desc()]
