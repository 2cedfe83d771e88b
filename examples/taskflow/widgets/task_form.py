"""The form for a new task, and what is left of it once it was cancelled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from fastapi_chatkit.agents.widgets import ShownWidget

from ..domain.fields import EARLIEST, LATEST, MAX_DESCRIPTION, MAX_TAG, MAX_TAGS, MAX_TITLE, is_storable
from .data import Project
from .parts import Json, caption, card, column, row, status, text, title
from .task_parts import PRIORITY

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def task_form(request_id: str, project: Project | None = None, values: Mapping[str, Any] | None = None) -> ShownWidget:
    """The form. ``request_id`` is the same however often it is sent; ``values`` are what is filled in already."""
    given = _filled(values or {})
    where = f"In {project['name']}" if project is not None else "In your default project"
    payload = {"request_id": request_id, **({"project_id": project["id"]} if project is not None else {})}
    options = [{"value": value, "label": label} for value, (label, _) in PRIORITY.items()]
    defaults = {name: {"defaultValue": value} for name, value in given.items()}
    children = [
        title("form.heading", "New task"),
        caption("form.place", where),
        _field("title", "Title", "Input", required=True, placeholder="Buy groceries", **defaults.get("title", {})),
        _field("description", "Description", "Textarea", rows=3, autoResize=True, **defaults.get("description", {})),
        row(
            "form.when",
            [
                _field("priority", "Priority", "Select", options=options, block=True, **defaults["priority"]),
                _field("due", "Due", "DatePicker", clearable=True, block=True, **defaults.get("due", {})),
            ],
            align="start",
        ),
        _field("tags", "Tags", "Input", placeholder="home, shopping", **defaults.get("tags", {})),
    ]
    create = {"type": "task.create", "payload": payload}
    cancel = {"type": "task.cancel", "payload": {"request_id": request_id}, "streaming": False}
    return card(
        "form",
        children,
        [f"A form for a new task. {where}."],
        asForm=True,
        size="md",
        confirm={"label": "Create task", "action": create},
        cancel={"label": "Cancel", "action": cancel},
    )


def cancelled_form() -> ShownWidget:
    """The form without fields and buttons."""
    words = "No task was created."
    heading = text("form.heading", words, color="secondary")
    return card("form", [heading], [words], size="md", status=status("Cancelled", "info"))


def _field(name: str, label: str, kind: str, **properties: Any) -> Json:
    words = {"type": "Label", "id": f"form.{name}.label", "value": label, "fieldName": name, "size": "sm"}
    control = {"type": kind, "id": f"form.{name}", "name": name, **properties}
    return column(f"form.{name}.field", [words, control], flex=1)


def _filled(values: Mapping[str, Any]) -> dict[str, str]:
    """What of the values can be filled in; those of a model may be anything, and are cut to what a task may be."""
    text = {name: value for name, value in values.items() if isinstance(value, str) and is_storable(value)}
    given = {
        "title": " ".join(text.get("title", "").split())[:MAX_TITLE],
        "description": text.get("description", "").strip()[:MAX_DESCRIPTION],
        "priority": priority if (priority := text.get("priority", "")) in PRIORITY else "medium",
        "due": due if _is_day(due := text.get("due", "")) else "",
        "tags": ", ".join(_tags(values.get("tags"))),
    }
    return {name: value for name, value in given.items() if value}


def _is_day(value: str) -> bool:
    try:
        return DAY.fullmatch(value) is not None and EARLIEST <= date.fromisoformat(value) <= LATEST
    except ValueError:
        return False


def _tags(value: Any) -> list[str]:
    """The tags of a list, or of a line with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    texts = [part for part in cast("list[Any]", parts) if isinstance(part, str)] if isinstance(parts, list) else []
    tags = (" ".join(text.replace(",", " ").split()).removeprefix("#")[:MAX_TAG] for text in texts if is_storable(text))
    return list(dict.fromkeys(filter(None, tags)))[:MAX_TAGS]
