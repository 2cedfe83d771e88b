"""What a reply of the offline agent is made of: steps, and the conversation that they answer.

Replies are plain generators of steps. Pace and streaming are added where the steps are played (``offline.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from chatkit import types as sdk

from ...events import AgentEvent
from ..base import Turn

HISTORY = 100
"""How many of the newest items are looked at."""


class Pause(NamedTuple):
    """A wait, as long as ``beats`` pieces of streamed text take."""

    beats: int = 1


class Fail(NamedTuple):
    """Begin a message with ``said``, then fail with ``message`` for the user, who may retry."""

    said: str
    message: str


Step = str | Pause | Fail | AgentEvent
"""A string is one whole assistant message, in markdown; an event is passed on as it is."""

Steps = Iterator[Step]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A turn with the newest ``HISTORY`` items of its thread, oldest first."""

    turn: Turn
    items: list[sdk.ThreadItem]

    @property
    def number(self) -> int | None:
        """Which of the user's messages this is, from 1; ``None`` where the thread is longer than what was read."""
        if len(self.items) >= HISTORY:
            return None
        return sum(isinstance(item, sdk.UserMessageItem) for item in self.items)

    @property
    def was_stopped(self) -> bool:
        """Whether the user stopped the answer before this message."""
        return len(self.items) > 1 and isinstance(self.items[-2], sdk.SDKHiddenContextItem)

    def tool_call(self) -> sdk.ClientToolCallItem | None:
        """The newest client tool call that has its output."""
        calls = (item for item in reversed(self.items) if isinstance(item, sdk.ClientToolCallItem))
        return next((call for call in calls if call.status == "completed"), None)

    def answers(self) -> sdk.StructuredInputItem | None:
        """The newest questions that were answered or skipped."""
        asked = (item for item in reversed(self.items) if isinstance(item, sdk.StructuredInputItem))
        return next((item for item in asked if item.status != "pending"), None)
