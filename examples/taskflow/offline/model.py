"""The stand-in as a model of the OpenAI Agents SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

from agents import Model, ModelResponse, Tool, TResponseInputItem, Usage
from agents.items import TResponseStreamEvent
from openai.types.responses import ResponseTextDeltaEvent

from fastapi_chatkit.agents.offline.texts import shortened

from .conversation import Conversation
from .planner import Step, next_step
from .responses import MODEL_NAME, Numbered, output_of, whole

TITLE_LENGTH = 60
_ASKS_FOR_TITLE = "title for this conversation"
"""What instructions say that want a conversation's title instead of an answer."""


class OfflineTaskModel(Model):
    """Stands in for a model where none is configured: understands task phrases by rules, and says so.

    It keeps no state: each call is answered from the conversation that it is given, and asks for no tool that it is not
    given. ``delay`` is the time before each piece of streamed text in seconds; 0 never waits. ``today`` tells the day
    that "tomorrow" is counted from: by default the machine's.
    """

    model = MODEL_NAME

    def __init__(self, delay: float = 0.02, *, today: Callable[[], date] = date.today) -> None:
        self._delay = delay
        self._today = today

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: Any,
        tools: list[Tool],
        *args: Any,
        **options: Any,
    ) -> ModelResponse:
        """The answer at once."""
        response = whole(output_of(self._step(system_instructions, input, tools)))
        return ModelResponse(output=response.output, usage=Usage(requests=1), response_id=None)

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: Any,
        tools: list[Tool],
        *args: Any,
        **options: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """The answer in pieces of about a word."""
        output = output_of(self._step(system_instructions, input, tools))
        for event in Numbered().events(output):
            if self._delay > 0 and isinstance(event, ResponseTextDeltaEvent):
                await asyncio.sleep(self._delay)
            yield event

    def _step(self, instructions: str | None, input: str | list[TResponseInputItem], tools: list[Tool]) -> Step:
        conversation = Conversation.of(input)
        if asks_for_title(instructions or ""):
            return title_of(conversation)
        return next_step(conversation, {tool.name for tool in tools}, self._today())


def asks_for_title(instructions: str) -> bool:
    """Whether a title is wanted, not an answer."""
    return _ASKS_FOR_TITLE in " ".join(instructions.split()).lower()


def title_of(conversation: Conversation) -> str:
    """A conversation's title: the user's first words, at most ``TITLE_LENGTH`` characters."""
    words = shortened(conversation.first_words(), TITLE_LENGTH).rstrip(" .!,;:")
    return words[:1].upper() + words[1:] if words else "New conversation"
