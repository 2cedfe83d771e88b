"""Widgets from what tools answer: a registry of builders by the tool's name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chatkit import types as sdk
from chatkit.widgets import WidgetRoot

from .base import Turn
from .tool_result import ToolResult

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownWidget:
    """A widget, and what copying it gives: the same as text, which is also what a model is told of it."""

    widget: WidgetRoot
    copy_text: str | None = None


WidgetBuilder = Callable[[ToolResult, Turn], ShownWidget | WidgetRoot | None]
"""What shows a tool's answer; ``None`` where there is nothing to show. Builders are registered by the tool's name."""


def shown(widget: ShownWidget | WidgetRoot) -> ShownWidget:
    """Either form as the one."""
    return widget if isinstance(widget, ShownWidget) else ShownWidget(widget)


def new_item(turn: Turn, widget: ShownWidget | WidgetRoot) -> sdk.WidgetItem:
    """A new item of the turn's thread that shows the widget."""
    content = shown(widget)
    return sdk.WidgetItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        widget=content.widget,
        copy_text=content.copy_text,
    )


def changed_item(item: sdk.WidgetItem, widget: ShownWidget | WidgetRoot) -> sdk.WidgetItem:
    """The item with another widget in the same place."""
    content = shown(widget)
    return item.model_copy(update={"widget": content.widget, "copy_text": content.copy_text})


def item_of(builders: Mapping[str, WidgetBuilder], result: ToolResult, turn: Turn) -> sdk.WidgetItem | None:
    """The item that shows a tool's answer; ``None`` where the tool has no builder, did not do it, or shows nothing.

    A builder that fails is logged and shows nothing: the answer goes on in words.
    """
    builder = builders.get(result.name)
    if builder is None or result.failed:
        return None
    try:
        widget = builder(result, turn)
        return new_item(turn, widget) if widget is not None else None
    except Exception:  # of the application's code
        logger.exception("the widget of tool %s could not be built", result.name)
        return None
