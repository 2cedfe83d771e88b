"""Projects, and who works in them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi_chatkit.agents.widgets import ShownWidget

from .data import CountedProject, Project, Worker
from .parts import Json, badge, caption, card, column, row, shortened, spacer, text, title
from .task_parts import STATUS


def project_list(projects: Sequence[CountedProject]) -> ShownWidget:
    """Each project with the number of its tasks in every state."""
    children = [title("projects.title", "Projects"), *map(_project, projects)]
    lines = ["Projects:"]
    lines += [f"{one['id']}. {one['name']} ({_counts(one) or 'no tasks'})" for one in projects]
    if not projects:
        children.append(caption("projects.empty", "There are none yet."))
    return card("projects", children, lines, size="md")


def _project(project: CountedProject) -> Json:
    key = f"project.{project['id']}"
    counted = [
        badge(f"{key}.{state}", f"{project['counts'][state]} {label.lower()}", color)
        for state, (label, color) in STATUS.items()
        if project["counts"].get(state)
    ]
    shown = counted or [caption(f"{key}.none", "No tasks")]
    name = text(f"{key}.name", shortened(project["name"]), weight="semibold", maxLines=2)
    return column(key, [name, row(f"{key}.counts", shown, wrap="wrap")], padding={"y": 1})


def _counts(project: CountedProject) -> str:
    counts = project["counts"]
    return ", ".join(f"{counts[state]} {label.lower()}" for state, (label, _) in STATUS.items() if counts.get(state))


def worker_list(project: Project, workers: Sequence[Worker]) -> ShownWidget:
    """Who can be given tasks in a project."""
    children = [title("workers.title", "Who can be given tasks"), caption("workers.place", f"In {project['name']}")]
    for index, worker in enumerate(workers):
        key = f"worker.{index}"
        icon = {"type": "Icon", "id": f"{key}.icon", "name": "agent" if worker["kind"] == "agent" else "user"}
        name = text(f"{key}.name", shortened(worker["name"]), truncate=True)
        kind = badge(f"{key}.kind", "Agent" if worker["kind"] == "agent" else "Person", variant="outline")
        children.append(row(key, [icon, name, spacer(f"{key}.space"), kind]))
    lines = [f"Who can be given tasks in {project['name']}:"]
    lines += [f"- {worker['name']} ({worker['kind']})" for worker in workers]
    return card("workers", children, lines, size="sm")
