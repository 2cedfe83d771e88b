"""An assistant message that grows, for agents that only have text."""

from __future__ import annotations

from ..events import AgentEvent, MessageBegin, MessageEnd, TextDelta
from ..ids import new_id


class TextMessage:
    """One message with one text part: ``begin()``, then ``delta(text)`` any number of times, then ``end()``."""

    __slots__ = ("id",)

    def __init__(self) -> None:
        self.id = new_id("message")

    def begin(self) -> AgentEvent:
        """The message appears, empty."""
        return MessageBegin(self.id)

    def delta(self, text: str) -> TextDelta:
        """More text."""
        return TextDelta(self.id, 0, text)

    def end(self, *, last: bool = False) -> AgentEvent:
        """The message is complete; ``last`` where no code of the agent's runs after it."""
        return MessageEnd(self.id, last)
