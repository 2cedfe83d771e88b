"""What can be asked for: the bodies and the query of the REST API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from .fields import (
    Description,
    Due,
    DueFilter,
    Id,
    Limit,
    Person,
    Progress,
    ProjectName,
    RequestId,
    Search,
    Sort,
    StatusFilter,
    Tags,
    Title,
)
from .rules import Priority, Recurrence, Status


class Input(BaseModel):
    """A body; a field that is not known is refused, so that nothing is silently ignored."""

    model_config = ConfigDict(extra="forbid")


class NewProject(Input):
    """A project to make."""

    name: ProjectName


class NewMember(Input):
    """Somebody to let into a project; the name is what they are called, else their id."""

    user_id: Person
    name: Person | None = None


class NewTask(Input):
    """A task to add. The same ``request_id`` again adds nothing, and is answered with the task that it added."""

    title: Title
    description: Description = ""
    priority: Priority = "medium"
    due: Due | None = None
    tags: Tags = []
    assignee: Person | None = None
    recurrence: Recurrence = "none"
    request_id: RequestId | None = None


class TaskChange(Input):
    """What to change: the fields that are sent. ``due`` and ``assignee`` are cleared by ``null``."""

    title: Title = ""
    description: Description = ""
    priority: Priority = "medium"
    due: Due | None = None
    tags: Tags = []
    assignee: Person | None = None
    recurrence: Recurrence = "none"
    progress: Progress = 0
    status: Status = "pending"


class TaskFilters(Input):
    """Which tasks to list: those that match all of it. ``open`` is all but completed; ``week`` the next seven days."""

    task_id: Id | None = None
    status: StatusFilter | None = None
    search: Search | None = None
    tags: Tags = []
    due: DueFilter | None = None
    sort: Sort = "id"
    limit: Limit = 50
