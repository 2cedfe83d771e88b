"""The arguments of the tools, with what a model is told about them.

A model may send ``null`` for whatever it does not mean: it is the same as nothing. What is cleared is sent empty.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from .domain import fields
from .domain.rules import Priority, Recurrence


def _text(value: Any) -> Any:
    """The SDK reads a string that is JSON as what it holds, be the argument an optional text: put it back."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _day(value: str | None) -> str | None:
    if value:
        fields.day_of(value)
    return value


Project = Annotated[
    fields.Id | None, Field(description="The project's id; without it, the user's project Default is meant")
]
TaskId = Annotated[fields.Id, Field(description="The task's number, as in the list of tasks")]
Title = Annotated[fields.Title, Field(description="What is to be done, in a few words")]
NewTitle = Annotated[fields.Title | None, BeforeValidator(_text), Field(description="The new title")]
Description = Annotated[
    fields.Description | None, BeforeValidator(_text), Field(description="Details; empty clears them")
]
APriority = Annotated[Priority | None, Field(description="How important it is; medium if nothing else was said")]
Due = Annotated[
    str | None, AfterValidator(_day), Field(description="The day it is due, as YYYY-MM-DD; empty clears it")
]
Tags = Annotated[fields.Tags | None, Field(description="All its tags, lower case; an empty list clears them")]
Assignee = Annotated[fields.Person | None, Field(description="Who is to do it: a worker's id or name, or `me`")]
ARecurrence = Annotated[
    Recurrence | None, Field(description="Whether it comes again: completing it then adds the next occurrence")
]
RequestId = Annotated[
    fields.RequestId | None,
    Field(description="Any id of this request: sent again, it adds nothing and returns the task that was added"),
]
NewStatus = Annotated[
    Literal["pending", "in_progress"] | None,
    Field(description="`pending` reopens a completed task, `in_progress` rejects a review (or starts a pending task)"),
]
Progress = Annotated[fields.Progress, Field(description="How much of it is done, in percent")]
Worker = Annotated[fields.Person, Field(description="A worker's id or name, as in the list of workers, or `me`")]

OneTask = Annotated[fields.Id | None, Field(description="Only the task of this number")]
StatusFilter = Annotated[
    fields.StatusFilter | None, Field(description="Only tasks in this state; `open` is all but completed")
]
Search = Annotated[
    fields.Search | None, BeforeValidator(_text), Field(description="Words that its title or description has")
]
TagsFilter = Annotated[fields.Tags | None, Field(description="Only tasks with all of these tags")]
DueFilter = Annotated[
    fields.DueFilter | None,
    Field(description="Only tasks that are overdue, due today, or due from today to seven days from now"),
]
Sort = Annotated[
    fields.Sort | None, Field(description="`id`, soonest `due`, highest `priority`, or newest `created` first")
]
Limit = Annotated[fields.Limit | None, Field(description="The most to return; 50 unless given")]
AnyTaskId = Annotated[fields.Id | None, Field(description="Only changes of this task")]
