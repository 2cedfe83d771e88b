"""TaskFlow's tools over a dict, with its rules: what the actions call where the real server is not the point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi_chatkit.agents.tool_result import ToolFailure, ToolResult
from fastapi_chatkit.identity import RequestContext

Json = dict[str, Any]
PROJECT: Json = {"id": 7, "name": "Default"}

STEPS = {
    "taskflow_start_task": (("pending",), "in_progress"),
    "taskflow_request_review": (("in_progress",), "review"),
    "taskflow_complete_task": (("pending", "in_progress", "review"), "completed"),
}


def task(number: int, title: str = "Buy groceries", **fields: Any) -> Json:
    """A task as the tools answer it."""
    return {
        "id": number,
        "title": title,
        "description": "",
        "status": "pending",
        "priority": "medium",
        "due": None,
        "tags": [],
        "assignee": None,
        "progress": 0,
        "recurrence": "none",
        "created_at": "2026-01-01T10:00:00Z",
        "updated_at": "2026-01-01T10:00:00Z",
        "completed_at": None,
    } | fields


def listing(*tasks: Json, total: int | None = None, **filters: Any) -> Json:
    """The answer of ``taskflow_list_tasks``."""
    return {"project": PROJECT, "tasks": [*tasks], "total": len(tasks) if total is None else total, "filters": filters}


class Tools:
    """Holds tasks by number. ``failures`` are raised instead of an answer, by the tool's name."""

    def __init__(self, *tasks: Json) -> None:
        self.tasks = {one["id"]: one for one in tasks}
        self.calls: list[tuple[str, Json, str]] = []
        self.failures: dict[str, ToolFailure] = {}
        self._by_request: dict[str, int] = {}

    async def call(self, name: str, arguments: Mapping[str, Any], context: RequestContext, /) -> ToolResult:
        self.calls.append((name, dict(arguments), context.user_id))
        if name in self.failures:
            raise self.failures[name]
        given = {key: value for key, value in arguments.items() if key != "project_id"}
        if arguments.get("project_id", PROJECT["id"]) != PROJECT["id"]:
            return ToolResult(name, dict(arguments), "There is no project 8.", failed=True)
        answer = self._answer(name, given)
        if isinstance(answer, str):
            return ToolResult(name, dict(arguments), answer, failed=True)
        return ToolResult(name, dict(arguments), f"answer of {name}", answer)

    def _answer(self, name: str, given: Json) -> Json | str:
        if name == "taskflow_list_tasks":
            wanted = given.get("status")
            found = [one for one in self.tasks.values() if wanted in (None, one["status"])]
            return listing(*found, **given)
        if name == "taskflow_add_task":
            return self._add(**given)
        one = self.tasks.get(given["task_id"])
        if one is None:
            return f"There is no task {given['task_id']} in the project Default."
        if name == "taskflow_update_task":
            steps = {"in_progress": (("review",), "in_progress"), "pending": (("completed",), "pending")}
            sources, target = steps[given["status"]]
        else:
            sources, target = STEPS[name]
        if one["status"] not in sources:
            return f"Task {one['id']} is {one['status']} *already*."
        one["status"] = target
        return {"project": PROJECT, "task": one, "next": self._next(one) if target == "completed" else None}

    def _next(self, one: Json) -> Json | None:
        if one["recurrence"] == "none":
            return None
        number = max(self.tasks) + 1
        self.tasks[number] = {**one, "id": number, "status": "pending", "due": "2999-01-08"}
        return self.tasks[number]

    def _add(self, title: str, request_id: str, **fields: Any) -> Json | str:
        if title == "refused":
            return "The title must not be [refused](http://evil)."
        number = self._by_request.setdefault(request_id, len(self.tasks) + 1)
        one = self.tasks.setdefault(number, task(number, title, **fields))
        return {"project": PROJECT, "task": one}
