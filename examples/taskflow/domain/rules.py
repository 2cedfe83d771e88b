"""What a task may be, what may become of it, and when it comes again. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from .errors import Conflict

Status = Literal["pending", "in_progress", "review", "completed"]
Priority = Literal["low", "medium", "high"]
Recurrence = Literal["none", "daily", "weekly", "monthly"]
Transition = Literal["start", "request_review", "complete", "reject", "reopen"]
Via = Literal["api", "chat"]

STATUS_NAMES: Mapping[Status, str] = {
    "pending": "pending",
    "in_progress": "in progress",
    "review": "in review",
    "completed": "completed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """From which states a transition leads to which; ``action`` is its name in the audit log and in sentences."""

    sources: tuple[Status, ...]
    target: Status
    action: str
    can_be: str


TRANSITIONS: Mapping[Transition, Step] = {
    "start": Step(("pending",), "in_progress", "started", "started"),
    "request_review": Step(("in_progress",), "review", "review_requested", "sent to review"),
    "complete": Step(("pending", "in_progress", "review"), "completed", "completed", "completed"),
    "reject": Step(("review",), "in_progress", "rejected", "rejected"),
    "reopen": Step(("completed",), "pending", "reopened", "reopened"),
}


def step_of(number: int, status: Status, transition: Transition) -> Step:
    """The step of a transition, for task ``number`` in this state.

    :raises Conflict: it may not be taken from there.
    """
    step = TRANSITIONS[transition]
    if status in step.sources:
        return step
    if status == step.target:
        raise Conflict(f"Task {number} is {STATUS_NAMES[status]} already.")
    sources = " or ".join(STATUS_NAMES[source] for source in step.sources)
    raise Conflict(f"Task {number} is {STATUS_NAMES[status]}: only a task that is {sources} can be {step.can_be}.")


def transition_to(number: int, status: Status, wanted: Status) -> Transition:
    """The transition that leads from one state to another.

    :raises Conflict: none does.
    """
    for transition, step in TRANSITIONS.items():
        if status in step.sources and step.target == wanted:
            return transition
    raise Conflict(f"Task {number} is {STATUS_NAMES[status]} and cannot become {STATUS_NAMES[wanted]} from there.")


def next_due(due: date, recurrence: Recurrence, day: int) -> date:
    """When a recurring task is due after ``due``; a month without the ``day`` that was asked for ends it earlier.

    The 31st of January is followed by the 28th or 29th of February, and that by the 31st of March.
    """
    match recurrence:
        case "daily":
            return due + timedelta(days=1)
        case "weekly":
            return due + timedelta(weeks=1)
        case "monthly":
            year, month = (due.year + 1, 1) if due.month == 12 else (due.year, due.month + 1)
            return date(year, month, min(day, monthrange(year, month)[1]))
        case "none":
            raise ValueError("a task that does not recur has no next time")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day where TaskFlow runs: what "overdue" and "today" are measured by."""
    return now().astimezone().date()
