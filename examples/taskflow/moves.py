"""The changes of a task's state, as the chat offers them: one table for tools' cards, buttons and what those do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .domain.rules import Transition
from .tool_names import COMPLETE_TASK, REQUEST_REVIEW, START_TASK, UPDATE_TASK


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state: the button's label, the tool with its arguments besides the task, what is said and shown."""

    label: str
    tool: str
    arguments: Mapping[str, Any]
    said: str
    heading: str
    icon: str


MOVES: Mapping[Transition, Move] = {
    "start": Move("Start", START_TASK, {}, "is in progress now", "Task started", "play"),
    "request_review": Move("Request review", REQUEST_REVIEW, {}, "is in review now", "Review requested", "search"),
    "complete": Move("Complete", COMPLETE_TASK, {}, "is completed", "Task completed", "check-circle-filled"),
    "reject": Move(
        "Reject", UPDATE_TASK, {"status": "in_progress"}, "is in progress again", "Review rejected", "check-circle"
    ),
    "reopen": Move("Reopen", UPDATE_TASK, {"status": "pending"}, "is pending again", "Task reopened", "check-circle"),
}


def action_of(move: Transition) -> str:
    """The type of the action that a move's button sends."""
    return f"task.{move}"
