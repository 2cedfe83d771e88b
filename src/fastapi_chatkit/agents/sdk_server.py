"""An agent from an unchanged ``chatkit.server.ChatKitServer`` subclass: its hooks, on this project's runs.

The server's ``process()`` is not called: what it does around the hooks (persistence, ordering, cancellation, errors) is
done by the run, without the faults listed in ``docs/divergences.md``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from chatkit import types as sdk
from chatkit.server import ChatKitServer

from ..events import AgentEvent
from ..identity import RequestContext, given_context
from ..operations import StreamingOperation
from .base import Agent, Turn


class AnsweredByAgent:
    """Marks a server of the SDK whose hooks are not what answers: ``agent`` is."""

    agent: Agent


def agent_of(server: ChatKitServer[Any]) -> Agent:
    """What answers for a server."""
    return server.agent if isinstance(server, AnsweredByAgent) else SDKServerAgent(server)


class SDKServerAgent(Agent):
    """Calls a server's ``respond``, ``action``, ``sync_action`` and the rest with the context of whoever asks."""

    def __init__(self, server: ChatKitServer[Any]) -> None:
        self._server = server

    @property
    def label(self) -> str:
        """The server's class."""
        return type(self._server).__name__

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """``respond(thread, message, context)``."""
        return self._server.respond(turn.thread, turn.message, given_context(turn.context))

    def check(self, operation: StreamingOperation) -> None:
        """Actions need a handler."""
        if not self._overrides("action"):
            super().check(operation)

    def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """``action(thread, action, sender, context)``."""
        if turn.action is None:
            return super().act(turn)
        return self._server.action(turn.thread, turn.action, turn.sender, given_context(turn.context))

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        """``sync_action(thread, action, sender, context)``."""
        if turn.action is None or not self._overrides("sync_action"):
            return await super().sync_act(turn)
        return await self._server.sync_action(turn.thread, turn.action, turn.sender, given_context(turn.context))

    async def feedback(self, thread_id: str, item_ids: list[str], kind: str, context: RequestContext) -> None:
        """``add_feedback(thread_id, item_ids, kind, context)``."""
        verdict: sdk.FeedbackKind = "positive" if kind == "positive" else "negative"
        await self._server.add_feedback(thread_id, item_ids, verdict, given_context(context))

    async def transcribe(self, audio: sdk.AudioInput, context: RequestContext) -> sdk.TranscriptionResult:
        """``transcribe(audio, context)``."""
        if not self._overrides("transcribe"):
            return await super().transcribe(audio, context)
        return await self._server.transcribe(audio, given_context(context))

    def stream_options(self, turn: Turn) -> sdk.StreamOptions:
        """``get_stream_options(thread, context)``."""
        return self._server.get_stream_options(turn.thread, given_context(turn.context))

    async def stopped(self, turn: Turn, pending: list[sdk.ThreadItem]) -> bool:
        """``handle_stream_cancelled`` where it is overridden; the SDK's own is done by the run, in one transaction."""
        if not self._overrides("handle_stream_cancelled"):
            return False
        await self._server.handle_stream_cancelled(turn.thread, pending, given_context(turn.context))
        return True

    def _overrides(self, name: str) -> bool:
        return getattr(type(self._server), name) is not getattr(ChatKitServer, name)
