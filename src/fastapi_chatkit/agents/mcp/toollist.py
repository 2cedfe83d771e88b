"""The tools of one server as one caller sees them: believed for a while, refreshed in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mcp.shared.exceptions import MCPError
from mcp_types import Tool

from ..tool_result import ToolFailure
from .failures import Refused, Unreachable, WireError
from .tasks import Tasks

logger = logging.getLogger(__name__)

FIRST_WAIT = 10.0
"""Seconds that a list is waited for where there is none yet."""

WAIT = 2.0
"""Seconds that one is waited for where an older list will do, or the server has been failing."""

AGAIN = 5.0
"""The shortest time that a list is believed, and between two attempts where the first one failed, in seconds."""


@dataclass(frozen=True, slots=True)
class Listing:
    """``ttl`` in seconds; ``public``: it is the same for every caller."""

    tools: Sequence[Tool]
    ttl: float
    public: bool


class ToolList:
    """What ``fetch`` answers, kept. Any number of callers share one fetch, which none of them owns.

    ``tools`` is ``None`` until the server has answered; ``failure`` is the last attempt's.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Listing]], tasks: Tasks, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._tasks = tasks
        self._clock = clock
        self._fetching: asyncio.Task[None] | None = None
        self._due = self._next = clock()
        self._changed = False
        self.used_at = clock()
        self.tools: Sequence[Tool] | None = None
        self.failure: Exception | None = None

    def expire(self) -> None:
        """The server said that the list has changed, or showed it: the next one who asks waits for the new one."""
        self._changed = True
        self._due = self._next = self._clock()

    async def get(self, *, failing: bool = False) -> Sequence[Tool] | None:
        """The tools. ``failing``: the server did not answer the last time, so look whether it does again."""
        now = self._clock()
        if self._fetching is None and now >= self._next and (failing or now >= self._due):
            self._fetching = self._tasks.spawn(self._refresh())
        if self._fetching is not None and (self.tools is None or self._changed):
            with suppress(TimeoutError, Unreachable):
                async with asyncio.timeout(WAIT if failing or self.tools is not None else FIRST_WAIT):
                    await self._tasks.join(self._fetching)
        return self.tools

    async def _refresh(self) -> None:
        try:
            listing = await self._fetch()
        except Refused as error:
            # The refused caller's calls will be, too; others need not hear of it, who have been shown the list before.
            self.failure = None if self.tools is not None else error
            self._due = self._clock()
        except Exception as error:
            self.failure = error
            if not isinstance(error, WireError | MCPError | ToolFailure):
                logger.exception("the tools of an MCP server could not be listed")
            self._due = self._clock()
        else:
            self.tools, self.failure, self._changed = listing.tools, None, False
            self._due = self._clock() + listing.ttl
        finally:
            self._next = self._clock() + AGAIN
            self._fetching = None
