"""How often something is tried again, and how long to wait before it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from .errors import Busy, ClientError


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give up. All times are in seconds.

    Without a new event, at most ``attempts`` in a row are made within ``seconds``; each event begins the count anew.
    Before each is a wait that doubles from ``first_delay`` to at most ``max_delay``, of which half is random, or the
    ``Retry-After`` of a 429 or 503 where that is longer. A connection on which no byte has come for ``silence`` counts
    as broken: a server sends something every 15 s. (One without runs sends nothing while its model thinks, and gets
    five minutes.)
    """

    attempts: int = 12
    seconds: float = 120
    first_delay: float = 0.25
    max_delay: float = 10
    silence: float = 45


class Retries:
    """What has been tried since the last progress."""

    def __init__(self, patience: Patience, clock: Callable[[], float] = monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._since: float | None = None
        self.attempt = 0

    def progress(self) -> None:
        """Something new has come."""
        self._since = None
        self.attempt = 0

    def delay(self, error: ClientError) -> float:
        """How long to wait before the next attempt, after ``error``. Raises it when patience is at its end."""
        now = self._clock()
        self._since = now if self._since is None else self._since
        delay = min(self._patience.first_delay * 2 ** min(self.attempt, 32), self._patience.max_delay)
        delay *= random.uniform(0.5, 1)  # noqa: S311 - clients that lost one server must not come back all at once
        if isinstance(error, Busy) and error.retry_after is not None:
            delay = max(delay, error.retry_after)
        if self.attempt >= self._patience.attempts or now + delay - self._since > self._patience.seconds:
            raise error
        self.attempt += 1
        return delay
