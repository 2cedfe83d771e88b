"""The server's hooks as an agent, for a caller who expects what the SDK does when one of them is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit.server import ChatKitServer

from ..agents.base import Turn, closing_stream
from ..agents.sdk_server import SDKServerAgent
from ..events import AgentEvent


class CancellableServerAgent(SDKServerAgent):
    """An answer that is cancelled from inside is stopped, not failed. ``cancel`` stops the run of an id."""

    def __init__(self, server: ChatKitServer[Any], cancel: Callable[[str], None]) -> None:
        super().__init__(server)
        self._cancel = cancel

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """``respond(thread, message, context)``."""
        return self._cancellable(turn, super().respond(turn))

    def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """``action(thread, action, sender, context)``."""
        return self._cancellable(turn, super().act(turn))

    async def _cancellable(self, turn: Turn, stream: AsyncIterator[AgentEvent]) -> AsyncIterator[AgentEvent]:
        try:
            async with closing_stream(stream):
                async for event in stream:
                    yield event
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():  # nobody cancelled this run: it comes from the hook
                self._cancel(turn.run_id)
                await asyncio.sleep(0)  # where the cancellation arrives
            raise
