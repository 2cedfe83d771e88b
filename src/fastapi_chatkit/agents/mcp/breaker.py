"""When to stop asking a server that does not answer, and one line in the log when that begins and ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from .failures import is_outage, not_tried
from .server import MCPServer

logger = logging.getLogger(__name__)

FAILURES = 5
"""So many in a row open the circuit."""

PAUSE = 10.0
"""Seconds for which an open circuit fails every call at once; then one call tries."""


class Breaker:
    """The circuit of one server.

    An answer of any kind closes it, a refusal of one user's token included: that says that the server is there.
    """

    def __init__(self, server: MCPServer, clock: Callable[[], float]) -> None:
        self._server = server
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def failing(self) -> bool:
        """Whether the last request that came to an end was an outage."""
        return self._failures > 0

    @contextmanager
    def watching(self) -> Generator[None]:
        """Around one request.

        :raises ToolFailure: the circuit is open.
        """
        trial = self._enter()
        try:
            yield
        except Exception as error:
            if is_outage(error):
                self._failed(error)
            else:
                self._succeeded()
            raise
        else:
            self._succeeded()
        finally:
            if trial:
                self._trying = False

    def _enter(self) -> bool:
        if self._failures < FAILURES:
            return False
        if self._trying or self._clock() < self._open_until:
            raise not_tried(self._server)
        self._trying = True
        return True

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = self._clock() + PAUSE
        if self._failures == 1:
            extra = {"server": self._server.name, "reason": type(error).__name__}
            logger.warning("an MCP server does not answer", extra=extra)

    def _succeeded(self) -> None:
        if self._failures:
            self._failures = 0
            logger.info("an MCP server answers again", extra={"server": self._server.name})
