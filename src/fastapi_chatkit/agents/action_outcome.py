"""What a widget's action has come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatkit.widgets import WidgetRoot

from ..events import AgentEvent
from .tool_log import ToolRecord
from .widgets import ShownWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutcome:
    """What an action has come to.

    - ``widget`` takes the place of the one that was used; ``None`` leaves that as it is.
    - ``text`` is said to the user, in markdown; ``events`` follow it (client effects, notices). Neither reaches the
      caller of a synchronous action, who gets the widget alone.
    - ``history`` is what later turns know of it.
    - ``failed``: it was not done, and ``text`` says why. A synchronous action without a widget is refused with it.
    """

    widget: ShownWidget | WidgetRoot | None = None
    text: str | None = None
    events: Sequence[AgentEvent] = ()
    history: Sequence[ToolRecord] = ()
    failed: bool = False
