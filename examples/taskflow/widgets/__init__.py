"""TaskFlow's widgets, by the tool whose answer they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi_chatkit import Turn
from fastapi_chatkit.agents.tool_result import ToolResult
from fastapi_chatkit.agents.widgets import ShownWidget, WidgetBuilder

from .audit import audit_list
from .one_task import deleted_card, task_card
from .people import project_list, worker_list
from .task_form import cancelled_form, task_form
from .task_list import task_list

__all__ = ["cancelled_form", "task_card", "task_form", "task_list", "tool_widgets"]

FORM_TOOL = "show_task_form"
"""The agent's own tool. Its answer's data may name the ``project``; its arguments are filled in."""


def _task(heading: str, icon: str = "check-circle") -> WidgetBuilder:
    def build(result: ToolResult, turn: Turn) -> ShownWidget:
        data: Any = result.data
        return task_card(data["project"], data["task"], heading, icon=icon, after=data.get("next"))

    return build


def _form(result: ToolResult, turn: Turn) -> ShownWidget:
    data: Any = result.data or {}
    return task_form(uuid4().hex, data.get("project"), result.arguments)


tool_widgets: Mapping[str, WidgetBuilder] = {
    "taskflow_list_projects": lambda result, turn: project_list(result.data["projects"]),
    "taskflow_list_tasks": lambda result, turn: task_list(result.data),
    "taskflow_add_task": _task("Task added", "plus"),
    "taskflow_update_task": _task("Task changed", "write"),
    "taskflow_start_task": _task("Task started", "play"),
    "taskflow_request_review": _task("Review requested", "search"),
    "taskflow_complete_task": _task("Task completed", "check-circle-filled"),
    "taskflow_delete_task": lambda result, turn: deleted_card(result.data["project"], result.data["deleted"]),
    "taskflow_update_progress": _task("Progress recorded", "chart"),
    "taskflow_assign_task": _task("Task assigned", "user"),
    "taskflow_list_workers": lambda result, turn: worker_list(result.data["project"], result.data["workers"]),
    "taskflow_audit_log": lambda result, turn: audit_list(result.data["project"], result.data["entries"]),
    FORM_TOOL: _form,
}
