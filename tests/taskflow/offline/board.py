"""TaskFlow's tools as plain functions over a list in memory: the real names, arguments, outputs and sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from agents import FunctionTool, Tool

Task = dict[str, Any]

PROJECT = {"id": 1, "name": "Default"}
WORKERS = [{"id": "bob", "name": "Bob", "kind": "human"}, {"id": "assistant", "name": "Assistant", "kind": "agent"}]
MOVES = {
    "start": ({"pending"}, "in_progress"),
    "request_review": ({"in_progress"}, "review"),
    "complete": ({"pending", "in_progress", "review"}, "completed"),
}


class Refused(Exception):
    """A call fails with this sentence."""


def task(number: int, title: str, **fields: Any) -> Task:
    """A task as the tools tell it."""
    return {
        "id": number, "title": title, "description": "", "status": "pending", "priority": "medium", "due": None,
        "tags": [], "assignee": None, "progress": 0, "recurrence": "none", **fields,
    }  # fmt: skip


class Board:
    """The tasks of one project. ``calls`` are all calls in their order; ``declines`` is the user who says no."""

    def __init__(self, *tasks: Task) -> None:
        self.tasks = list(tasks)
        self.entries: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.declines = False

    def call(self, name: str, arguments: dict[str, Any]) -> str:
        """A tool's output: JSON, or the sentence of its failure."""
        self.calls.append((name, arguments))
        try:
            return json.dumps(self._tools()[name](**arguments))
        except Refused as refused:
            return str(refused)

    def names(self) -> set[str]:
        """The tools that there are."""
        return set(self._tools())

    def _tools(self) -> dict[str, Callable[..., Any]]:
        moves = {f"taskflow_{verb}" + ("" if verb == "request_review" else "_task"): verb for verb in MOVES}
        return {
            "taskflow_list_projects": self.projects,
            "taskflow_list_tasks": self.list,
            "taskflow_add_task": self.add,
            "taskflow_update_task": self.update,
            "taskflow_delete_task": self.delete,
            "taskflow_update_progress": self.progress,
            "taskflow_assign_task": self.assign,
            "taskflow_list_workers": lambda: {"project": PROJECT, "workers": WORKERS},
            "taskflow_audit_log": self.audit,
            "show_task_form": lambda: {"shown": True},
            **{name: lambda task_id, verb=verb: self.move(verb, task_id) for name, verb in moves.items()},
        }

    def sdk_tools(self, *names: str) -> list[Tool]:
        """The tools for the Agents SDK; those of ``names``, or all."""
        return [self._sdk_tool(name) for name in sorted(names or self.names())]

    def _sdk_tool(self, name: str) -> FunctionTool:
        async def invoke(context: Any, arguments: str) -> str:
            return self.call(name, json.loads(arguments))

        schema = {"type": "object", "properties": {}, "additionalProperties": True}
        return FunctionTool(name, "", schema, invoke, strict_json_schema=False)

    def titles(self) -> list[str]:
        """What is on the board."""
        return [task["title"] for task in self.tasks]

    def _get(self, number: int) -> Task:
        found = next((task for task in self.tasks if task["id"] == number), None)
        if found is None:
            raise Refused(f"There is no task {number} in the project Default.")
        return found

    def _record(self, action: str, task: Task) -> None:
        entry = {"id": len(self.entries) + 1, "at": f"2026-11-26T10:00:{len(self.entries):02}Z", "actor": "alice"}
        entry |= {"via": "chat", "action": action, "task_id": task["id"], "title": task["title"], "changes": {}}
        self.entries.append(entry)

    def list(
        self,
        status: str | None = None,
        search: str = "",
        tags: list[str] | None = None,
        due: str | None = None,
        sort: str = "id",
        limit: int = 50,
        task_id: int | None = None,
    ) -> Any:
        def fits(task: Task) -> bool:
            in_state = (
                status is None or task["status"] == status or (status == "open" and task["status"] != "completed")
            )
            found = all(word in f"{task['title']} {task['description']}".lower() for word in search.lower().split())
            return in_state and found and set(tags or ()) <= set(task["tags"])

        found = [task for task in self.tasks if fits(task)]
        found = [task for task in found if task_id is None or task["id"] == task_id]
        return {"project": PROJECT, "tasks": found[:limit], "total": len(found), "filters": {}}

    def add(self, title: str, **fields: Any) -> Any:
        added = task(max((task["id"] for task in self.tasks), default=0) + 1, title, **fields)
        self.tasks.append(added)
        self._record("task.added", added)
        return {"project": PROJECT, "task": added}

    def update(self, task_id: int, **fields: Any) -> Any:
        if "due" in fields:
            fields["due"] = fields["due"] or None
        changed = self._get(task_id)
        changed.update(fields)
        self._record("task.updated", changed)
        return {"project": PROJECT, "task": changed}

    def move(self, verb: str, task_id: int) -> Any:
        before, after = MOVES[verb]
        moved = self._get(task_id)
        if moved["status"] not in before:
            raise Refused(f"Task {task_id} is {moved['status']} and cannot be moved so.")
        moved["status"] = after
        self._record(f"task.{after}", moved)
        following = None
        if after == "completed" and moved["recurrence"] != "none":
            following = self.add(moved["title"], recurrence=moved["recurrence"], due="2026-12-03")["task"]
        return {"project": PROJECT, "task": moved, "next": following}

    def delete(self, task_id: int) -> Any:
        gone = self._get(task_id)
        if self.declines:
            raise Refused("The user was asked and declined this call. Nothing was changed.")
        self.tasks.remove(gone)
        self._record("task.deleted", gone)
        return {"project": PROJECT, "deleted": gone}

    def progress(self, task_id: int, progress: int) -> Any:
        if progress > 100:
            raise Refused("`progress` must be less than or equal to 100.")
        return self.update(task_id, progress=progress)

    def assign(self, task_id: int, worker: str) -> Any:
        if all(worker.lower() not in (known["id"], known["name"].lower()) for known in WORKERS):
            raise Refused(f"There is no worker {worker} in the project Default; there are: Assistant, Bob.")
        return self.update(task_id, assignee=worker)

    def projects(self) -> Any:
        counts = {"pending": len(self.tasks), "in_progress": 0, "review": 0, "completed": 0}
        return {"projects": [{**PROJECT, "counts": counts}]}

    def audit(self, task_id: int | None = None, limit: int = 50) -> Any:
        entries = [entry for entry in self.entries if task_id in (None, entry["task_id"])]
        return {"project": PROJECT, "entries": entries[-limit:]}
