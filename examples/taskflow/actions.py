"""What TaskFlow's buttons do: they call the tool as the user, without a model, and redraw the widget in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from fastapi_chatkit import RequestContext, Turn
from fastapi_chatkit.agents.actions import ActionOutcome, Actions
from fastapi_chatkit.agents.tool_log import ToolRecord
from fastapi_chatkit.agents.tool_result import ToolFailure, ToolResult
from fastapi_chatkit.agents.widgets import ShownWidget

from .domain.rules import Transition
from .markdown import escaped
from .moves import MOVES, action_of
from .payloads import FormRef, InProject, ListRef, NewTask, TaskRef
from .tool_names import ADD_TASK, LIST_TASKS
from .widgets import cancelled_form, task_card, task_list
from .widgets.data import Task
from .widgets.task_parts import comes_again

CHANGED = "tasks.changed"
"""The client effect that tells the page around the chat to read the tasks again."""


class Tools(Protocol):
    """What calls a tool as the user, such as the library's ``MCPTools``."""

    async def call(self, name: str, arguments: Mapping[str, Any], context: RequestContext, /) -> ToolResult:
        """:raises ToolFailure: there is no answer."""
        ...


def task_actions(tools: Tools) -> Actions:
    """The handlers of TaskFlow's widgets."""
    handlers, actions = TaskActions(tools), Actions()
    for name in MOVES:
        actions.on(action_of(name), TaskRef)(handlers.move(name))
    actions.on("task.create", NewTask)(handlers.create)
    actions.on("task.cancel", FormRef)(handlers.cancel)
    actions.on("task.refresh", ListRef)(handlers.refresh)
    return actions


class TaskActions:
    """The handlers. What a tool refuses is said, and the widget shows how things are."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def move(self, name: Transition) -> Callable[[Turn, TaskRef], Awaitable[ActionOutcome]]:
        """The handler of the button ``name``."""
        move = MOVES[name]

        async def handle(turn: Turn, ref: TaskRef) -> ActionOutcome:
            arguments = {**_place(ref), "task_id": ref.task_id, **move.arguments}
            result = await self._tools.call(move.tool, arguments, turn.context)
            history = [ToolRecord.of(result)]
            if result.failed:
                widget = await self._as_things_are(turn, ref)
                return ActionOutcome(widget=widget, text=escaped(result.text), history=history, failed=True)
            project, task, after = result.data["project"], result.data["task"], result.data.get("next")
            text = f"Task {task['id']} {move.said}.{f' {comes_again(after)}' if after is not None else ''}"
            if ref.list is None:
                widget = task_card(project, task, move.heading, icon=move.icon, after=after)
            elif (widget := await self._as_things_are(turn, ref)) is None:
                text += " The list cannot be refreshed at the moment."
            events = [_changed(turn, result, name)]
            return ActionOutcome(widget=widget, text=text, events=events, history=history)

        return handle

    async def create(self, turn: Turn, new: NewTask) -> ActionOutcome:
        """Add the task that the form describes; the form becomes its confirmation."""
        fields = {"title": new.title, "description": new.description, "priority": new.priority, "tags": new.tags}
        arguments = {
            **_place(new),
            **{name: value for name, value in fields.items() if value},
            **({"due": new.due.isoformat()} if new.due is not None else {}),
            "request_id": new.request_id,
        }
        result = await self._tools.call(ADD_TASK, arguments, turn.context)
        history = [ToolRecord.of(result)]
        if result.failed:
            return ActionOutcome(text=escaped(result.text), history=history, failed=True)
        task = result.data["task"]
        return ActionOutcome(
            widget=task_card(result.data["project"], task, "Task added", icon="plus"),
            text=f"Task {task['id']} is added.",
            events=[_changed(turn, result, "create")],
            history=history,
        )

    async def cancel(self, turn: Turn, form: FormRef) -> ActionOutcome:
        """Close the form."""
        return ActionOutcome(widget=cancelled_form())

    async def refresh(self, turn: Turn, ref: ListRef) -> ActionOutcome:
        """Draw the list anew, with the same filters."""
        result = await self._list(turn, ref, ref.list)
        if result.failed:
            return ActionOutcome(text=escaped(result.text), failed=True)
        return ActionOutcome(widget=task_list(result.data))

    async def _as_things_are(self, turn: Turn, ref: TaskRef) -> ShownWidget | None:
        """The list, or the task's card, as it is now; ``None`` where that cannot be known."""
        try:
            result = await self._list(turn, ref, ref.list if ref.list is not None else {"task_id": ref.task_id})
        except ToolFailure:
            return None
        if result.failed:
            return None
        if ref.list is not None:
            return task_list(result.data)
        found: list[Task] = [task for task in result.data["tasks"] if task["id"] == ref.task_id]
        return task_card(result.data["project"], found[0], "Task", icon="info") if found else None

    async def _list(self, turn: Turn, ref: InProject, filters: Mapping[str, Any]) -> ToolResult:
        return await self._tools.call(LIST_TASKS, {**filters, **_place(ref)}, turn.context)


def _place(ref: InProject) -> dict[str, Any]:
    return {"project_id": ref.project_id} if ref.project_id is not None else {}


def _changed(turn: Turn, result: ToolResult, action: str) -> Any:
    data = {"project_id": result.data["project"]["id"], "task_id": result.data["task"]["id"], "action": action}
    return turn.client_effect(CHANGED, data)
