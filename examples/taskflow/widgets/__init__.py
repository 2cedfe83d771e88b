"""TaskFlow's widgets, by the tool whose answer they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi_chatkit import Turn
from fastapi_chatkit.agents.tool_result import ToolResult
from fastapi_chatkit.agents.widgets import ShownWidget, WidgetBuilder

from ..moves import MOVES
from ..tool_names import (
    ADD_TASK,
    ASSIGN_TASK,
    AUDIT_LOG,
    DELETE_TASK,
    LIST_PROJECTS,
    LIST_TASKS,
    LIST_WORKERS,
    SHOW_FORM,
    UPDATE_PROGRESS,
    UPDATE_TASK,
)
from .audit import audit_list
from .one_task import deleted_card, task_card
from .people import project_list, worker_list
from .task_form import cancelled_form, task_form
from .task_list import task_list

__all__ = ["cancelled_form", "task_card", "task_form", "task_list", "tool_widgets"]


def _task(heading: str, icon: str) -> WidgetBuilder:
    def build(result: ToolResult, turn: Turn) -> ShownWidget:
        data: Any = result.data
        return task_card(data["project"], data["task"], heading, icon=icon, after=data.get("next"))

    return build


def _form(result: ToolResult, turn: Turn) -> ShownWidget:
    data: Any = result.data or {}
    return task_form(uuid4().hex, data.get("project"), result.arguments)


tool_widgets: Mapping[str, WidgetBuilder] = {
    LIST_PROJECTS: lambda result, turn: project_list(result.data["projects"]),
    LIST_TASKS: lambda result, turn: task_list(result.data),
    ADD_TASK: _task("Task added", "plus"),
    **{move.tool: _task(move.heading, move.icon) for move in MOVES.values()},
    UPDATE_TASK: _task("Task changed", "write"),  # two moves are changes like others
    DELETE_TASK: lambda result, turn: deleted_card(result.data["project"], result.data["deleted"]),
    UPDATE_PROGRESS: _task("Progress recorded", "chart"),
    ASSIGN_TASK: _task("Task assigned", "user"),
    LIST_WORKERS: lambda result, turn: worker_list(result.data["project"], result.data["workers"]),
    AUDIT_LOG: lambda result, turn: audit_list(result.data["project"], result.data["entries"]),
    SHOW_FORM: _form,
}
