"""Whether Redis can be used, as those find it who use it: said in the server's log once, not by each and every time."""

from __future__ import annotations

import asyncio
import logging
import time

from ..base import LogUnavailable
from .failures import failure_of

REMIND_SECONDS = 60.0
"""How often the server's log says that something is still wrong, at most."""

logger = logging.getLogger(__name__)


class Health:
    """What is wrong with whichever part of the log. ``shown`` says where Redis is."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._wrong: dict[str, Exception] = {}
        self._since = 0.0
        self._said: dict[str, float] = {}
        """What was said of it, and when."""
        self.recovered = asyncio.Event()
        """Set when nothing is wrong any more."""

    def failed(self, part: str, error: Exception) -> None:
        """A part could not use Redis."""
        now = time.monotonic()
        if not self._wrong:
            self._since, self._said = now, {}
        is_first = self._wrong.pop(part, None) is None
        self._wrong[part] = error  # the last one now
        words = self.words_for(error)
        if is_first or now - self._said.get(words, -REMIND_SECONDS) < REMIND_SECONDS:
            return  # a connection that was lost may be found again at once
        self._said[words] = now
        logger.warning("%s. Runs go on; in other processes they cannot be followed word by word.", words)

    def works(self, part: str) -> None:
        """A part could."""
        if self._wrong.pop(part, None) is None or self._wrong:
            return
        self.recovered.set()
        if self._said:
            logger.info("Redis (%s) can be used again, after %.1f s", self._shown, time.monotonic() - self._since)

    def check(self) -> None:
        """:raises LogUnavailable: some part could not when it last tried."""
        if self._wrong:
            raise LogUnavailable(self._words())

    def _words(self) -> str:
        seconds = time.monotonic() - self._since
        return f"{self.words_for(next(reversed(self._wrong.values())))} (for {seconds:.0f} s)"

    def words_for(self, error: Exception) -> str:
        """What an error means, for the operator."""
        return failure_of(error).at(self._shown)
