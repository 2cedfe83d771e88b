"""The processes that use one database, as one of them sees the others: can they hear each other?"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from ..store.base import Replica

logger = logging.getLogger(__name__)

BELIEVED_SECONDS = 15.0
"""How long something must be seen before it is said: a process that died is alive until its lease has ended."""


class Peers:
    """What is wrong with the processes that are alive."""

    def __init__(self) -> None:
        self._alive: Sequence[Replica] = ()
        self._since: float | None = None
        self._told = False

    def see(self, alive: Sequence[Replica]) -> None:
        """Those that are alive now. What stays wrong is said once in the log."""
        self._alive = alive
        if said_of(alive) is None:
            self._since, self._told = None, False
        else:
            self._since = self._since or time.monotonic()
        problem = self.problem
        if problem is not None and not self._told:
            self._told = True
            logger.warning("%s", problem)

    @property
    def problem(self) -> str | None:
        """What an operator should know and do; ``None`` where all is well, or it is too early to tell."""
        if self._since is None or time.monotonic() - self._since < BELIEVED_SECONDS:
            return None
        return said_of(self._alive)


def said_of(processes: Sequence[Replica]) -> str | None:
    """What is wrong with the processes that use one database, in words for the operator; ``None`` where nothing is."""
    alone = sum(process.log_id is None for process in processes)
    logs = {process.log_id for process in processes if process.log_id}
    if len(processes) > 1 and not alone and len(logs) > 1:
        return (
            f"{len(processes)} processes use this database, and {len(logs)} different Redis servers or databases of "
            "one: an answer that one of them writes is not followed word by word in another; give all the same "
            "CHATKIT_REDIS_URL"
        )
    if len(processes) < 2 or not alone:
        return None
    who = "none of them has" if alone == len(processes) else f"{alone} of them {'has' if alone == 1 else 'have'} not"
    return (
        f"{len(processes)} processes use this database, and {who} CHATKIT_REDIS_URL: an answer that one of them writes "
        "is not followed word by word in another; set it, to the same Redis for all, or run one process"
    )
