"""An agent made of functions: ``@chat.respond`` and its siblings.

A responder is an async generator that yields ``str`` (text of one growing assistant message), any event of the SDK, or
a widget. Text on both sides of anything else belongs to two messages.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import cast

from chatkit import types as sdk
from chatkit.widgets import WidgetComponentBase, WidgetRoot

from ..events import EVENT_TYPES, AgentEvent, TextDelta
from ..identity import RequestContext
from ..ids import new_id
from ..operations import CustomAction, StreamingOperation
from .actions import Actions
from .base import Agent, Turn, closing_stream
from .text_message import TextMessage

Yielded = str | AgentEvent | WidgetRoot
Responder = Callable[[Turn], AsyncIterator[Yielded]]
SyncActionHandler = Callable[[Turn], Awaitable[sdk.ThreadItem | None]]
FeedbackHandler = Callable[[str, list[str], str, RequestContext], Awaitable[None]]
Transcriber = Callable[[sdk.AudioInput, RequestContext], Awaitable[str]]


EXPECTED = (
    "must be an async generator function that takes the turn: `async def reply(turn): yield ...`, "
    "yielding str, events or widgets"
)


class FunctionAgent(Agent):
    """Calls the functions that were registered, and ``fallback`` for everything else.

    The attributes are set by :class:`~fastapi_chatkit.ChatKit`'s decorators. A widget action is handled by the first
    that can: a typed handler of ``own_actions``, one of the fallback's ``actions``, ``actor`` or ``sync_actor``, the
    fallback itself.
    """

    def __init__(self, fallback: Callable[[], Agent], actions: Actions | None = None) -> None:
        self._make_fallback = fallback
        self.own_actions = actions if actions is not None else Actions()
        self._fallback: Agent = _NoAgent()
        self.responder: Responder | None = None
        self.actor: Responder | None = None
        self.sync_actor: SyncActionHandler | None = None
        self.on_feedback: FeedbackHandler | None = None
        self.transcriber: Transcriber | None = None

    def prepare(self) -> None:
        """Make the fallback, when the functions are registered and before the first request: a model's SDK takes
        seconds to load. A responder of one's own needs none.
        """
        if self.responder is None:
            self._fallback = self._make_fallback()

    def check(self, operation: StreamingOperation) -> None:
        """What no function handles is the fallback's to refuse."""
        handler = self.responder
        if isinstance(operation, CustomAction):
            handler = self.actor
            if (typed := self._typed(operation.action.type)) is not None:
                typed.check(operation)
                return
        if handler is None:
            self._fallback.check(operation)

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Run the responder."""
        if self.responder is None:
            return self._fallback.respond(turn)
        return _events(turn, _started(self.responder, turn))

    def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Run the action handler."""
        if (typed := self._typed_for(turn)) is not None:
            return typed.act(turn)
        if self.actor is None:
            return self._fallback.act(turn)
        return _events(turn, _started(self.actor, turn))

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        """Run the synchronous action handler."""
        if (typed := self._typed_for(turn)) is not None:
            return await typed.sync_act(turn)
        if self.sync_actor is None:
            return await self._fallback.sync_act(turn)
        return sdk.SyncCustomActionResponse(updated_item=await self.sync_actor(turn))

    def _typed_for(self, turn: Turn) -> Actions | Agent | None:
        return self._typed(turn.action.type) if turn.action is not None else None

    def _typed(self, action_type: str) -> Actions | Agent | None:
        """Whoever has a typed handler of actions of this type."""
        if self.own_actions.handles(action_type):
            return self.own_actions
        theirs = self._fallback.actions
        return self._fallback if theirs is not None and theirs.handles(action_type) else None

    async def feedback(self, thread_id: str, item_ids: list[str], kind: str, context: RequestContext) -> None:
        """Pass feedback on."""
        if self.on_feedback is not None:
            await self.on_feedback(thread_id, item_ids, kind, context)
        else:
            await self._fallback.feedback(thread_id, item_ids, kind, context)

    async def transcribe(self, audio: sdk.AudioInput, context: RequestContext) -> sdk.TranscriptionResult:
        """Run the transcriber."""
        if self.transcriber is None:
            return await self._fallback.transcribe(audio, context)
        return sdk.TranscriptionResult(text=await self.transcriber(audio, context))

    def stream_options(self, turn: Turn) -> sdk.StreamOptions:
        """The fallback's."""
        return self._fallback.stream_options(turn)

    async def stopped(self, turn: Turn, pending: list[sdk.ThreadItem]) -> bool:
        """The fallback's."""
        return await self._fallback.stopped(turn, pending)

    async def close(self) -> None:
        """Close the fallback."""
        await self._fallback.close()


class _NoAgent(Agent):
    """Behind a responder there is nothing else to ask: every other call gets the port's defaults."""

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        raise NotImplementedError("a responder is registered")


def responder(function: Responder) -> Responder:
    """The function, checked.

    :raises TypeError: it cannot be a responder; the message says what is expected.
    """
    wrong_kind = any(test(function) for test in (inspect.iscoroutinefunction, inspect.isgeneratorfunction))
    if wrong_kind or not _takes_a_turn(function):
        raise TypeError(f"{_name(function)} {EXPECTED}")
    return function


def _takes_a_turn(function: Responder) -> bool:
    try:
        inspect.signature(function).bind(object())
    except TypeError:
        return False
    return True


def _started(function: Responder, turn: Turn) -> AsyncIterator[Yielded]:
    stream = function(turn)
    if not isinstance(cast("object", stream), AsyncIterator):
        raise TypeError(f"{_name(function)} {EXPECTED}")
    return stream


def _name(function: object) -> str:
    return getattr(function, "__qualname__", repr(function))


async def _events(turn: Turn, yielded: AsyncIterator[Yielded]) -> AsyncIterator[AgentEvent]:
    """What a responder yields, as events."""
    message: TextMessage | None = None
    async with closing_stream(yielded):
        async for value in yielded:
            if isinstance(value, str):
                if message is None:
                    message = TextMessage()
                    yield message.begin()
                yield message.delta(value)
                continue
            if message is not None and not _is_aside(value):
                yield message.end()
                message = None
            yield _event(turn, value)
    if message is not None:
        yield message.end(last=True)


_ASIDES = (TextDelta, sdk.ProgressUpdateEvent, sdk.ClientEffectEvent, sdk.NoticeEvent, sdk.StreamOptionsEvent)


def _is_aside(value: AgentEvent | WidgetRoot) -> bool:
    """Whether it is no item of its own and may come in the middle of a message."""
    return isinstance(value, _ASIDES)


def _event(turn: Turn, value: AgentEvent | WidgetRoot) -> AgentEvent:
    if isinstance(value, WidgetComponentBase):
        widget = sdk.WidgetItem(
            id=new_id("message"),
            thread_id=turn.thread.id,
            created_at=datetime.now(),  # the SDK's models carry naive local times
            widget=value,
        )
        return sdk.ThreadItemDoneEvent(item=widget)
    if not isinstance(cast("object", value), EVENT_TYPES):
        raise TypeError(f"a responder may yield str, an event or a widget, not {type(value).__name__}")
    return value
