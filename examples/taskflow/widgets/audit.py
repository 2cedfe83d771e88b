"""The newest changes in a project, as a timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from fastapi_chatkit.agents.widgets import ShownWidget

from .data import Entry, Project
from .parts import Json, badge, caption, card, column, row, shortened, text, title
from .task_parts import STATUS, day

MAX_ROWS = 25
STATES: Mapping[str, str] = {name: label.lower() for name, (label, _) in STATUS.items()}
VALUE = 60
"""Characters of a value before and after."""


def audit_list(project: Project, entries: Sequence[Entry]) -> ShownWidget:
    """Who changed what, the newest first."""
    shown, more = entries[:MAX_ROWS], max(0, len(entries) - MAX_ROWS)
    children = [title("audit.title", "Changes"), caption("audit.place", f"In {project['name']}"), *map(_entry, shown)]
    lines = [f"Changes in {project['name']}, the newest first:", *map(_line, shown)]
    if not entries:
        children.append(caption("audit.empty", "Nothing has changed yet."))
    if more:
        children.append(caption("audit.more", f"… and {more} more"))
    return card("audit", children, lines, size="lg")


def _entry(entry: Entry) -> Json:
    key = f"audit.{entry['id']}"
    what = [text(f"{key}.what", _what(entry), weight="medium", maxLines=2)]
    if entry["title"]:
        what.append(caption(f"{key}.task", shortened(entry["title"]), truncate=True))
    what += [caption(f"{key}.change.{field}", words, maxLines=2) for field, words in _changes(entry).items()]
    via = [badge(f"{key}.via", "Chat", "discovery", "outline")] if entry["via"] == "chat" else []
    what.append(row(f"{key}.when", [caption(f"{key}.at", _moment(entry["at"])), *via]))
    dot = {"type": "Icon", "id": f"{key}.icon", "name": "dot", "color": "tertiary"}
    return row(key, [dot, column(f"{key}.body", what, flex=1)], align="start", padding={"y": 1})


def _line(entry: Entry) -> str:
    name = f" “{shortened(entry['title'])}”" if entry["title"] else ""
    changes = f" ({'; '.join(_changes(entry).values())})" if entry["changes"] else ""
    return f"{_moment(entry['at'])}: {_what(entry)}{name}{changes}"


def _what(entry: Entry) -> str:
    task = f"task {entry['task_id']} " if entry["task_id"] is not None else ""
    return f"{shortened(entry['actor'], 60)}: {task}{entry['action'].replace('_', ' ')}"


def _changes(entry: Entry) -> dict[str, str]:
    """What has become of each field, in words."""
    return {
        field: f"{field.replace('_', ' ')}: {_value(before)} → {_value(after)}"
        for field, (before, after) in entry["changes"].items()
    }


def _value(value: Any) -> str:
    words = ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else value
    if words in (None, ""):
        return "none"
    return shortened(STATES.get(words, str(words)), VALUE)


def _moment(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return f"{day(moment.date().isoformat())}, {moment:%H:%M} UTC"
