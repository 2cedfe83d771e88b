"""The names of the tools: those of the MCP server, ``taskflow_`` and a method of ``mcp_tools``, and the agent's own."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "taskflow_"

LIST_PROJECTS: Final = "taskflow_list_projects"
LIST_TASKS: Final = "taskflow_list_tasks"
ADD_TASK: Final = "taskflow_add_task"
UPDATE_TASK: Final = "taskflow_update_task"
START_TASK: Final = "taskflow_start_task"
REQUEST_REVIEW: Final = "taskflow_request_review"
COMPLETE_TASK: Final = "taskflow_complete_task"
DELETE_TASK: Final = "taskflow_delete_task"
UPDATE_PROGRESS: Final = "taskflow_update_progress"
ASSIGN_TASK: Final = "taskflow_assign_task"
LIST_WORKERS: Final = "taskflow_list_workers"
AUDIT_LOG: Final = "taskflow_audit_log"

SHOW_FORM: Final = "show_task_form"
"""The agent's own tool. Its answer's data may name the ``project``; its arguments are filled in."""
