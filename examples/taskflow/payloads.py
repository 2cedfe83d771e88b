"""What TaskFlow's buttons and its form send."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field

from .domain.fields import MAX_DESCRIPTION, MAX_TAG, MAX_TAGS, MAX_TITLE
from .domain.rules import Priority

HALF_A_DAY = timedelta(hours=12)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d\S*)?", re.ASCII)
"""``YYYY-MM-DD``, or a moment that begins with it: ISO 8601 has more ways to write a day, such as ``2026-W01``."""


def _line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _title(value: object) -> object:
    line = _line(value)
    if line in (None, ""):
        raise ValueError("is missing")
    if isinstance(line, str) and len(line) > MAX_TITLE:
        raise ValueError(f"is longer than {MAX_TITLE} characters")
    return line


def _description(value: object) -> object:
    if isinstance(value, str) and len(value.strip()) > MAX_DESCRIPTION:
        raise ValueError(f"is longer than {MAX_DESCRIPTION} characters")
    return value.strip() if isinstance(value, str) else value or ""


def _day(value: object) -> object:
    """A date, or the moment that a date picker makes of one: midnight where the user is, in whatever zone."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return (datetime.fromisoformat(value) + HALF_A_DAY).date()
        except (ValueError, OverflowError):
            pass
    raise ValueError("is not a date")


def _tags(value: object) -> object:
    """Tags, or a line of them between commas."""
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise ValueError("are not text")
    lines = [" ".join(str(part).split()).removeprefix("#").lower() for part in cast("list[Any]", parts)]
    tags = [tag for tag in dict.fromkeys(lines) if tag]
    if len(tags) > MAX_TAGS:
        raise ValueError(f"are more than {MAX_TAGS}")
    if any(len(tag) > MAX_TAG for tag in tags):
        raise ValueError(f"have more than {MAX_TAG} characters each")
    return tags


class InProject(BaseModel):
    """What is in a project; without one, in the user's default project."""

    project_id: int | None = None


class TaskRef(InProject):
    """A task, and the filters of the list that it was pressed in."""

    task_id: int
    list: dict[str, Any] | None = None


class ListRef(InProject):
    """A list, by its filters."""

    list: dict[str, Any] = {}


class FormRef(BaseModel):
    """A form."""

    request_id: str


class NewTask(InProject, FormRef):
    """A form that is filled in."""

    title: Annotated[str, BeforeValidator(_title), Field(title="Title")]
    description: Annotated[str, BeforeValidator(_description), Field(title="Description")] = ""
    priority: Annotated[Priority, BeforeValidator(lambda value: value or "medium"), Field(title="Priority")] = "medium"
    due: Annotated[date | None, BeforeValidator(_day), Field(title="Due")] = None
    tags: Annotated[list[str], BeforeValidator(_tags), Field(title="Tags")] = []
