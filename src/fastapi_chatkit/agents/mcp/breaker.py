"""When to stop asking a server that does not answer, and one line in the log when that begins and ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from .failures import Refused, TimedOut, Unreachable, is_outage, not_tried
from .server import MCPServer

logger = logging.getLogger(__name__)

FAILURES = 5
"""So many in a row open the circuit."""

PAUSE = 10.0
"""Seconds for which an open circuit fails every call at once; then one call tries."""


class Breaker:
    """The circuit of one server.

    A failure is an outage (failures.py) but for what one call alone may have caused: one that cannot be read is an
    answer, and one that did not come in time is a silence. Silences count among the failures only if the server fails
    otherwise as well, as when it does not list its tools: a slow tool does not take the others away.

    An answer of any kind closes it, a refusal of one user's token included: that says that the server is there.
    """

    def __init__(self, server: MCPServer, clock: Callable[[], float]) -> None:
        self._server = server
        self._clock = clock
        self._failures = 0
        self._silences = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def failing(self) -> bool:
        """Whether the server has failed, and not answered anybody since."""
        return self._failures > 0

    @property
    def in_doubt(self) -> bool:
        """The same, but silence is enough: whether to look if the server is there."""
        return self._failures + self._silences > 0

    @contextmanager
    def watching(self, *, call: bool = False) -> Generator[None]:
        """Around one request; ``call``: it calls a tool.

        :raises ToolFailure: the circuit is open.
        """
        trial = self._enter()
        try:
            yield
        except Exception as error:
            if call and isinstance(error, TimedOut):
                self._unanswered()
            elif is_outage(error) and (not call or isinstance(error, Unreachable | Refused)):
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
        if not self._is_open:
            return False
        if self._trying or self._clock() < self._open_until:
            raise not_tried(self._server)
        self._trying = True
        return True

    @property
    def _is_open(self) -> bool:
        return self._failures > 0 and self._failures + self._silences >= FAILURES

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._pause()
        if self._failures == 1:
            extra = {"server": self._server.name, "reason": type(error).__name__}
            logger.warning("an MCP server does not answer", extra=extra)

    def _unanswered(self) -> None:
        self._silences += 1
        self._pause()

    def _pause(self) -> None:
        if self._is_open:
            self._open_until = self._clock() + PAUSE

    def _succeeded(self) -> None:
        if self._failures:
            logger.info("an MCP server answers again", extra={"server": self._server.name})
        self._failures = self._silences = 0
