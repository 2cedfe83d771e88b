"""Processes that use one database and cannot hear each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Process(Protocol):
    """A process that is alive, and whether others can follow what it says."""

    @property
    def shares_log(self) -> bool: ...


def said_of(processes: Collection[Process]) -> str | None:
    """What is wrong with the processes that use one database, in words for the operator; ``None`` where nothing is."""
    alone = sum(not process.shares_log for process in processes)
    if len(processes) < 2 or not alone:
        return None
    who = "none of them has" if alone == len(processes) else f"{alone} of them {'has' if alone == 1 else 'have'} not"
    return (
        f"{len(processes)} processes use this database, and {who} CHATKIT_REDIS_URL: an answer that one of them writes "
        "is not followed word by word in another; set it, to the same Redis for all, or run one process"
    )
