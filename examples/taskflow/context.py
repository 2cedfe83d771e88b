"""What a turn is about: the project that the page has chosen, and who asks, in which language.

The page sends ``user_name``, ``project_name`` and ``project_id`` as metadata. They are the page's word: the project is
checked by the API, with the user's token, and the names are shown to the model as data. So one that is not the user's
is remembered like any other, and every tool says that there is no such project until the page chooses again: to fall
back to "Default" would put tasks where nobody looks for them.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from chatkit.errors import CustomStreamError

from fastapi_chatkit import Turn

PROJECT = "project_id"
MAX_NAME = 100

NO_PROJECT = "The project that was chosen is not one of yours. Choose it again on the page."


def project_of(turn: Turn) -> int | None:
    """The chosen project, ``None`` for the user's own "Default".

    What the page says with a message counts from then on: actions and answers come without metadata.
    """
    return turn.thread.metadata.get(PROJECT)


def chosen_project(turn: Turn) -> dict[str, Any]:
    """``{"project": {"id", "name"}}`` where one is chosen; the name is the page's word for it."""
    project_id = project_of(turn)
    if project_id is None:
        return {}
    name = _name(turn.context.metadata.get("project_name")) or f"project {project_id}"
    return {"project": {"id": project_id, "name": name}}


def remember_project(turn: Turn) -> None:
    """Keep the project that came with this turn.

    :raises CustomStreamError: it is no project's id; the one before stays.
    """
    if PROJECT not in turn.context.metadata:
        return
    chosen = turn.context.metadata[PROJECT]
    if chosen is not None and not _is_id(chosen):
        raise CustomStreamError(NO_PROJECT)
    turn.thread.metadata = {**turn.thread.metadata, PROJECT: chosen}


def about(turn: Turn, today: date) -> str:
    """What the model is told of the turn, as JSON: data, not instructions."""
    metadata = turn.context.metadata
    known: dict[str, Any] = {
        "today": today.strftime("%A, %Y-%m-%d"),
        "user": _name(metadata.get("user_name")) or turn.context.user_id,
        "project": "Default" if project_of(turn) is None else _name(metadata.get("project_name")),
        "language": turn.context.locale,
    }
    return json.dumps({name: value for name, value in known.items() if value}, ensure_ascii=False)


def _is_id(value: object) -> bool:
    return type(value) is int and 0 < value < 2**31


def _name(value: object) -> str:
    return " ".join(value.split())[:MAX_NAME] if isinstance(value, str) else ""
