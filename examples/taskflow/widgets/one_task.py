"""One task: when it was added, after each change, and what is left of one that was deleted."""

from __future__ import annotations

from datetime import date

from fastapi_chatkit.agents.widgets import ShownWidget

from .data import Project, Task
from .parts import Json, button, caption, card, column, divider, row, shortened, status, text, title
from .task_parts import badges, buttons, comes_again, facts, line, progress

DESCRIPTION = 400
"""Characters of a description."""


def task_card(
    project: Project, task: Task, heading: str, *, icon: str = "check-circle", after: Task | None = None
) -> ShownWidget:
    """A task as it is now. ``after`` is the next occurrence of one that recurs and was completed."""
    today = date.today()
    children: list[Json] = [title("task.title", task["title"])]
    if task["description"]:
        words = shortened(task["description"], DESCRIPTION)
        children.append(text("task.description", words, color="secondary", size="sm", maxLines=4))
    children.append(row("task.badges", badges("task", task), wrap="wrap"))
    children.append(
        row("task.facts", [caption("task.place", _place(project, task)), *facts("task", task, today)], wrap="wrap")
    )
    children += progress("task", task)
    lines = [f"{heading} in {project['name']}:", line(task, today)]
    if after is not None:
        words = comes_again(after)
        children.append(caption("task.next", words))
        lines.append(words)
    actions = [*buttons("task", task, {"project_id": project["id"]}), _show(project, task)]
    children += [divider("task.line"), row("task.buttons", actions, wrap="wrap")]
    return card("task", children, lines, size="md", status=status(heading, icon))


def deleted_card(project: Project, task: Task) -> ShownWidget:
    """What is left of a task: that it is gone."""
    name = text("task.title", shortened(task["title"]), lineThrough=True, color="secondary", maxLines=2)
    gone = column("task.gone", [name, caption("task.place", _place(project, task))])
    lines = [f"Deleted from {project['name']}: {task['id']}. {shortened(task['title'], 200)}"]
    return card("task", [gone], lines, size="md", status=status("Task deleted", "info"))


def _show(project: Project, task: Task) -> Json:
    """A button for the page around the chat, which has the task on its board."""
    payload = {"project_id": project["id"], "task_id": task["id"]}
    action = {"type": "task.show", "payload": payload, "handler": "client"}
    return button("task.show", "Show", action, variant="ghost")


def _place(project: Project, task: Task) -> str:
    return f"Task {task['id']} in {shortened(project['name'], 60)}"
