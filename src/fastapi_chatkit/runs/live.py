"""A run that goes on in this process: one answer to one streaming operation. It belongs to the engine, not to a
connection.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from ..identity import Owner
from .run import State, Status

logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class LiveRun:
    """``resumable`` where whoever began it said that they can come back; ``followers`` have come to it."""

    id: str
    owner: Owner
    thread_id: str
    request_id: str
    created_at: str
    state: State
    resumable: bool = False
    readers: int = 0
    followers: int = 0
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def status(self) -> Status:
        """As users call it."""
        return self.state.status

    @property
    def has_ended(self) -> bool:
        """Whether its readers have been told of its end."""
        return self.state.ended is not None

    @property
    def stop_reason(self) -> str | None:
        """Why it ended as it did; ``None`` before, and where it is complete."""
        return self.state.ended.reason if self.state.ended is not None else None

    @property
    def fields(self) -> dict[str, str | None]:
        """What every log line about the run carries."""
        return {
            "run_id": self.id,
            "thread_id": self.thread_id,
            "user_id": self.owner.user_id,
            "request_id": self.request_id,
            "status": self.status,
            "stop_reason": self.stop_reason,
        }

    def report(self) -> None:
        """One line per transition."""
        logger.info("run %s", self.status, extra=self.fields)
