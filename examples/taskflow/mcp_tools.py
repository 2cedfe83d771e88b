"""The tools: each is one call of the REST API as the user who calls it. The docstrings are what a model reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations

from . import mcp_arguments as a
from .client import TaskFlowAPI
from .domain import outputs
from .tool_names import PREFIX

READ = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
WRITE = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
DESTROY = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _tasks(project_id: int | None, *rest: object) -> str:
    return "/".join(map(str, ["/projects", project_id or "default", "tasks", *rest]))


class TaskFlowTools:
    """What an agent can do; every answer names the project that it is about."""

    def __init__(self, api: TaskFlowAPI) -> None:
        self._api = api

    def all(self) -> list[Tool]:
        """The tools, to be served."""
        return [
            self._tool(self.list_projects, "List projects", READ),
            self._tool(self.list_tasks, "List tasks", READ),
            self._tool(self.add_task, "Add a task", WRITE),
            self._tool(self.update_task, "Change a task", WRITE),
            self._tool(self.start_task, "Start a task", WRITE),
            self._tool(self.request_review, "Request a review", WRITE),
            self._tool(self.complete_task, "Complete a task", WRITE),
            self._tool(self.delete_task, "Delete a task", DESTROY),
            self._tool(self.update_progress, "Record progress", WRITE),
            self._tool(self.assign_task, "Assign a task", WRITE),
            self._tool(self.list_workers, "List workers", READ),
            self._tool(self.audit_log, "Show changes", READ),
        ]

    def _tool(self, function: Callable[..., Any], title: str, annotations: ToolAnnotations) -> Tool:
        tool = Tool.from_function(
            function,
            name=f"{PREFIX}{function.__name__}",
            title=title,
            description=inspect.getdoc(function),
            annotations=annotations,
            structured_output=True,
        )
        tool.parameters["additionalProperties"] = False  # as `mcp_server` has it
        return tool

    async def _call(self, context: Context, method: str, path: str, **content: Any) -> Any:
        request: Any = context.request_context.request  # Starlette's: this server speaks HTTP alone
        return await self._api.call(request.state.caller, method, path, **content)

    async def list_projects(self, context: Context) -> outputs.Projects:
        """List the user's projects, each with the number of its tasks in every state."""
        return await self._call(context, "GET", "/projects")

    async def list_tasks(
        self,
        context: Context,
        task_id: a.OneTask = None,
        status: a.StatusFilter = None,
        search: a.Search = None,
        tags: a.TagsFilter = None,
        due: a.DueFilter = None,
        sort: a.Sort = None,
        limit: a.Limit = None,
        project_id: a.Project = None,
    ) -> outputs.Listed:
        """List the tasks of a project that match all filters given; without any, all of them. Look here for a task's
        number when the user names it by its title."""
        given = _given(task_id=task_id, status=status, search=search, tags=tags, due=due, sort=sort, limit=limit)
        return await self._call(context, "GET", _tasks(project_id), params=given)

    async def add_task(
        self,
        context: Context,
        title: a.Title,
        description: a.Description = None,
        priority: a.APriority = None,
        due: a.Due = None,
        tags: a.Tags = None,
        assignee: a.Assignee = None,
        recurrence: a.ARecurrence = None,
        request_id: a.RequestId = None,
        project_id: a.Project = None,
    ) -> outputs.OneTask:
        """Add a task to a project."""
        given = _given(
            title=title,
            description=description,
            priority=priority,
            due=due or None,
            tags=tags,
            assignee=assignee,
            recurrence=recurrence,
            request_id=request_id,
        )
        return await self._call(context, "POST", _tasks(project_id), json=given)

    async def update_task(
        self,
        context: Context,
        task_id: a.TaskId,
        title: a.NewTitle = None,
        description: a.Description = None,
        priority: a.APriority = None,
        due: a.Due = None,
        tags: a.Tags = None,
        recurrence: a.ARecurrence = None,
        status: a.NewStatus = None,
        project_id: a.Project = None,
    ) -> outputs.OneTask:
        """Change fields of a task, those that are given; or reopen it, or reject its review, by its status."""
        given = _given(
            title=title, description=description, priority=priority, tags=tags, recurrence=recurrence, status=status
        )
        if due is not None:
            given["due"] = due or None
        return await self._call(context, "PATCH", _tasks(project_id, task_id), json=given)

    async def start_task(self, context: Context, task_id: a.TaskId, project_id: a.Project = None) -> outputs.Moved:
        """Start a pending task: it is in progress then."""
        return await self._call(context, "POST", _tasks(project_id, task_id, "start"))

    async def request_review(self, context: Context, task_id: a.TaskId, project_id: a.Project = None) -> outputs.Moved:
        """Ask for a review of a task that is in progress."""
        return await self._call(context, "POST", _tasks(project_id, task_id, "request-review"))

    async def complete_task(self, context: Context, task_id: a.TaskId, project_id: a.Project = None) -> outputs.Moved:
        """Mark a task as completed, whatever state it is in. Of a recurring task the next occurrence is added."""
        return await self._call(context, "POST", _tasks(project_id, task_id, "complete"))

    async def delete_task(self, context: Context, task_id: a.TaskId, project_id: a.Project = None) -> outputs.Deleted:
        """Delete a task for good. Completed tasks need not be deleted."""
        return await self._call(context, "DELETE", _tasks(project_id, task_id))

    async def update_progress(
        self, context: Context, task_id: a.TaskId, progress: a.Progress, project_id: a.Project = None
    ) -> outputs.OneTask:
        """Record how much of a task is done; its state stays as it is, at 100 as well."""
        return await self._call(context, "PATCH", _tasks(project_id, task_id), json={"progress": progress})

    async def assign_task(
        self, context: Context, task_id: a.TaskId, worker: a.Worker, project_id: a.Project = None
    ) -> outputs.OneTask:
        """Give a task to a worker of its project: a person, or the agent `assistant`."""
        return await self._call(context, "PATCH", _tasks(project_id, task_id), json={"assignee": worker})

    async def list_workers(self, context: Context, project_id: a.Project = None) -> outputs.Workers:
        """List who can be given tasks in a project."""
        return await self._call(context, "GET", f"/projects/{project_id or 'default'}/workers")

    async def audit_log(
        self, context: Context, task_id: a.AnyTaskId = None, limit: a.Limit = None, project_id: a.Project = None
    ) -> outputs.Audit:
        """List the newest changes in a project, of one task or of all: who changed what, and when. Deleted tasks are
        found here as well."""
        given = _given(task_id=task_id, limit=limit)
        return await self._call(context, "GET", f"/projects/{project_id or 'default'}/audit", params=given)
