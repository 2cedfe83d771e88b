"""What the user is shown of a tool's answer: the widget that the application has registered for the tool."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from chatkit import types as sdk

from ..base import Turn
from ..tool_result import ToolResult
from ..widgets import WidgetBuilder, item_of
from .context import TurnContext

logger = logging.getLogger(__name__)

OnResult = Callable[[ToolResult, Turn], Iterable[sdk.ThreadStreamEvent]]


class ShownTools:
    """Shows the answers of tools, by the tools' names. ``on_result`` says what else is to be sent after an answer."""

    def __init__(self, builders: Mapping[str, WidgetBuilder], on_result: OnResult) -> None:
        self._builders = builders
        self._on_result = on_result

    def show(self, result: ToolResult, context: TurnContext, *, hold: bool) -> None:
        """Show a result; with ``hold``, once the model has nothing more to do than to say so."""
        widget = item_of(self._builders, result, context.turn)
        if widget is not None:
            done = sdk.ThreadItemDoneEvent(item=widget)
            context.hold(done) if hold else context.emit(done)
        try:
            for event in self._on_result(result, context.turn):
                context.emit(event)
        except Exception:  # of the application's code: the tool has done its work, and the answer goes on
            logger.exception("what follows the answer of %s could not be sent", result.name)
