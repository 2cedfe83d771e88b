"""Hearing from a server that its tools have changed, for servers with ``listen``.

One stream a server, not one a user. A server of the stateless protocol is listened to without a user's token, so with
the fixed headers alone: one that wants a user's is not listened to, and its changes are seen when the list has aged,
or when a call names a tool that is gone. A server with sessions is listened to in the session of whoever comes first,
until that session ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcp.shared.exceptions import MCPError

from .caller import NOBODY, current_caller
from .failures import Refused, WireError
from .peer import Peer
from .tasks import Tasks

_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class Listener:
    """Starts a stream where there is none. ``changed`` is called after each gap as well."""

    def __init__(self, tasks: Tasks, changed: Callable[[], None]) -> None:
        self._tasks = tasks
        self._changed = changed
        self._task: asyncio.Task[None] | None = None

    def start(self, peer: Peer) -> None:
        """Listen through this client, unless some other is listened through; not where the server says no changes."""
        if not peer.announces_changes or (self._task is not None and not self._task.done()):
            return
        self._task = self._tasks.spawn(self._listen(peer))

    async def _listen(self, peer: Peer) -> None:
        current_caller.set(NOBODY if peer.modern else peer.caller)  # of this task alone
        pause = _PAUSE
        while True:
            try:
                await peer.listen()
            except (Refused, MCPError):
                return
            except WireError:
                pass
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            self._changed()
