"""The agent that answers while no model is connected: it says so, and shows what the server can do.

Its replies take the path of any other agent's: streamed markdown, progress, widgets and their actions, client tools,
questions, workflows, notices and errors, each on demand.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator

from chatkit import types as sdk
from chatkit.errors import CustomStreamError

from ...errors import InvalidRequest
from ...events import AgentEvent
from ...operations import StreamingOperation
from ..base import Agent, Turn
from ..text_message import TextMessage
from .replies import answer
from .steps import HISTORY, Conversation, Fail, Pause, Steps
from .texts import shortened
from .widgets import changed_widget, react

TITLE_LENGTH = 60

_PIECE = re.compile(r"\s*\S{1,8}|\s+")
"""A piece of streamed text, about as long as a model's token."""


class OfflineAgent(Agent):
    """Answers without a model. ``delay`` is the time for each piece of text, in seconds; 0 never waits."""

    def __init__(self, *, delay: float = 0.025) -> None:
        self._delay = delay

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Do what the message asks for by name, else give it back."""
        return self._play(turn, answer)

    def check(self, operation: StreamingOperation) -> None:
        """Everything is answered, actions too."""

    def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Change the widget whose button was pressed."""
        return self._play(turn, react)

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        """Change the widget whose button was pressed."""
        changed = changed_widget(turn)
        if changed is None:
            raise InvalidRequest("The offline agent handles the actions of its own widgets only")
        return sdk.SyncCustomActionResponse(updated_item=changed)

    async def _play(self, turn: Turn, reply: Callable[[Conversation], Steps]) -> AsyncIterator[AgentEvent]:
        conversation = Conversation(turn, await turn.history(HISTORY))
        _name(turn)
        for event in _events(reply(conversation)):
            if not isinstance(event, Pause):
                yield event
            elif self._delay > 0:
                await asyncio.sleep(self._delay * event.beats)


def _name(turn: Turn) -> None:
    """Give a thread without a title the beginning of the message."""
    if turn.thread.title is None and turn.message is not None:
        names = " ".join(attachment.name for attachment in turn.message.attachments)
        turn.thread.title = shortened(turn.text, TITLE_LENGTH) or shortened(names, TITLE_LENGTH) or None


def _events(steps: Steps) -> Iterator[AgentEvent | Pause]:
    """The steps as events, text in pieces with a pause after each.

    :raises CustomStreamError: a step that fails was reached.
    """
    for step in steps:
        if not isinstance(step, str | Fail):
            yield step
            continue
        message = TextMessage()
        yield message.begin()
        for piece in _PIECE.findall(step.said if isinstance(step, Fail) else step):
            yield message.delta(piece)
            yield Pause()
        if isinstance(step, Fail):
            raise CustomStreamError(step.message, allow_retry=True)
        yield message.end()
