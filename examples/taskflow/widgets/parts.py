"""The components that TaskFlow's widgets are made of, as plain data.

Ids stay the same from one state of a widget to the next, so that a page changes what changed and keeps the rest. What
people wrote is shown as ``Text``, ``Caption`` or ``Badge``, never as markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatkit.widgets import DynamicWidgetRoot

from fastapi_chatkit.agents.widgets import ShownWidget

Json = dict[str, Any]

LONGEST = 120
"""Characters of a title where it is one of many."""


def card(card_id: str, children: Sequence[Json], lines: Sequence[str], **properties: Any) -> ShownWidget:
    """A card, and its ``lines`` as text."""
    root = {"type": "Card", "id": card_id, "children": list(children), **properties}
    return ShownWidget(DynamicWidgetRoot.model_validate(root), "\n".join(" ".join(line.split()) for line in lines))


def status(text: str, icon: str) -> Json:
    """What a card says above its content."""
    return {"text": text, "icon": icon}


def text(text_id: str, value: str, **properties: Any) -> Json:
    """A line of text."""
    return {"type": "Text", "id": text_id, "value": value, **properties}


def caption(caption_id: str, value: str, **properties: Any) -> Json:
    """A line beside the point."""
    return {"type": "Caption", "id": caption_id, "value": value, "color": "secondary", **properties}


def title(title_id: str, value: str) -> Json:
    """A card's headline."""
    return {"type": "Title", "id": title_id, "value": value, "size": "sm", "maxLines": 3}


def badge(badge_id: str, label: str, color: str = "secondary", variant: str = "soft") -> Json:
    """A word in a coloured pill."""
    return {"type": "Badge", "id": badge_id, "label": label, "color": color, "variant": variant, "pill": True}


def row(row_id: str, children: Sequence[Json], **properties: Any) -> Json:
    """Components side by side."""
    return {"type": "Row", "id": row_id, "gap": 2, "align": "center", "children": list(children), **properties}


def column(column_id: str, children: Sequence[Json], **properties: Any) -> Json:
    """Components below each other."""
    return {"type": "Col", "id": column_id, "gap": 1, "children": list(children), **properties}


def divider(divider_id: str) -> Json:
    """A line between two parts."""
    return {"type": "Divider", "id": divider_id, "color": "subtle"}


def spacer(spacer_id: str) -> Json:
    """What pushes the rest of a row to its end."""
    return {"type": "Spacer", "id": spacer_id}


def button(button_id: str, label: str, action: Mapping[str, Any], **properties: Any) -> Json:
    """A small button that runs an action."""
    return {"type": "Button", "id": button_id, "label": label, "size": "sm", "onClickAction": action, **properties}


def shortened(value: str, length: int = LONGEST) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(value.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
