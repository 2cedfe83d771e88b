"""The processes that work on one database, as one of them sees the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from ..store.base import Replica

logger = logging.getLogger(__name__)

BELIEVED_SECONDS = 15.0
"""How long several processes must be seen: one that died is taken to be alive until its lease has ended."""


class Peers:
    """What is wrong with the processes as they are: several, and not all of them share their event log."""

    def __init__(self, shares_log: bool) -> None:
        self._shares_log = shares_log
        self._since: float | None = None
        self._told = False
        self.alive: Sequence[Replica] = ()

    def see(self, alive: Sequence[Replica]) -> None:
        """Those that are alive now. What stays wrong is said once in the log."""
        self.alive = alive
        apart = len(alive) > 1 and not all(replica.shares_log for replica in alive)
        self._since = (self._since or time.monotonic()) if apart else None
        if not apart:
            self._told = False
        elif self.problem is not None and not self._told:
            self._told = True
            logger.warning("%s", self.problem)

    @property
    def problem(self) -> str | None:
        """What an operator should know and do; ``None`` where all is well, or it is too early to tell."""
        if self._since is None or time.monotonic() - self._since < BELIEVED_SECONDS:
            return None
        without = sum(not replica.shares_log for replica in self.alive)
        return (
            f"{len(self.alive)} processes work on this database and {without} of them without Redis: "
            "answers are followed from another process second by second. Set the same CHATKIT_REDIS_URL for all."
        )
